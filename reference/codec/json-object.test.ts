import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ProtocolError } from '../protocol/errors.ts';
import type { Int64, JsonValue } from '../protocol/message-types.ts';
import { jsonValue, text } from '../testing/arbitraries.ts';
import { ObjectCodec } from './json-object.ts';

/** One field of each kind. The letters s and k of `skill` also match characters outside ASCII (M7). */
interface Sample {
  readonly skill: string;
  readonly count: Int64;
  readonly data?: Uint8Array;
  readonly free: JsonValue;
}

const sample = new ObjectCodec<Sample>({
  skill: { wire: 'skill', kind: 'string' },
  count: { wire: 'count', kind: 'int64' },
  data: { wire: 'data', kind: 'bytes', optional: true },
  free: { wire: 'free', kind: 'json' },
});

const ZERO: Sample = { skill: '', count: 0, free: null };

function decode(payload: string | Uint8Array): Sample {
  return sample.decode(Buffer.from(payload));
}

/** The code of the ProtocolError that decoding throws; undefined when the payload is legal. */
function codeOf(payload: string | Uint8Array): string | undefined {
  try {
    decode(payload);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

/** Decides with JSON.parse, an implementation independent of the scanner. */
function isObjectOrNull(payload: string): boolean {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '0',
  '-',
  '.',
  'e',
  '+',
  '1',
  '12',
  'n',
  'null',
  'true',
  'false',
  ' ',
  '\n',
  '\u00a0',
  '"a"',
  '"skill"',
  '"count"',
  '"data"',
  '"free"',
  '{"a":',
  '"\\ud800"',
  '1e400',
  '"AAE="',
  'ü',
];

/** Random tokens, damaged objects and legal JSON. */
const nearlyJson = fc.oneof(
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 12 }).map((tokens) => tokens.join('')),
  fc
    .tuple(
      fc.dictionary(fc.oneof(fc.constantFrom('skill', 'count', 'data', 'free'), text), jsonValue),
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom('', ...TOKENS),
    )
    .map(([object, position, removed, inserted]) => {
      const json = JSON.stringify(object, undefined, position % 3);
      const at = position % (json.length + 1);
      return json.slice(0, at) + inserted + json.slice(at + removed);
    }),
  jsonValue.map((value) => JSON.stringify(value)),
);

t.test(
  'malformed-json agrees with JSON.parse, and refuses other values than objects and null (M5, M6)',
  (t) => {
    const isMalformed = (payload: string) => codeOf(payload) === 'malformed-json';
    fc.assert(
      fc.property(nearlyJson, (payload) => strictEqual(isMalformed(payload), !isObjectOrNull(payload))),
      { numRuns: 3000 },
    );
    t.end();
  },
);

t.test('for any bytes decoding throws only a ProtocolError', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(nearlyJson, fc.uint8Array({ maxLength: 3 }), fc.nat()).map(([json, garbage, position]) => {
      const payload = Buffer.from(json);
      const at = position % (payload.length + 1);
      return Buffer.concat([payload.subarray(0, at), garbage, payload.subarray(at)]);
    }),
  );
  fc.assert(
    fc.property(bytes, (payload) => codeOf(payload) !== 'frame-too-large'),
    { numRuns: 3000 },
  );
  t.end();
});

t.test('a field of kind json is read as JSON.parse reads it', (t) => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const json = JSON.stringify(value);
      deepStrictEqual(decode(`{"free":${json}}`).free, JSON.parse(json));
    }),
  );
  const object = decode('{"free":{"__proto__":1}}').free;
  t.ok(Object.hasOwn(Object(object), '__proto__'));
  t.end();
});

t.test('integers of 64 bits are exact, and other numbers are refused (M9)', (t) => {
  const anyInteger = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
  fc.assert(
    fc.property(fc.oneof(anyInteger, fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n })), (value) => {
      if (BigInt.asIntN(64, value) === value) strictEqual(BigInt(decode(`{"count":${value}}`).count), value);
      else strictEqual(codeOf(`{"count":${value}}`), 'malformed-field');
    }),
  );
  t.equal(decode(`{"count":${2 ** 53 - 1}}`).count, 2 ** 53 - 1, 'a number as long as that is exact');
  t.equal(decode('{"count":9007199254740992}').count, 2n ** 53n);
  t.equal(decode('{"count":-0}').count, 0);
  for (const value of ['1.0', '1e2', '1E0', '"1"', 'true', '[]', '{}', '1e400', '9'.repeat(100_000)]) {
    t.equal(codeOf(`{"count":${value}}`), 'malformed-field', value.slice(0, 10));
  }
  t.end();
});

