import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { describeJsonProblem, type Json, type JsonProblem, readJson } from './json.ts';
import { plainValue } from './parse-json.ts';

const MiB = 1024 * 1024;

/** A name with a backslash, written in full or as an escape; also matches some other texts. */
const BACKSLASH_IN_NAME = /\\(?:\\|u005c)[^"]{0,99}(?:\\"[^"]{0,99}){0,9}"\s*:/i;

/**
 * Whether the reader agrees with `JSON.parse`: the same value, or malformed. A text with a name that holds a backslash is not
 * compared, because after it `JSON.parse` of Node.js 24 and 26 misreads others.
 */
function agrees(text: string): boolean {
  const reading = readJson(text);
  if (BACKSLASH_IN_NAME.test(text)) return true;
  let expected: unknown;
  try {
    expected = JSON.parse(text);
  } catch {
    return 'problem' in reading;
  }
  return 'value' in reading && isDeepStrictEqual(plainValue(reading.value), expected);
}

function isMalformed(text: string): boolean {
  return 'problem' in readJson(text);
}

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n'), maxLength: 3 });
const token = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-0', '200', '200.0', '2e2', '-1.5E+10', '0.1e-7', '1e999'),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const stringToken = fc
  .array(
    fc.oneof(
      fc.constantFrom('\\u0041', '\\ud83d', '\\uDE80', '\\n', '\\/', '\\\\', '\\"', '\u2028', '\ud800', '🚀'),
      fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value).slice(1, -1)),
    ),
    { maxLength: 5 },
  )
  .map((pieces) => `"${pieces.join('')}"`);
/** Few names, so that names repeat. */
const nameToken = fc.oneof(stringToken, fc.constantFrom('"a"', '"\\u0061"', '"__proto__"', '"7"', '""'));

