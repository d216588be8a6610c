import t from 'tap';
import { LEGAL } from '../testing/runs.ts';
import type { Attempt } from './attempt.ts';
import { blame, suspectsOf } from './deaths.ts';
import type { Ended } from './pass.ts';

const PASSED: Attempt = {
  verdict: 'pass',
  outcome: { kind: 'closes' },
  disposition: 'closed',
  transcript: [],
  targetDied: false,
  durationMs: 1,
};

function ended(id: string, isWaiting: boolean, targetDied = true): Ended {
  const attempt = { ...PASSED, targetDied };
  return { scenario: { ...LEGAL, id }, isOverlapped: true, isShared: true, isWaiting, attempt };
}

t.test('those that were still sending are suspected first, then those that began last', async (t) => {
  const inFlight = [ended('a', true), ended('b', false), ended('c', true)];
  const { suspects, others } = suspectsOf(ended('d', true), inFlight);
  t.strictSame(
    suspects.map(({ id }) => id),
    ['b', 'd', 'c', 'a'],
  );
  t.strictSame(others, []);
  const many = Array.from({ length: 100 }, (_, n) => ended(`w${n}`, true));
  const crowd = suspectsOf(ended('d', false), many);
  t.equal(crowd.suspects[0]?.id, 'd');
  t.equal(crowd.suspects.length + crowd.others.length, 101, 'none is lost');
});

t.test('a death counts against the only attempt that did not merely wait', async (t) => {
  const cases: readonly (readonly [
    name: string,
    ended: Ended,
    inFlight: readonly Ended[],
    blamed?: string,
  ])[] = [
    ['nothing else was in flight', ended('a', true), [], 'a'],
    ['all others waited', ended('a', false), [ended('b', true)], 'a'],
    ['another one sent, and was probed later', ended('a', true), [ended('b', false)], 'b'],
    ['two sent', ended('a', false), [ended('b', false)]],
    ['all waited', ended('a', true), [ended('b', true)]],
    ['the one that sent was answered', ended('a', true), [ended('b', false, false)]],
  ];
  for (const [name, last, inFlight, blamed] of cases) {
    const { scenario, attempt } = blame(last, inFlight);
    t.equal(scenario.id, blamed ?? 'a', name);
    t.equal(attempt.verdict, blamed === undefined ? 'inconclusive' : 'pass', name);
    t.equal(attempt.targetDied, true, name);
  }
});
