import fc from 'fast-check';
import t from 'tap';
import { catalogue } from '../catalogue/index.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers } from '../scenario/steps.ts';
import { attemptsFor, executionOrder, partsOf, usesStore } from './schedule.ts';

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

t.test('each scenario of the catalogue is in one part of the run, not before its control', async () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...catalogue]),
      fc.boolean(),
      fc.boolean(),
      (selected, isConcurrent, readsStore) => {
        const order = executionOrder(selected, catalogue);
        const atStore = new Set(readsStore ? order.filter(usesStore) : []);
        const { main, late, last } = partsOf(order, { atStore, isConcurrent });
        const parts = [main, late, last];
        const partOf = new Map(parts.flatMap((part, at) => part.map(({ id }) => [id, at] as const)));
        const count = parts.reduce((sum, part) => sum + part.length, 0);
        return (
          count === order.length &&
          partOf.size === count &&
          order.every(
            ({ id, control }) => control === undefined || (partOf.get(control) ?? 0) <= (partOf.get(id) ?? 0),
          )
        );
      },
    ),
    { numRuns: 20 },
  );
});
