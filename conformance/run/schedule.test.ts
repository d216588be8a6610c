import fc from 'fast-check';
import t from 'tap';
import { size } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, send } from '../scenario/steps.ts';
import { attemptsFor, costOf, executionOrder, longestMs } from './schedule.ts';

function scenario(id: number, control?: number, alone = false): Scenario {
  const base = { clause: 'F1', level: 'MUST', requirement: '.', steps: [], accept: [answers()] } as const;
  return { ...base, id: `a/${id}`, ...(control !== undefined && { control: `a/${control}` }), alone };
}

/** Shuffled catalogues without circles: a control always has a smaller number than its scenario. */
const catalogues = fc
  .array(fc.record({ control: fc.option(fc.nat(), { nil: undefined }), alone: fc.boolean() }), {
    minLength: 1,
  })
  .map((rows) =>
    rows.map(({ control, alone }, id) =>
      scenario(id, control === undefined || id === 0 ? undefined : control % id, alone),
    ),
  )
  .chain((catalogue) => fc.shuffledSubarray(catalogue, { minLength: catalogue.length }));

t.test('the order contains the selected scenarios and their controls, each once', async () => {
  fc.assert(
    fc.property(catalogues, fc.func(fc.boolean()), (catalogue, choose) => {
      const selected = catalogue.filter(({ id }) => choose(id));
      const order = executionOrder(selected, catalogue);
      const ids = new Set(order.map(({ id }) => id));
      return (
        ids.size === order.length &&
        selected.every(({ id }) => ids.has(id)) &&
        order.every(({ control }) => control === undefined || ids.has(control))
      );
    }),
  );
});

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

t.test('what was watched for long is not attempted three times', async (t) => {
  const waiting: Partial<Scenario> = { slow: true, store: [] };
  const inWaves: Partial<Scenario> = { maxGrowth: {}, background: { count: 1, steps: [] } };
  const cases: readonly (readonly [Partial<Scenario>, number])[] = [
    [{}, 3],
    [{ slow: true }, 3],
    [{ store: [] }, 3],
    [{ ...waiting, level: 'MUST' }, 2],
    [{ ...waiting, level: 'SHOULD' }, 1],
    [{ ...inWaves, level: 'SHOULD' }, 1],
    [{ maxGrowth: {}, level: 'SHOULD' }, 3],
  ];
  for (const [traits, attempts] of cases)
    t.equal(attemptsFor({ ...scenario(1), ...traits }, 3), attempts, JSON.stringify(traits));
  t.equal(attemptsFor({ ...scenario(1), ...waiting }, 1), 1);
});

t.test('the longest time grows with the waits that follow one another', async (t) => {
  const deadlines = { connectMs: 5000, answerMs: 5000, repeatMs: 1000, quietMs: 100, settleMs: 20 };
  const longest = (count: number, traits: Partial<Scenario>, waiting: number) =>
    longestMs(
      Array.from({ length: count }, (_, id) => ({ ...scenario(id), ...traits })),
      { deadlines, waiting, timeScale: 2 },
    );
  const turn = longest(1, {}, 0);
  t.ok(turn >= 2 * deadlines.answerMs);
  t.equal(longest(8, {}, 0), 8 * turn, 'one after another');
  t.equal(longest(8, {}, 4), 2 * turn, 'four wait at a time');
  t.equal(longest(8, { alone: true }, 4), 8 * turn, 'exclusive scenarios never wait at a time');
  const slow = { slow: true, storeAt: { fromMs: 0, untilMs: 60_000 } };
  t.equal(longest(1, slow, 4), turn + 30_000, 'by the clock of the target');
});
