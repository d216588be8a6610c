/**
 * The corpus of a campaign: for each signature the smallest case that showed it. The feedback lane mutates these cases; at
 * the end, the corpus lists everything that the target was seen to do.
 */

import { type Case, caseSize } from '../case/case.ts';

/** In bytes. Larger cases are not mutated, because that costs too much. */
const LARGEST_PARENT = 64 * 1024;

/** For each signature the smallest case that showed it. */
export class Corpus {
  readonly #cases: Map<string, Case>;
  /** The cases that may be mutated; undefined after a change of the corpus. */
  #parents: readonly Case[] | undefined;

  constructor(entries: Iterable<readonly [signature: string, value: Case]> = []) {
    this.#cases = new Map(entries);
  }

  get size(): number {
    return this.#cases.size;
  }

  /** Keeps the case if it is the first with this signature, or the smallest. Returns whether it is the first. */
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

  /** A case to mutate. `fraction`, from 0 to 1, exclusive, selects it. Undefined if there is none. */
  parent(fraction: number): Case | undefined {
    this.#parents ??= [...this.#cases.values()].filter((value) => caseSize(value) <= LARGEST_PARENT);
    return this.#parents[Math.floor(fraction * this.#parents.length)];
  }
}
