import fc from 'fast-check';
import t from 'tap';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers } from '../../scenario/steps.ts';
import { executionOrder, isExclusive } from '../schedule.ts';
import { type Lane, type LaneEvent, runConcurrently } from './lanes.ts';

function scenario(id: number, control?: number, alone = false): Scenario {
  const base = { clause: 'F1', level: 'MUST', requirement: '.', steps: [], accept: [answers()] } as const;
  return { ...base, id: `a/${id}`, ...(control !== undefined && { control: `a/${control}` }), alone };
}

const SIX = Array.from({ length: 6 }, (_, id) => scenario(id));

function limits(active: number, waiting: number) {
  return { active: () => active, waiting: () => waiting, isExclusive };
}

async function valuesOf<T>(events: AsyncIterable<LaneEvent<T>>): Promise<T[]> {
  const values: T[] = [];
  for await (const event of events) if (event.kind === 'ended') values.push(event.value);
  return values;
}

/** Shuffled catalogues without circles: a control always has a smaller number than its scenario. */
const catalogues = fc
  .array(
    fc.record({ control: fc.option(fc.nat(), { nil: undefined }), alone: fc.boolean(), waits: fc.boolean() }),
    { minLength: 1 },
  )
  .chain((rows) =>
    fc.record({
      waits: fc.constant(new Set(rows.flatMap(({ waits }, id) => (waits ? [`a/${id}`] : [])))),
      catalogue: fc.shuffledSubarray(
        rows.map(({ control, alone }, id) =>
          scenario(id, control === undefined || id === 0 ? undefined : control % id, alone),
        ),
        { minLength: rows.length },
      ),
    }),
  );

t.test(
  'every scenario runs once, after its control, within both limits, and alone if it is exclusive',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        catalogues,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(4),
        fc.scheduler(),
        async ({ catalogue, waits }, most, mostWaiting, s) => {
          const ended = new Set<string>();
          const inFlight = new Set<Scenario>();
          const active = new Set<Scenario>();
          const begun: string[] = [];
          let isValid = true;
          const attempt = async (scenario: Scenario, lane: Lane): Promise<string> => {
            inFlight.add(scenario);
            active.add(scenario);
            begun.push(scenario.id);
            isValid &&= scenario.control === undefined || ended.has(scenario.control);
            isValid &&= active.size <= most && inFlight.size - active.size <= Math.max(0, mostWaiting);
            isValid &&= inFlight.size === 1 || ![...inFlight].some(isExclusive);
            await s.schedule(Promise.resolve(), `${scenario.id} sends`);
            if (waits.has(scenario.id) && !isExclusive(scenario) && mostWaiting > 0) active.delete(scenario);
            if (waits.has(scenario.id)) lane.release();
            await s.schedule(Promise.resolve(), `${scenario.id} ends`);
            inFlight.delete(scenario);
            active.delete(scenario);
            ended.add(scenario.id);
            return scenario.id;
          };
          const order = executionOrder(catalogue, catalogue);
          const values = await s.waitFor(
            valuesOf(runConcurrently(order, limits(most, mostWaiting), attempt)),
          );
          return isValid && new Set(begun).size === catalogue.length && values.length === catalogue.length;
        },
      ),
    );
  },
);

t.test('several attempts are active at a time, as many as the limit', async (t) => {
  let active = 0;
  let most = 0;
  await valuesOf(
    runConcurrently(SIX, limits(3, 0), async () => {
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setImmediate(resolve));
      active -= 1;
    }),
  );
  t.equal(most, 3);
});

t.test('while one attempt waits, the others run, and then the wait is announced', async (t) => {
  const order: string[] = [];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const attempt = async ({ id }: Scenario, lane: Lane): Promise<void> => {
    if (id === 'a/0') {
      lane.release();
      await ended;
    }
    order.push(id);
  };
  const announced: string[][] = [];
  for await (const event of runConcurrently(SIX, limits(1, 8), attempt)) {
    if (event.kind !== 'waiting') continue;
    announced.push(event.scenarios.map(({ id }) => id));
    if (order.length === 5) end();
  }
  t.strictSame(order, ['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/0']);
  t.strictSame(announced.at(-1), ['a/0']);
});

t.test('no attempt is in flight after the consumer stops', async (t) => {
  const finished: string[] = [];
  const attempt = async ({ id }: Scenario): Promise<string> => {
    await new Promise((resolve) => setImmediate(resolve));
    finished.push(id);
    return id;
  };
  for await (const _ of runConcurrently(SIX, limits(2, 0), attempt)) break;
  t.equal(finished.length, 2, 'two were begun, and both have ended');
});

t.test('the error of an attempt is passed on', async (t) => {
  const failing = async (): Promise<never> => {
    throw new Error('injected');
  };
  await t.rejects(valuesOf(runConcurrently(SIX, limits(2, 0), failing)), { message: 'injected' });
});

t.test('a scenario that is held may not begin, but regains its lane', async (t) => {
  const held = new Set<string>();
  const begun: string[] = [];
  const attempt = async ({ id }: Scenario, lane: Lane): Promise<string> => {
    begun.push(id);
    if (id === 'a/0') {
      held.add('a/0').add('a/2');
      lane.release();
      await new Promise(setImmediate);
      await lane.regain();
      begun.push('a/0 again');
      held.clear();
    }
    return id;
  };
  const options = { ...limits(2, 1), isHeld: ({ id }: Scenario) => held.has(id) };
  const values = await valuesOf(runConcurrently(SIX.slice(0, 3), options, attempt));
  t.strictSame(begun, ['a/0', 'a/1', 'a/0 again', 'a/2']);
  t.strictSame(values, ['a/1', 'a/0', 'a/2']);
});

t.test('an attempt that regains its lane several times ends although the consumer has stopped', async (t) => {
  let ended = 0;
  const attempt = async ({ id }: Scenario, lane: Lane): Promise<string> => {
    if (id === 'a/0') return id;
    lane.release();
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(setImmediate);
      await lane.regain();
    }
    ended += 1;
    return id;
  };
  for await (const event of runConcurrently(SIX, limits(2, 1), attempt)) if (event.kind === 'ended') break;
  t.equal(ended, 1);
});
