/**
 * The scheduler decides which cases are sent next: first the given ones, then the base lane in the order of its indices, and
 * the feedback lane with its share. Its state can be saved between two batches.
 *
 * Shard k of n takes every n-th index of the base lane and every n-th nonce of the feedback lane, from the (k - 1)th on, and the
 * given inputs whose digest has the remainder k - 1. So the shards of a campaign send each case of it once.
 */

import type { Shard } from '../../conformance/report/record.ts';
import { seeded } from '../../conformance/util/random.ts';
import type { Case } from '../case/case.ts';
import { digestOf } from '../case/digest.ts';
import type { Recipe } from '../generate/generate.ts';
import type { Corpus } from './corpus.ts';

export interface SchedulerOptions {
  readonly seed: number;
  /** Cases in both lanes together; undefined: no limit. */
  readonly runs: number | undefined;
  /** Share of the feedback lane, from 0 to 1. */
  readonly feedback: number;
  /** Sent first. */
  readonly given: readonly Case[];
  /** Default: the whole campaign. `runs` and `given` are of the whole in either case. */
  readonly shard?: Shard | undefined;
}

const WHOLE: Shard = { index: 1, of: 1 };

/** Plain data. */
export interface SchedulerState {
  /** Index of the next case of the base lane. */
  nextBase: number;
  /** Nonce of the next mutation of the feedback lane. */
  nextNonce: number;
  /** Recipes that are sent before the lanes: the given ones, and those that were scheduled but not sent. */
  pending: Recipe[];
}

export class Scheduler {
  readonly #feedback: number;
  readonly #baseRuns: number;
  readonly #feedbackRuns: number;
  /** From one index, or nonce, of this shard to its next. */
  readonly #stride: number;
  readonly #random: () => number;
  readonly #state: SchedulerState;
  /** Given cases that were put back although they were sent. */
  readonly #sentAgain = new WeakSet<Recipe>();

  constructor({ seed, runs, feedback, given, shard = WHOLE }: SchedulerOptions, saved?: SchedulerState) {
    this.#feedback = feedback;
    this.#baseRuns = runs === undefined ? Number.POSITIVE_INFINITY : Math.ceil(runs * (1 - feedback));
    this.#feedbackRuns = runs === undefined ? Number.POSITIVE_INFINITY : runs - this.#baseRuns;
    this.#stride = shard.of;
    this.#state = saved ?? {
      nextBase: shard.index - 1,
      nextNonce: shard.index - 1,
      pending: given.filter((value) => isInShard(value, shard)).map((value) => ({ lane: 'given', value })),
    };
    // A resumed campaign selects other parents: the feedback lane adapts to the target and is not reproducible.
    this.#random = seeded(seed + this.#state.nextNonce);
  }

  get state(): SchedulerState {
    return this.#state;
  }

  /** Whether no case is left. The feedback lane ends early if the corpus is empty. */
  isDone(corpus: Corpus): boolean {
    const { pending, nextBase, nextNonce } = this.#state;
    const hasMore = corpus.size > 0 && nextNonce < this.#feedbackRuns;
    return pending.length === 0 && nextBase >= this.#baseRuns && !hasMore;
  }

  /** Adds inputs that are sent next, unchanged, and not counted as runs. */
  add(given: readonly Case[]): void {
    this.#state.pending.push(...given.map((value): Recipe => ({ lane: 'given', value })));
  }

  /** Puts back cases that were not sent; they are the next. */
  putBack(recipes: readonly Recipe[]): void {
    this.#state.pending.unshift(...recipes);
  }

  /** Puts back the given ones of cases that a dying target may not have read. Each is sent once more at most. */
  sendAgain(recipes: readonly Recipe[]): void {
    const again = recipes.filter((recipe) => recipe.lane === 'given' && !this.#sentAgain.has(recipe));
    for (const recipe of again) this.#sentAgain.add(recipe);
    this.putBack(again);
  }

  /** The next cases, `count` at most. */
  next(count: number, corpus: Corpus): Recipe[] {
    const state = this.#state;
    const recipes = state.pending.splice(0, count);
    const room = count - recipes.length;
    const mutable = corpus.size === 0 ? 0 : this.#left(state.nextNonce, this.#feedbackRuns);
    const share = Math.min(mutable, Math.round(room * this.#feedback));
    const base = Math.min(this.#left(state.nextBase, this.#baseRuns), room - share);
    for (let taken = 0; taken < base; taken += 1) {
      recipes.push({ lane: 'base', index: state.nextBase });
      state.nextBase += this.#stride;
    }
    const isLast = state.nextBase >= this.#baseRuns;
    const feedback = isLast ? Math.min(mutable, room - base) : share;
    for (let taken = 0; taken < feedback; taken += 1) {
      const parent = corpus.parent(this.#random);
      if (parent === undefined) continue;
      recipes.push({ lane: 'feedback', parent, nonce: state.nextNonce });
      state.nextNonce += this.#stride;
    }
    return recipes;
  }

  /** How many of this shard's numbers are left: `next` and on, below `end`. */
  #left(next: number, end: number): number {
    return Math.max(0, Math.ceil((end - next) / this.#stride));
  }
}

/** Depends on the bytes of the input only, so that the shards need not have the same list. */
function isInShard(value: Case, { index, of }: Shard): boolean {
  return BigInt(`0x${digestOf(value)}`) % BigInt(of) === BigInt(index - 1);
}
