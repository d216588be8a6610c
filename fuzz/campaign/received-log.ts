/**
 * What the target received since it was started, as recipes, so that a fault that no single case shows can be replayed. A
 * recipe is small, and its case can be made again.
 */

import type { Recipe } from '../generate/generate.ts';

/** Earlier cases are forgotten. */
const MOST_CASES = 4096;

export class ReceivedLog {
  #recipes: readonly Recipe[] = [];
  #restarts = 0;
  #cases = 0;

  /** Cases since the target was started, also those that are forgotten. */
  get cases(): number {
    return this.#cases;
  }

  /** In their order. */
  get recipes(): readonly Recipe[] {
    return this.#recipes;
  }

  /** Adds cases that were sent. `restarts`: how often the target was restarted before; what an earlier life received is forgotten. */
  add(recipes: readonly Recipe[], restarts: number): void {
    if (restarts !== this.#restarts) {
      this.#recipes = [];
      this.#cases = 0;
    }
    this.#restarts = restarts;
    this.#cases += recipes.length;
    this.#recipes = [...this.#recipes, ...recipes].slice(-MOST_CASES);
  }
}