/** Legal JSON in forms that no encoder writes. */
const { value: jsonText } = fc.letrec<{ value: string; bare: string }>((tie) => ({
  bare: fc.oneof(
    { depthSize: 'medium' },
    token,
    stringToken,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(space, nameToken, space, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([s, name, e, value]) => `${s}${name}${e}:${value}`).join(',')}}`),
    space.map((between) => `[${between}]`),
    space.map((between) => `{${between}}`),
  ),
  value: fc.tuple(space, tie('bare'), space).map((parts) => parts.join('')),
}));

/** A text with pieces removed and characters inserted. */
const mutatedText = fc
  .tuple(
    jsonText,
    fc.array(
      fc.record({
        at: fc.nat(),
        drop: fc.nat(3),
        insert: fc.constantFrom('', ...'{}[]",:\\/u0e+-.1 \n\u0000\u0001\u00a0\ufefftfn', '\ud800', 'null'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, { at, drop, insert }) => {
      const place = at % (changed.length + 1);
      return changed.slice(0, place) + insert + changed.slice(place + drop);
    }, text),
  );

t.test('reads every legal text to the same value as JSON.parse', async () => {
  fc.assert(
    fc.property(jsonText, (text) => !isMalformed(text) && agrees(text)),
    { numRuns: 500 },
  );
});

t.test('agrees with JSON.parse on damaged texts', async () => {
  fc.assert(fc.property(mutatedText, agrees), { numRuns: 3000 });
});

t.test('agrees with JSON.parse on any string', async () => {
  const jsonLike = fc.string({
    unit: fc.constantFrom(...'{}[]",:\\/u0123456789eE+-. \t\ntrufalsn\u0000\ufeff'),
  });
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), jsonLike), agrees), { numRuns: 1000 });
});

t.test('agrees with JSON.parse on common mistakes of parsers', async (t) => {
  const texts = [
    ...[
      '',
      ' ',
      '\ufeff{}',
      '\u00a01',
      '1\u0000',
      '{} {}',
      '[1,]',
      '[,1]',
      '{"a":1,}',
      '{,}',
      '{"a"}',
      '{"a":}',
    ],
    ...[
      '{a:1}',
      "{'a':1}",
      '01',
      '-',
      '+1',
      '.5',
      '1.',
      '1e',
      '1e+',
      '0x10',
      'NaN',
      'Infinity',
      'nul',
      'True',
    ],
    ...[
      '"',
      '"\\',
      '"\\"',
      '"\\x41"',
      '"\\u12"',
      '"\n"',
      '"\u0000"',
      '"\u007f"',
      '"\u2028"',
      '//c\n1',
      '1-1',
    ],
    ...['"a" "b"', '[1 2]', '{"a" 1}', '{"a":1 "b":2}', '[', ']', '{', '}', '[}', '{]', ',', ':'],
  ];
  t.strictSame(
    texts.filter((text) => !agrees(text)),
    [],
  );
});

t.test('each problem has a code, an offset and words', async (t) => {
  const problems: readonly [text: string, problem: JsonProblem, words: string][] = [
    ['{} x', { code: 'trailing-data', at: 3 }, 'something stands behind the value, at character 3'],
    [
      '['.repeat(513),
      { code: 'too-deep', at: 512 },
      'more than 512 containers inside each other, at character 512',
    ],
    ['[tru]', { code: 'unknown-literal', at: 1 }, 'no value begins here, at character 1'],
    ['[1,]', { code: 'value-missing', at: 3 }, 'a value or a name is missing, at character 3'],
    ['{a:1}', { code: 'value-missing', at: 1 }, 'a value or a name is missing, at character 1'],
    ['[01]', { code: 'malformed-token', at: 1 }, 'no legal string or number, at character 1'],
    ['{"a" 1}', { code: 'colon-missing', at: 5 }, ': expected, at character 5'],
    ['{"a":1 "b":2}', { code: 'object-not-closed', at: 7 }, '} expected, at character 7'],
    ['["é" 2]', { code: 'array-not-closed', at: 5 }, '] expected, at character 5'],
  ];
  for (const [text, problem, words] of problems) {
    t.strictSame(readJson(text), { problem }, text.slice(0, 20));
    t.equal(describeJsonProblem(problem), words);
  }
});

t.test('keeps how a number was written', async (t) => {
  for (const text of ['200', '200.0', '2e2', '-0', '123456789012345678901234567890']) {
    t.strictSame(readJson(` ${text}\n`), { value: { type: 'number', text } });
  }
});

t.test('the last of several equal names counts, and no name is special', async (t) => {
  const one: Json = { type: 'number', text: '1' };
  const two: Json = { type: 'number', text: '2' };
  t.strictSame(readJson('{"a":1,"\\u0061":2}'), {
    value: { type: 'object', members: new Map([['a', two]]) },
  });
  const members = new Map([
    ['__proto__', one],
    ['constructor', two],
  ]);
  t.strictSame(readJson('{"__proto__":1,"constructor":2}'), { value: { type: 'object', members } });
});

t.test('reads 512 nested containers and no more, and never overflows the stack', async (t) => {
  const array = (depth: number, inner = '') => '['.repeat(depth) + inner + ']'.repeat(depth);
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`;
  t.ok(agrees(array(512)));
  t.ok(agrees(array(512, '0')));
  t.ok(agrees(nested(512)));
  t.ok(isMalformed(array(513)));
  t.ok(isMalformed(array(513, '0')));
  t.ok(isMalformed(nested(513)));
  t.ok(isMalformed(array(100_000)));
  t.ok(isMalformed('['.repeat(MiB)));
  t.ok(isMalformed('{"a":'.repeat(MiB)));
  t.ok(agrees(`[${array(512 - 1)},${array(512 - 1)}]`), 'the depth counts, not the number');
});

t.test('a megabyte of one token does not overflow the stack', async (t) => {
  t.ok(agrees(`"${'a'.repeat(MiB)}"`));
  t.ok(agrees(`"${'\\u00e9'.repeat(MiB / 4)}"`));
  t.ok(agrees('1'.repeat(MiB)));
  t.ok(agrees(`0.${'1'.repeat(MiB)}`));
  t.ok(agrees(`${' '.repeat(MiB)}null${'\n'.repeat(MiB)}`));
  t.ok(agrees(`[${'0,'.repeat(MiB / 4)}0]`));
  t.ok(agrees(`"${'a'.repeat(MiB)}`));
  t.ok(agrees(`"${'\\'.repeat(MiB)}`));
  t.ok(agrees('-'.repeat(MiB)));
});
