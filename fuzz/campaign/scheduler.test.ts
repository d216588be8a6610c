import fc from 'fast-check';
import t from 'tap';
import type { Case } from '../case/case.ts';
import type { Recipe } from '../generate/generate.ts';
import { Corpus } from './corpus.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { readState, writeState } from './state.ts';
import { newStats } from './stats.ts';

const empty: Case = { arrangement: 'at-once', connections: [[]] };
const corpus = new Corpus([['a signature', empty]]);

const indicesOf = (recipes: readonly Recipe[]): number[] =>
  recipes.flatMap((recipe) => (recipe.lane === 'base' ? [recipe.index] : [])).toSorted((a, b) => a - b);

t.test('both lanes get their share of the runs, whatever the size of the batches', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 0, max: 9 }),
      (runs, size, tenths) => {
        const scheduler = new Scheduler({ seed: 1, runs, feedback: tenths / 10, given: [empty] });
        const recipes: Recipe[] = [];
        while (!scheduler.isDone(corpus)) recipes.push(...scheduler.next(size, corpus));
        const base = Math.ceil(runs * (1 - tenths / 10));
        const isWhole =
          fc.stringify(indicesOf(recipes)) === fc.stringify(Array.from({ length: base }, (_, n) => n));
        return isWhole && recipes.length === runs + 1 && recipes[0]?.lane === 'given';
      },
    ),
  );
});

t.test('the shards of a campaign send each of its cases once', async () => {
  const inputs = Array.from({ length: 40 }, (_, ms): Case => {
    return { arrangement: 'at-once', connections: [[{ do: 'pause', ms }]] };
  });
  const numbers = (recipes: readonly Recipe[]): number[][] => {
    const of = (numberOf: (recipe: Recipe) => number | undefined): number[] =>
      recipes
        .map(numberOf)
        .filter((number) => number !== undefined)
        .toSorted((a, b) => a - b);
    return [
      of((recipe) => (recipe.lane === 'base' ? recipe.index : undefined)),
      of((recipe) => (recipe.lane === 'feedback' ? recipe.nonce : undefined)),
      of((recipe) => (recipe.lane === 'given' ? inputs.indexOf(recipe.value) : undefined)),
    ];
  };
  const allOf = (options: Omit<SchedulerOptions, 'seed' | 'given'>, size: number): Recipe[] => {
    const scheduler = new Scheduler({ seed: 1, given: inputs, ...options });
    const recipes: Recipe[] = [];
    while (!scheduler.isDone(corpus)) recipes.push(...scheduler.next(size, corpus));
    return recipes;
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 0, max: 9 }),
      (runs, of, size, tenths) => {
        const options = { runs, feedback: tenths / 10 };
        const parts = Array.from({ length: of }, (_, at) =>
          allOf({ ...options, shard: { index: at + 1, of } }, size),
        );
        return fc.stringify(numbers(parts.flat())) === fc.stringify(numbers(allOf(options, size)));
      },
    ),
  );
});

t.test('cases that were not sent are the next', async (t) => {
  const scheduler = new Scheduler({ seed: 1, runs: 10, feedback: 0, given: [] });
  const first = scheduler.next(6, corpus);
  scheduler.putBack(first.slice(4));
  t.strictSame(indicesOf(scheduler.next(3, corpus)), [4, 5, 6]);
});

t.test('without a corpus there is only the base lane', async (t) => {
  const nothing = new Corpus();
  const scheduler = new Scheduler({ seed: 1, runs: 10, feedback: 0.5, given: [] });
  t.equal(scheduler.next(100, nothing).length, 5);
  t.ok(scheduler.isDone(nothing));
});

t.test('a scheduler continues from a saved state', async (t) => {
  const scheduler = new Scheduler({ seed: 1, runs: 20, feedback: 0.3, given: [empty] });
  scheduler.putBack(scheduler.next(9, corpus).slice(2));
  const state = {
    seed: 1,
    elapsedMs: 5,
    restarts: 2,
    scheduler: scheduler.state,
    stats: { ...newStats(), cases: 2 },
    corpus: [...corpus.entries()],
    findings: [],
    occurrences: { x: 3 },
  };
  const back = await readState(writeState(state));
  t.match(back, { seed: 1, elapsedMs: 5, restarts: 2, stats: { cases: 2 }, occurrences: { x: 3 } });
  t.strictSame(new Corpus(back.corpus).size, 1);
  const rest = new Scheduler({ seed: 1, runs: 20, feedback: 0.3, given: [] }, back.scheduler);
  const recipes: Recipe[] = [];
  while (!rest.isDone(corpus)) recipes.push(...rest.next(4, corpus));
  t.equal(recipes.length, 19);
});

t.test(
  'given cases are sent once more when a dying target may not have read them, and no others',
  async (t) => {
    const options = { seed: 1, runs: 2, feedback: 0, given: [empty, empty] };
    const scheduler = new Scheduler(options);
    const batch = scheduler.next(4, corpus);
    t.strictSame(
      batch.map(({ lane }) => lane),
      ['given', 'given', 'base', 'base'],
    );
    const [first, ...later] = batch;
    scheduler.sendAgain(later);
    t.strictSame(scheduler.next(4, corpus), [later[0]], 'a case that is generated may come again by itself');
    scheduler.sendAgain(batch);
    t.strictSame(scheduler.next(4, corpus), [first], 'each once');
    t.ok(scheduler.isDone(corpus));
  },
);
