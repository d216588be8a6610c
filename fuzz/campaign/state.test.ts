import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { CaseError } from '../case/case-json.ts';
import type { Finding } from '../triage/finding.ts';
import { type CampaignState, readState, writeState } from './state.ts';
import { newStats } from './stats.ts';

const value: Case = {
  arrangement: 'in-turn',
  connections: [
    [
      { do: 'frame', type: 1, declared: EXACT, payload: new TextEncoder().encode('{"a":1}') },
      { do: 'frame', type: 9, declared: { kind: 'long', by: 3 }, payload: Uint8Array.of(0), segmentBytes: 2 },
      { do: 'frame', type: 9, declared: { kind: 'absolute', length: 0xffffffff }, payload: new Uint8Array() },
      { do: 'bytes', bytes: Uint8Array.of(0xff) },
      { do: 'pause', ms: 3 },
      { do: 'fin' },
    ],
    [{ do: 'reset' }],
  ],
};

const finding: Finding = {
  ...{ id: 'reacts-00000000', invariant: 'reacts', clause: 'S8', detail: 'a', symptom: 'b', value },
  ...{
    failed: 2,
    attempts: 3,
    isMinimal: true,
    distinguishing: ['c'],
    mutations: ['bytes/flip'],
    originalBytes: 9,
  },
  origin: { lane: 'base', seed: 1, index: 2 },
  transcript: ['d'],
  wire: [{ kind: 'connected', atMs: 0 }],
  target: { usual_ms: 1, closes_after_a_frame: true },
};

const state: CampaignState = {
  seed: 1,
  elapsedMs: 5.5,
  restarts: 2,
  scheduler: {
    nextBase: 4,
    nextNonce: 5,
    pending: [
      { lane: 'base', index: 3 },
      { lane: 'feedback', parent: value, nonce: 6 },
      { lane: 'given', value },
    ],
  },
  stats: { ...newStats(), cases: 2, mutations: { legal: 2 }, signatures: { 'SUBMIT → closed': 2 } },
  corpus: [['SUBMIT → closed', value]],
  findings: [finding],
  occurrences: { 'reacts-00000000': 3 },
};

type Json = Record<string, unknown>;

/** What is written, with one thing at a path of keys changed; undefined removes it. */
function changed(path: readonly string[], to: unknown): string {
  const json = JSON.parse(writeState(state));
  const key = path.at(-1) ?? '';
  const holder = path.slice(0, -1).reduce((at: Json, name) => at[name] as Json, json);
  if (to === undefined) delete holder[key];
  else holder[key] = to;
  return JSON.stringify(json);
}

t.test('a state that was written is read back', async (t) => {
  t.strictSame(await readState(writeState(state)), state);
});

t.test('a state without a count that was added later is read', async (t) => {
  t.equal((await readState(changed(['tally', 'shared'], undefined))).stats.shared, 0);
});

t.test('a file that is not a state is refused in one line that names the place', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /^the state file is not JSON$/],
    ['null', /version 1/],
    ['{}', /version 1/],
    ['{"version":2}', /version 1/],
    ['{"version":1}', /must have required property/],
    [changed(['extra'], 1), /must NOT have additional properties/],
    [changed(['seed'], -1), /\/seed must be >= 0/],
    [changed(['elapsedMs'], 'long'), /\/elapsedMs must be number/],
    [changed(['plan', 'nextBase'], 1.5), /\/plan\/nextBase must be integer/],
    [changed(['plan', 'left', '0', 'index'], 'x'), /\/plan\/left\/0\/index must be integer/],
    [changed(['plan', 'left', '1', 'parent'], null), /\/plan\/left\/1\/parent must be object/],
    [changed(['tally', 'cases'], null), /\/tally\/cases must be integer/],
    [changed(['tally', 'mutations', 'legal'], '2'), /\/tally\/mutations\/legal must be integer/],
    [changed(['tally', 'digest'], 'xyz'), /\/tally\/digest must match/],
    [changed(['corpus', '0'], ['a']), /\/corpus\/0 must NOT have fewer than 2 items/],
    [changed(['corpus', '0', '1', 'arrangement'], 'never'), /\/corpus\/0\/1\/arrangement must be/],
    [changed(['findings', '0', 'invariant'], 'never'), /\/findings\/0\/invariant must be/],
    [changed(['findings', '0', 'peculiar'], [1]), /\/findings\/0\/peculiar\/0 must be string/],
    [changed(['findings', '0', 'wire', '0', 'kind'], 'x'), /\/findings\/0\/wire\/0/],
    [changed(['met', 'reacts-00000000'], -3), /\/met\/reacts-00000000 must be >= 0/],
  ];
  for (const [text, message] of cases) {
    const error = await readState(text).catch((error: unknown) => error);
    t.type(error, CaseError, text.slice(0, 40));
    t.match(error, { message });
    t.notMatch(String(error), /\n/);
  }
});
