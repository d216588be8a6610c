import t from 'tap';
import { type Action, type ConnectionActions, EXACT } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import type { Ending, Reply } from '../execute/exchange.ts';
import { readExecution } from '../execute/execute.ts';
import { breachesOf } from './invariants.ts';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const LEGAL = `{"task_id":"${ID}","task_description":"a","from_addr":"b","to_addr":"c"}`;

const frame = (type: number, payload: string): Action & { do: 'frame' } => ({
  do: 'frame',
  type,
  declared: EXACT,
  payload: Buffer.from(payload),
});

function answer(fields: object = {}, type = 1): Buffer {
  const payload = Buffer.from(JSON.stringify({ task_id: ID, status: 200, message: 'ok', ...fields }));
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(type, 0);
  bytes.writeUInt32BE(payload.length, 4);
  return Buffer.concat([bytes, payload]);
}

function breachesIn(actions: ConnectionActions, received: Buffer, ending: Ending = 'fin', closes = true) {
  const reply: Reply = { received, ending, afterMs: 1 };
  return breachesOf(readExecution(readSent(actions), reply), { closes }).map(
    ({ invariant, clause }) => `${invariant} ${clause}`,
  );
}

const nothing = Buffer.alloc(0);

t.test('a conforming target breaks no invariant', async (t) => {
  t.strictSame(breachesIn([frame(1, LEGAL)], answer()), []);
  t.strictSame(breachesIn([frame(1, LEGAL)], answer({ status: 400 })), []);
  t.strictSame(breachesIn([frame(1, LEGAL)], answer({}, 2), 'open'), []);
  t.strictSame(breachesIn([frame(1, LEGAL), frame(1, LEGAL)], Buffer.concat([answer(), answer()])), []);
  t.strictSame(breachesIn([frame(1, '{')], nothing), []);
  t.strictSame(breachesIn([frame(1, '{')], answer({ task_id: '', status: 400 })), []);
  t.strictSame(breachesIn([frame(3, '{}')], nothing, 'reset'), []);
  t.strictSame(breachesIn([{ do: 'bytes', bytes: Buffer.from('GET') }], nothing, 'idle'), []);
});

t.test('an answer that a reset has cut off breaks no invariant (T5)', async (t) => {
  const withTrailingByte: ConnectionActions = [frame(1, LEGAL), { do: 'bytes', bytes: Buffer.from('x') }];
  for (const kept of [1, 7, 8, 20]) {
    for (const ending of ['reset', 'own-reset'] as const)
      t.strictSame(
        breachesIn(withTrailingByte, answer().subarray(0, kept), ending),
        [],
        `${kept}, ${ending}`,
      );
    t.strictSame(breachesIn(withTrailingByte, answer().subarray(0, kept), 'fin'), ['answers-legally S1']);
  }
  t.strictSame(breachesIn(withTrailingByte, Buffer.from('HTTP/1.1 400'), 'reset'), ['answers-legally S1']);
});

t.test(
  'an answer of which only the beginning came may be slow: no illegal answer, but no reaction in time',
  async (t) => {
    for (const ending of ['hung', 'idle', 'open'] as const) {
      for (const [kept, type] of [[1], [4], [7], [8, 2], [20]] as const)
        t.strictSame(breachesIn([frame(1, LEGAL)], answer({}, type).subarray(0, kept), ending), [
          'reacts S8',
        ]);
      t.strictSame(
        breachesIn([frame(1, LEGAL)], Buffer.concat([answer(), Buffer.alloc(2)]), ending),
        ['reacts S8'],
        'after a whole one',
      );
      for (const text of ['E', '\0\0\0\x03', 'HTTP/1.1 400'])
        t.strictSame(breachesIn([frame(1, LEGAL)], Buffer.from(text), ending), ['answers-legally S1'], text);
    }
  },
);

t.test('reacts', async (t) => {
  t.strictSame(breachesIn([frame(1, LEGAL)], nothing, 'hung', false), ['reacts S8']);
  t.strictSame(breachesIn([frame(3, '{}')], nothing, 'hung', true), ['reacts S8']);
  t.strictSame(breachesIn([frame(3, '{}')], nothing, 'hung', false), [], 'it may serve more frames (T2)');
  t.strictSame(
    breachesIn([frame(3, '{}'), { do: 'fin' }], nothing, 'hung', false),
    ['reacts S8'],
    'but not after FIN',
  );
});

t.test('answers-legally', async (t) => {
  const broken: [Buffer, string][] = [
    [answer({ status: 201 }), 'S2'],
    [answer({ status: '200' }), 'S2'],
    [answer({ task_id: null }), 'S3'],
    [answer({ message: 7 }), 'S4'],
    [answer({}, 3), 'S1'],
    [answer().subarray(0, 20), 'S1'],
    [Buffer.concat([answer(), Buffer.from('x')]), 'S1'],
    [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'S1'],
  ];
  for (const [received, clause] of broken)
    t.ok(
      breachesIn([frame(1, LEGAL)], received).includes(`answers-legally ${clause}`),
      received.toString('latin1'),
    );
  t.ok(breachesIn([frame(1, LEGAL)], answer(), 'flood').includes('answers-legally S1'));
});

