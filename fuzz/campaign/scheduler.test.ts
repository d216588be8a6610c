import fc from 'fast-check';
import t from 'tap';
import type { Case } from '../case/case.ts';
import type { Lot } from '../generate/recipe.ts';
import { Corpus } from './corpus.ts';
import { Plan } from './scheduler.ts';
import { readState, writeState } from './state.ts';
import { newTally } from './stats.ts';

const empty: Case = { arrangement: 'at-once', connections: [[]] };
const corpus = new Corpus([['a signature', empty]]);

const indicesOf = (lots: readonly Lot[]): number[] =>
  lots.flatMap((lot) => (lot.lane === 'base' ? [lot.index] : [])).toSorted((a, b) => a - b);

t.test('both lanes get their share of the runs, whatever the size of the shifts', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 0, max: 9 }),
      (runs, size, tenths) => {
        const plan = new Plan({ seed: 1, runs, feedback: tenths / 10, given: [empty] });
        const lots: Lot[] = [];
        while (!plan.isDone(corpus)) lots.push(...plan.next(size, corpus));
        const base = Math.ceil(runs * (1 - tenths / 10));
        const isWhole =
          fc.stringify(indicesOf(lots)) === fc.stringify(Array.from({ length: base }, (_, n) => n));
        return isWhole && lots.length === runs + 1 && lots[0]?.lane === 'given';
      },
    ),
  );
});

t.test('what was not thrown comes again, and first', async (t) => {
  const plan = new Plan({ seed: 1, runs: 10, feedback: 0, given: [] });
  const first = plan.next(6, corpus);
  plan.giveBack(first.slice(4));
  t.strictSame(indicesOf(plan.next(3, corpus)), [4, 5, 6]);
});

t.test('without anything to mutate, the base lane is all', async (t) => {
  const nothing = new Corpus();
  const plan = new Plan({ seed: 1, runs: 10, feedback: 0.5, given: [] });
  t.equal(plan.next(100, nothing).length, 5);
  t.ok(plan.isDone(nothing));
});

t.test('a state that was written goes on where it was', async (t) => {
  const plan = new Plan({ seed: 1, runs: 20, feedback: 0.3, given: [empty] });
  plan.giveBack(plan.next(9, corpus).slice(2));
  const state = {
    seed: 1,
    elapsedMs: 5,
    revivals: 2,
    plan: plan.state,
    tally: { ...newTally(), cases: 2 },
    corpus: [...corpus.entries()],
    findings: [],
    met: { x: 3 },
  };
  const back = await readState(writeState(state));
  t.match(back, { seed: 1, elapsedMs: 5, revivals: 2, tally: { cases: 2 }, met: { x: 3 } });
  t.strictSame(new Corpus(back.corpus).size, 1);
  const rest = new Plan({ seed: 1, runs: 20, feedback: 0.3, given: [] }, back.plan);
  const lots: Lot[] = [];
  while (!rest.isDone(corpus)) lots.push(...rest.next(4, corpus));
  t.equal(lots.length, 19);
});