t.test('bytes are read from base64 with escapes and line breaks, or from an array (M10)', (t) => {
  const data = (json: string) => Array.from(decode(`{"data":${json}}`).data ?? []);
  t.strictSame(data('"AAEC"'), [0, 1, 2]);
  t.strictSame(data('"\\u0041AEC"'), [0, 1, 2]);
  t.strictSame(data('"AA\\r\\nEC\\n"'), [0, 1, 2]);
  t.strictSame(data('"\\n"'), []);
  t.strictSame(data(' [ 0 , 255,null\n]'), [0, 255, 0]);
  t.strictSame(data('[]'), []);
  for (const json of [
    '"AAE"',
    '"A-_E"',
    '"A EC"',
    '"\\u0141AEC"',
    '"ŁAEC"',
    '[256]',
    '[-1]',
    '[-0]',
    '[1.0]',
    '[1e1]',
    '["a"]',
    '[[1]]',
    '[true]',
    '1',
    '{}',
  ]) {
    t.equal(codeOf(`{"data":${json}}`), 'malformed-field', json);
  }
  t.equal(codeOf('{"data":"AA\nEC"}'), 'malformed-json', 'a line break without an escape');
  t.equal(codeOf('{"data":"AAEC'), 'malformed-json');
  t.equal(codeOf('{"data":"'), 'malformed-json');
  t.end();
});

t.test('a missing field is zero, and null does not change strings and integers (M2, M3)', (t) => {
  for (const payload of [
    '{}',
    'null',
    ' null\n',
    '{"other":1e400}',
    '{"skill":null,"count":null,"data":null,"free":null}',
  ]) {
    t.strictSame(decode(payload), ZERO, payload);
  }
  t.strictSame(decode('{"skill":"a","skill":null,"count":1,"count":null}'), {
    ...ZERO,
    skill: 'a',
    count: 1,
  });
  t.strictSame(decode('{"free":1,"free":null,"data":"AAEC","data":null}'), ZERO);
  t.end();
});

t.test('the last field of a name wins, and all fields of the name are checked (M4, M7)', (t) => {
  t.strictSame(decode('{"skill":"a","SKILL":"b"}'), { ...ZERO, skill: 'b' });
  t.strictSame(decode('{"SKILL":"b","skill":"a"}'), { ...ZERO, skill: 'a' });
  t.strictSame(decode('{"data":"AAEC","data":""}'), ZERO);
  t.equal(codeOf('{"skill":1,"skill":"a"}'), 'malformed-field');
  t.equal(codeOf('{"skill":"a","skill":1}'), 'malformed-field');
  t.end();
});

t.test('names match without regard to case (M7)', (t) => {
  const named = (name: string) => decode(`{"${name}":"x"}`).skill === 'x';
  for (const name of [
    'skill',
    'SKILL',
    'sKiLl',
    '\u017fkill',
    '\u017f\u212aILL',
    '\\u017f\\u212aill',
    '\\u0073kill',
  ]) {
    t.ok(named(name), name);
  }
  for (const name of ['skıll', 'skİll', 'skill ', 'skill\\u0000', 'skil', 'skill\\ud800', 'ßkill', '']) {
    t.notOk(named(name), name);
  }
  t.end();
});

t.test('malformed JSON takes precedence over a malformed field before it', (t) => {
  t.equal(codeOf('{"skill":1} x'), 'malformed-json');
  t.equal(codeOf('{"skill":1,"a":tru}'), 'malformed-json');
  t.equal(codeOf('{"skill":[1,}'), 'malformed-json');
  t.equal(codeOf('{"free":1e400}'), 'malformed-field');
  t.equal(codeOf(`{"free":[{"a":-${'9'.repeat(400)}}]}`), 'malformed-field');
  t.end();
});

t.test('10 000 levels of nesting are legal, one more is refused, and no depth crashes (M11)', (t) => {
  const inside = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  t.equal(codeOf(`{"other":${inside(9999)}}`), undefined);
  t.equal(codeOf(`{"other":${inside(10_000)}}`), 'malformed-json');
  t.equal(codeOf(`{"free":${inside(9999)}}`), undefined);
  t.equal(codeOf(`{"data":${inside(9999)}}`), 'malformed-field');
  for (const unit of ['[', '{"a":', '[{"free":']) {
    const payload = unit.repeat((16 * 1024 * 1024) / unit.length);
    t.equal(codeOf(payload), 'malformed-json');
    t.equal(codeOf(`{"free":${payload}`), 'malformed-json');
  }
  t.end();
});

t.test('encoding refuses a value that the type does not allow', (t) => {
  const wrong: Record<string, unknown[]> = {
    skill: [undefined, null, 1],
    count: [undefined, null, '1', 1.5, Number.NaN, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n],
    data: [null, 'AAEC', [1]],
    free: [undefined],
  };
  for (const [property, values] of Object.entries(wrong)) {
    for (const value of values)
      t.throws(() => sample.encode({ ...ZERO, [property]: value }), TypeError, property);
  }
  t.end();
});

t.test('encoding follows the order of the table, not that of the value', (t) => {
  const value = { free: [1], data: new Uint8Array([0, 1, 2]), count: -5n, skill: 'é' };
  t.equal(Buffer.from(sample.encode(value)).toString(), '{"skill":"é","count":-5,"data":"AAEC","free":[1]}');
  t.equal(
    Buffer.from(sample.encode(value, { indent: true })).toString(),
    '{\n  "skill": "é",\n  "count": -5,\n  "data": "AAEC",\n  "free": [1]\n}',
  );
  t.end();
});