t.test('accepts-legal-only', async (t) => {
  t.ok(breachesIn([frame(1, '{"task_id":7}')], answer()).includes('accepts-legal-only M4'));
  t.ok(breachesIn([frame(1, `${LEGAL}x`)], answer()).includes('accepts-legal-only M5'));
  t.strictSame(breachesIn([frame(1, `${LEGAL}x`)], answer({ status: 400 })), []);
  t.strictSame(
    breachesIn([frame(1, '{"task_id":7}'), frame(1, LEGAL)], answer()),
    [],
    'one answer to two frames: it is unknown which of them it belongs to',
  );
});

t.test('answers-submits-only', async (t) => {
  const unexpected: [ConnectionActions, string][] = [
    [[frame(3, '{}')], 'U1'],
    [[frame(4, '{}')], 'R1'],
    [[frame(2, '{}')], 'F7'],
    [[frame(257, LEGAL)], 'F7'],
    [[{ ...frame(1, LEGAL), declared: { kind: 'long', by: 1 } }], 'F4'],
  ];
  for (const [actions, clause] of unexpected)
    t.strictSame(breachesIn(actions, answer()), [`answers-submits-only ${clause}`]);
  t.strictSame(breachesIn([frame(1, LEGAL)], Buffer.concat([answer(), answer()])), [
    'answers-submits-only S1',
  ]);
  // A frame that owes no answer is the cause, also next to SUBMIT frames: without them the breach stays the same.
  for (const frames of [
    [frame(1, LEGAL), frame(3, '{}')],
    [frame(3, '{}'), frame(1, LEGAL)],
  ])
    t.strictSame(breachesIn(frames, Buffer.concat([answer(), answer()])), ['answers-submits-only U1']);
});

t.test('answers-own-id', async (t) => {
  // Node.js 24 ended with an assertion here.
  t.strictSame(breachesIn([frame(1, LEGAL)], answer({ task_id: 'a\ud800' })), ['answers-own-id S3']);
  t.strictSame(breachesIn([frame(1, LEGAL)], answer({ task_id: 'another' })), ['answers-own-id S3']);
  const twice = LEGAL.replace('{', '{"TASK_ID":"x",');
  t.strictSame(
    breachesIn([frame(1, twice)], answer({ task_id: 'x' })),
    [],
    'the protocol leaves repeated names open (M7)',
  );
  for (const without of ['{"task_description":"x"}', '{"task_id":null,"task_description":"x"}', '{}']) {
    t.strictSame(breachesIn([frame(1, without)], answer({ task_id: '' })), [], `${without}: "" (M2, M3)`);
    t.strictSame(breachesIn([frame(1, without)], answer({ task_id: 'x' })), ['answers-own-id S3']);
    t.strictSame(breachesIn([frame(1, without)], answer({ task_id: 'x', status: 400 })), []);
  }
});

t.test('answers-own-id: which answers have to name their task', async (t) => {
  const tooLong = LEGAL.replace('"a"', `"${'a'.repeat(16_385)}"`);
  const others = ['', 'another'];
  const table: readonly [what: string, payload: string, status: number, isBreach: boolean][] = [
    ['a legal SUBMIT', LEGAL, 200, true],
    ['a legal SUBMIT', LEGAL, 400, true],
    ['malformed JSON', '{', 400, false],
    ['another JSON type (M4)', LEGAL.replace('"b"', '7'), 400, false],
    ['no object (M6)', '[]', 400, false],
    ['trailing data (M5)', `${LEGAL}x`, 400, false],
    ['a lone surrogate (M8)', LEGAL.replace('"a"', '"\\ud800"'), 400, false],
    ['a description over its bound, which a receiver may cut off', tooLong, 400, false],
    ['an id of another form', LEGAL.replace(ID, '../x'), 400, false],
    ['an id of another form', LEGAL.replace(ID, '../x'), 200, true],
    ['an unknown field', LEGAL.replace('{', '{"x":1e400,'), 400, false],
    ['an unknown field', LEGAL.replace('{', '{"x":1,'), 200, true],
  ];
  for (const [what, payload, status, isBreach] of table)
    for (const task_id of others)
      t.equal(
        breachesIn([frame(1, payload)], answer({ task_id, status })).includes('answers-own-id S3'),
        isBreach,
        `${status} with id "${task_id}" to ${what}`,
      );
  t.strictSame(
    breachesIn([frame(1, LEGAL), frame(1, '{')], answer({ task_id: '', status: 400 })),
    [],
    'the answer may be to the malformed one',
  );
});
