import fc from 'fast-check';
import t from 'tap';
import { type Case, caseSize, EXACT, encodeActions } from '../../case/case.ts';
import { Generator } from '../../generate/generate.ts';
import { bisect } from './bisect.ts';
import { minimise } from './minimise.ts';
import { REDUCTIONS } from './reductions.ts';

const submit = (payload: string): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(payload) }]],
});

const textOf = ({ connections }: Case): string =>
  connections.map((one) => encodeActions(one).toString('latin1')).join('\n');

async function smallest(start: Case, shows: (value: Case) => boolean): Promise<Case> {
  const { value, isMinimal } = await minimise(start, undefined, {
    firstThatShows: async (candidates) => candidates.findIndex(shows),
    budget: 100_000,
    shouldStop: () => false,
  });
  t.ok(isMinimal);
  return value;
}

t.test('only what the symptom needs is left', async (t) => {
  const start = submit(
    '{"task_id":"0f8f","task_description":"a\\tb","from_addr":{"x":[1,-0]},"to_addr":"c"}',
  );
  const minusZero = await smallest(start, (value) => /[[:,{]-0/.test(textOf(value)));
  t.equal(textOf(minusZero).slice(9), '-0');
  const deep = await smallest(
    start,
    (value) => isJson(textOf(value).slice(8)) && /"[^"]*\\t[^"]*"/.test(textOf(value)),
  );
  t.ok(caseSize(deep) <= 8 + 4, textOf(deep));
});

t.test('a token that has to be equal in several places is replaced in all of them', async (t) => {
  const start = submit('{"task_id":"a","to_addr":"x","to_addr":"y","b":0,"to_addr":"z"}');
  const thrice = (value: Case): boolean => {
    const text = textOf(value).slice(8);
    const names = text.match(/"\w*":/g) ?? [];
    return isJson(text) && names.some((name) => names.filter((other) => other === name).length > 2);
  };
  t.equal(textOf(await smallest(start, thrice)).slice(8), '{"":0,"":0,"":0}');
});

t.test('other events happen while the candidates of a large case are made', async (t) => {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
  }, 0);
  t.teardown(() => clearTimeout(timer));
  const { isMinimal } = await minimise(submit(`"${'a'.repeat(4000)}"`), undefined, {
    firstThatShows: async () => -1,
    budget: 100_000,
    shouldStop: () => isOver,
  });
  t.notOk(isMinimal);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

t.test('a wrong length is kept as long as it matters', async (t) => {
  const start: Case = {
    arrangement: 'in-turn',
    connections: [
      [
        {
          do: 'frame',
          type: 3,
          declared: { kind: 'absolute', length: 0xffffff },
          payload: Buffer.from('{"a":1}'),
        },
        { do: 'pause', ms: 3 },
        { do: 'fin' },
      ],
      [{ do: 'bytes', bytes: Buffer.from('abc') }],
    ],
  };
  const value = await smallest(start, (one) => textOf(one).includes('\x00\x00\x00\x03\x00\xff\xff\xff'));
  t.match(value, {
    connections: [[{ do: 'frame', type: 3, declared: { kind: 'absolute', length: 0xffffff } }]],
  });
  t.equal(caseSize(value), 8);
});

t.test('connections are in turn unless the fault needs them at once', async (t) => {
  const connections = [...submit('{"a":1}').connections, ...submit('{"b":2}').connections];
  const needs = (words: readonly string[], arrangement?: Case['arrangement']) => (value: Case) =>
    words.every((word) => textOf(value).includes(word)) &&
    (arrangement === undefined || value.arrangement === arrangement);
  for (const [shows, expected] of [
    [needs(['a', 'b']), 'in-turn'],
    [needs(['a', 'b'], 'at-once'), 'at-once'],
    [needs(['a', 'b'], 'in-turn'), 'in-turn'],
    [needs(['a']), 'at-once'],
  ] as const)
    for (const arrangement of ['at-once', 'in-turn'] as const)
      if (shows({ arrangement, connections }))
        t.equal((await smallest({ arrangement, connections }, shows)).arrangement, expected);
});

t.test('one fault has one smallest case, in whatever pieces its bytes were sent', async (t) => {
  const payload = Buffer.from('{"task_id":"a","task_description":"\\n"}');
  const [whole] = submit(String(payload)).connections;
  const bytes = encodeActions(whole ?? []);
  const sent: Case[] = [
    submit(String(payload)),
    {
      arrangement: 'at-once',
      connections: [
        [
          { do: 'bytes', bytes: bytes.subarray(0, 5) },
          { do: 'pause', ms: 1 },
          { do: 'bytes', bytes: bytes.subarray(5) },
          { do: 'fin' },
        ],
      ],
    },
    {
      arrangement: 'at-once',
      connections: [[{ do: 'frame', type: 1, declared: EXACT, payload, segmentBytes: 1 }]],
    },
  ];
  const shows = (value: Case): boolean =>
    textOf(value).startsWith('\0\0\0\x01') && textOf(value).slice(8).includes('"\\n"');
  const cases = await Promise.all(sent.map((value) => smallest(value, shows)));
  for (const value of cases) t.strictSame(value, cases[0]);
  t.match(cases, [{ connections: [[{ do: 'frame', type: 1, declared: EXACT }]] }]);
});

t.test('bytes that form no frame become zeros, unless their values matter', async (t) => {
  const start: Case = {
    arrangement: 'at-once',
    connections: [[{ do: 'bytes', bytes: Buffer.from('00fe00020000ff', 'hex') }]],
  };
  const any = await smallest(start, (value) => caseSize(value) === 7);
  t.strictSame(textOf(any), '\0'.repeat(7));
  const second = await smallest(start, (value) => caseSize(value) === 7 && textOf(value)[1] === '\xfe');
  t.strictSame(textOf(second), `\0\xfe${'\0'.repeat(5)}`);
});

t.test('every reduction is smaller or plainer, so that minimising ends', async () => {
  const generator = new Generator(5);
  fc.assert(
    fc.property(fc.nat({ max: 500 }), (index) => {
      const { value } = generator.at(index);
      if (caseSize(value) > 400) return true;
      const size = caseSize(value);
      for (const reduced of REDUCTIONS.flatMap((kind) => [...kind(value)]))
        if (caseSize(reduced) > size) return false;
      return true;
    }),
    { numRuns: 30 },
  );
});

t.test('the budget is kept', async (t) => {
  let executed = 0;
  const { tried, isMinimal } = await minimise(submit('{"a":"bbbbbbbbbbbbbbbbbbbbbbbb"}'), undefined, {
    firstThatShows: async (candidates) => {
      executed += candidates.length;
      return -1;
    },
    budget: 20,
    shouldStop: () => false,
  });
  t.equal(executed, 20);
  t.equal(tried, 20);
  t.equal(isMinimal, false);
});

t.test('the crashing case among many is found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (count, nth) => {
      const candidates = Array.from({ length: count }, (_, index) => ({
        value: submit(String(index)),
        index,
      }));
      const crashing = candidates[nth % count];
      const indexIn = (cases: readonly Case[]) =>
        crashing === undefined ? -1 : cases.indexOf(crashing.value);
      const found = await bisect(candidates, {
        isFatal: async (cases) => indexIn(cases) >= 0,
        firstFatal: async (cases) => indexIn(cases),
      });
      return found === crashing;
    }),
    { numRuns: 30 },
  );
});
