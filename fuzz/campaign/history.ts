/**
 * What the target received since it was started, as recipes, so that a fault that no single case shows can be replayed. A
 * recipe is small, and its case can be made again.
 */

import { performance } from 'node:perf_hooks';
import { type Case, caseSize } from '../case/case.ts';
import type { Generator, Recipe } from '../generate/generate.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type Confirmer, isFatal } from '../triage/confirm.ts';
import { findHistory, findRelated, type History } from '../triage/history.ts';

/** Earlier cases are forgotten. */
const MOST_CASES = 4096;
/** In bytes. Larger cases are left out of a search. */
const LARGEST_CASE = 64 * 1024;
/** Most milliseconds that a search takes. */
const SEARCH_MS = 60_000;

export interface HistoryLogOptions {
  readonly generator: Generator;
  readonly confirmer: Confirmer;
  /** Ends a search. */
  readonly signal: AbortSignal;
}

export class HistoryLog {
  readonly #options: HistoryLogOptions;
  #recipes: readonly Recipe[] = [];
  #life = 0;
  #cases = 0;

  constructor(options: HistoryLogOptions) {
    this.#options = options;
  }

  /** Cases since the target was started, also those that are forgotten. */
  get cases(): number {
    return this.#cases;
  }

  /** Adds cases that were sent, in their order. After a restart of the target, it forgets those that were sent before. */
  add(recipes: readonly Recipe[]): void {
    const { restarts } = this.#options.confirmer;
    if (restarts !== this.#life) {
      this.#recipes = [];
      this.#cases = 0;
    }
    this.#life = restarts;
    this.#cases += recipes.length;
    this.#recipes = [...this.#recipes, ...recipes].slice(-MOST_CASES);
  }

  /**
   * A history that shows the symptom. The candidates are the last cases, of which one may have shown it. Undefined if there is
   * none, or if the kit cannot start the target again.
   */
  search(symptom: Symptom, candidates: readonly Case[]): Promise<History | undefined> {
    const { generator, confirmer, signal } = this.#options;
    if (!confirmer.canRestart) return Promise.resolve(undefined);
    const until = performance.now() + SEARCH_MS;
    const cases = this.#recipes
      .map((recipe) => generator.make(recipe).value)
      .filter((value) => caseSize(value) <= LARGEST_CASE);
    const find = isFatal(symptom) ? findHistory : findRelated;
    return confirmer.inNewLives(symptom, () =>
      find({
        cases,
        candidates,
        shows: async (value) => (await confirmer.firstThatShows([value], symptom.symptom)) === 0,
        shouldStop: () => signal.aborted || performance.now() > until,
      }),
    );
  }
}
