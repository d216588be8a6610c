import t from 'tap';
import { size } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import { LEGAL } from '../testing/runs.ts';
import { costOf, longestMs } from './cost.ts';

function scenario(id: number): Scenario {
  return { ...LEGAL, id: `a/${id}`, steps: [] };
}

t.test('the cost counts every connection and every byte', async (t) => {
  const one = size(submit());
  const cost = (traits: Partial<Scenario>) =>
    costOf([{ ...scenario(1), steps: [send(submit())], ...traits }]);
  t.same(cost({}), { connections: 2, bytes: 2 * one });
  t.same(cost({ copies: { count: 5, arrangement: 'in-turn' } }), { connections: 6, bytes: 6 * one });
  t.same(cost({ copies: { count: 5, arrangement: 'at-once', warmUp: true } }), {
    connections: 11,
    bytes: 11 * one,
  });
  t.same(cost({ background: { count: 3, steps: [] } }), { connections: 5, bytes: 2 * one });
  t.same(cost({ background: { count: 3, steps: [], waves: 2, warmUp: [] } }), {
    connections: 12,
    bytes: 3 * one,
  });
  t.same(cost({ simultaneous: [[send(submit())], []], rounds: 3 }), { connections: 12, bytes: 9 * one });
});

t.test('the longest time grows with the waits that follow one another', async (t) => {
  const deadlines = { connectMs: 5000, answerMs: 5000, repeatMs: 1000, quietMs: 100, settleMs: 20 };
  const longest = (count: number, traits: Partial<Scenario>, waiting: number) =>
    longestMs(
      Array.from({ length: count }, (_, id) => ({ ...scenario(id), ...traits })),
      { deadlines, waiting, timeScale: 2 },
    );
  const turn = longest(1, {}, 0);
  // An answer and an effect that do not come, and the repetition.
  t.ok(turn >= 2 * deadlines.answerMs + 2 * deadlines.repeatMs);
  t.equal(longest(8, {}, 0), 8 * turn, 'one after another');
  t.equal(longest(8, {}, 4), 2 * turn, 'four wait at a time');
  t.equal(longest(8, { alone: true }, 4), 8 * turn, 'exclusive scenarios never wait at a time');
  const slow = { slow: true, storeAt: { fromMs: 0, untilMs: 60_000 } };
  t.equal(longest(1, slow, 4), turn + 30_000, 'by the clock of the target');
});
