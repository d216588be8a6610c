import fc from 'fast-check';
import t from 'tap';
import { size } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, send } from '../scenario/steps.ts';
import { attemptsFor, costOf, executionOrder, isExclusive, runConcurrently } from './schedule.ts';

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

t.test('every scenario runs once, after its control, and alone if it is exclusive', async () => {
  await fc.assert(
    fc.asyncProperty(
      catalogues,
      fc.integer({ min: 1, max: 9 }),
      fc.scheduler(),
      async (catalogue, concurrency, s) => {
        const ended = new Set<string>();
        const running = new Set<Scenario>();
        const begun: string[] = [];
        let isValid = true;
        const attempt = async (scenario: Scenario): Promise<string> => {
          running.add(scenario);
          begun.push(scenario.id);
          isValid &&= scenario.control === undefined || ended.has(scenario.control);
          isValid &&= running.size <= concurrency && (running.size === 1 || ![...running].some(isExclusive));
          await s.schedule(Promise.resolve(), scenario.id);
          running.delete(scenario);
          ended.add(scenario.id);
          return scenario.id;
        };
        const done = (async () => {
          const yielded: string[] = [];
          for await (const id of runConcurrently(
            executionOrder(catalogue, catalogue),
            () => concurrency,
            attempt,
          ))
            yielded.push(id);
          return yielded;
        })();
        const yielded = await s.waitFor(done);
        return isValid && new Set(begun).size === catalogue.length && yielded.length === catalogue.length;
      },
    ),
  );
});

t.test('several scenarios run at a time', async (t) => {
  const catalogue = [0, 1, 2].map((id) => scenario(id));
  let running = 0;
  let most = 0;
  for await (const _ of runConcurrently(
    catalogue,
    () => 3,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    },
  )) {
    // Only the count matters.
  }
  t.equal(most, 3);
});

t.test('no scenario is in flight after the consumer stops', async (t) => {
  const finished: string[] = [];
  const attempt = async ({ id }: Scenario): Promise<string> => {
    await new Promise((resolve) => setImmediate(resolve));
    finished.push(id);
    return id;
  };
  for await (const _ of runConcurrently(
    [0, 1, 2].map((id) => scenario(id)),
    () => 2,
    attempt,
  ))
    break;
  t.equal(finished.length, 2, 'two were begun, and both have ended');
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
