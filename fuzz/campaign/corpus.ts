/**
 * What is known of a target's behaviour: for each signature the shortest case that showed it. Cases that show something new
 * are mutated further, and at the end the list is a catalogue of what the target does.
 */

import { type Case, caseSize } from '../case/case.ts';

/** Larger cases are no parents: their mutations cost too much. */
const LARGEST_PARENT = 64 * 1024;

export class Corpus {
  readonly #cases: Map<string, Case>;
  /** Those that may be parents; made anew when the corpus has changed. */
  #parents: readonly Case[] | undefined;

  constructor(entries: Iterable<readonly [signature: string, value: Case]> = []) {
    this.#cases = new Map(entries);
  }

  get size(): number {
    return this.#cases.size;
  }

  /** Keeps the case if it is the first with this signature, or shorter than the one before. Tells whether it was the first. */
  add(signature: string, value: Case): boolean {
    const before = this.#cases.get(signature);
    if (before === undefined || caseSize(value) < caseSize(before)) {
      this.#cases.set(signature, value);
      this.#parents = undefined;
    }
    return before === undefined;
  }

  entries(): Iterable<readonly [signature: string, value: Case]> {
    return this.#cases;
  }

  /** A parent for a mutation; `fraction` from 0 to 1 chooses. Undefined if there is none. */
  parent(fraction: number): Case | undefined {
    this.#parents ??= [...this.#cases.values()].filter((value) => caseSize(value) <= LARGEST_PARENT);
    return this.#parents[Math.floor(fraction * this.#parents.length)];
  }
}
