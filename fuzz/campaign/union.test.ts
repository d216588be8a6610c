import t from 'tap';
import type { Case } from '../case/case.ts';
import type { Finding } from '../triage/finding.ts';
import type { CampaignState, EndReason } from './state.ts';
import { newStats } from './stats.ts';
import { CampaignUnion, UnionError } from './union.ts';

const pause = (ms: number): Case => ({ arrangement: 'at-once', connections: [[{ do: 'pause', ms }]] });
const bytes = (length: number): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'bytes', bytes: Buffer.alloc(length) }]],
});

const finding = (id: string, value: Case, failed = 3): Finding => ({
  ...{ id, invariant: 'reacts', clause: 'S8', detail: 'seen', symptom: 's', value, failed, attempts: 3 },
  ...{ isMinimal: true, distinguishing: [], origin: { lane: 'given' }, mutations: [], originalBytes: 9 },
  ...{ transcript: [], wire: [], target: {} },
});

function stateOf(index: number, more: Partial<CampaignState> = {}): CampaignState {
  return {
    ...{ seed: 7, elapsedMs: 100 * index, restarts: index, ended: 'runs' as EndReason },
    plan: { runs: 80, feedback: 0.3, weights: { a: 1, b: 2 }, shard: { index, of: 3 } },
    scheduler: { nextBase: 0, nextNonce: 0, pending: [] },
    stats: { ...newStats(), cases: 10 * index, signatures: { closed: index }, digest: 'ffffffffffffffff' },
    ...{ corpus: [['closed', pause(index)]], findings: [], occurrences: {} },
    ...more,
  };
}

function mergedOf(...states: readonly CampaignState[]) {
  const union = new CampaignUnion();
  for (const state of states) union.add(state);
  return union.merged();
}

t.test('statistics are added, and the digest is that of the whole', async (t) => {
  const { seed, result, because, unfinished } = mergedOf(stateOf(3), stateOf(1), stateOf(2));
  t.match({ seed, because, unfinished }, { seed: 7, because: 'runs', unfinished: [] });
  t.match(result, { elapsedMs: 300, restarts: 6 });
  t.match(result.stats, { cases: 60, signatures: { closed: 6 }, digest: 'fffffffffffffffd' });
  t.equal(result.corpus.size, 1);
});

t.test('findings with one id are one finding: the steady one, then the smallest, in any order', async (t) => {
  const states = [
    stateOf(1, { findings: [finding('a', bytes(9))], occurrences: { a: 2 } }),
    stateOf(2, { findings: [finding('a', bytes(4)), finding('b', bytes(2))], occurrences: { a: 1, b: 1 } }),
    stateOf(3, { findings: [finding('a', bytes(1), 2)], occurrences: { a: 5 } }),
  ];
  for (const order of [states, states.toReversed()]) {
    const { findings, occurrences } = mergedOf(...order).result;
    t.match(findings, [
      { id: 'a', value: bytes(4) },
      { id: 'b', value: bytes(2) },
    ]);
    t.strictSame({ ...occurrences }, { a: 8, b: 1 });
  }
});

t.test('a shard that has not ended is named, and the whole is interrupted', async (t) => {
  const { ended: _, ...running } = stateOf(3);
  const stopped = stateOf(1, { ended: 'interrupted' });
  t.match(mergedOf(running, stopped, stateOf(2)), { because: 'interrupted', unfinished: [1, 3] });
  t.match(mergedOf(stateOf(3), stateOf(1, { ended: 'time' }), stateOf(2)), { because: 'time' });
  const lost = stateOf(1, { ended: 'target-lost' });
  t.match(mergedOf(lost, stateOf(2, { ended: 'findings' }), stateOf(3)), { because: 'target-lost' });
});

t.test('a report says what every shard observed', async (t) => {
  const about = (startedAt: string, observes: readonly ('process' | 'store')[]) => ({
    ...{ kit: '1.0.0', startedAt, target: { name: 'n', address: 'a:1', replay: '' }, jobs: 4, observes },
  });
  const merged = mergedOf(
    stateOf(1, { about: about('2026-02-01', ['process', 'store']) }),
    stateOf(2, { about: about('2026-01-01', ['process']) }),
    stateOf(3, { about: about('2026-03-01', ['process', 'store']) }),
  );
  t.match(merged.about, { startedAt: '2026-01-01', observes: ['process'] });
});

t.test('what is not the shards of one campaign is refused', async (t) => {
  const { plan: _, ...old } = stateOf(1);
  const other = (plan: Partial<CampaignState['plan']>): CampaignState => {
    const { plan: whole = { feedback: 0, weights: {} }, ...state } = stateOf(2);
    return { ...state, plan: { ...whole, ...plan } };
  };
  const cases: readonly (readonly [readonly CampaignState[], string])[] = [
    [[], 'there is no state to merge'],
    [[old], 'it is the state of a whole campaign, not of a shard'],
    [[stateOf(1), stateOf(1)], 'shard 1 of 3 is given twice'],
    [[stateOf(2)], 'these shards of 3 are missing: 1, 3'],
    [[stateOf(1)], 'these shards of 3 are missing: 2-3'],
    [[stateOf(1), stateOf(2, { seed: 8 })], 'the shards have different seeds: 7, 8'],
    [[stateOf(1), other({ runs: 81 })], 'the shards have different numbers of runs: 80, 81'],
    [
      [stateOf(1), other({ shard: { index: 2, of: 4 } })],
      'the shards have different numbers of shards: 3, 4',
    ],
    [[stateOf(1), other({ feedback: 0 })], 'the shards have different shares of the feedback lane: 0.3, 0'],
  ];
  for (const [states, message] of cases)
    t.throws(() => mergedOf(...states), { constructor: UnionError, message }, message);
  t.match(mergedOf(stateOf(1), other({ weights: { b: 2, a: 1 } }), stateOf(3)), { because: 'runs' });
});
