/**
 * The corpus of a campaign: for each signature the smallest case that showed it. The feedback lane mutates these cases; at
 * the end, the corpus lists everything that the target was seen to do.
 */

import { type Case, caseSize } from '../case/case.ts';
import { MAX_SIGNATURES } from './stats.ts';

/** In bytes. Larger cases are not mutated, because that costs too much. */
const LARGEST_PARENT = 64 * 1024;

/** How the signature of a case begins that reached new edges of an instrumented target, which has a bounded number of them. */
export const EDGES = 'edges ';

/** For each signature the smallest case that showed it: for those of edges, and for the first `MAX_SIGNATURES` others. */
export class Corpus {
  readonly #cases: Map<string, Case>;
  /** Signatures that are not of edges. */
  #others: number;
  /** The cases that may be mutated; undefined after a change of the corpus. */
  #parents: readonly Case[] | undefined;
  /** How often each was mutated. */
  readonly #times = new WeakMap<Case, number>();

  constructor(entries: Iterable<readonly [signature: string, value: Case]> = []) {
    this.#cases = new Map(entries);
    this.#others = [...this.#cases.keys()].filter((signature) => !signature.startsWith(EDGES)).length;
  }

  get size(): number {
    return this.#cases.size;
  }

  /** Keeps the case if it is the first with this signature and there is room, or the smallest. Returns whether it is the first. */
  add(signature: string, value: Case): boolean {
    const before = this.#cases.get(signature);
    const isOther = before === undefined && !signature.startsWith(EDGES);
    if (isOther && this.#others >= MAX_SIGNATURES) return false;
    if (isOther) this.#others += 1;
    if (before === undefined || caseSize(value) < caseSize(before)) {
      this.#cases.set(signature, value);
      this.#parents = undefined;
    }
    return before === undefined;
  }

  entries(): Iterable<readonly [signature: string, value: Case]> {
    return this.#cases;
  }

  /**
   * A case to mutate: of two that are drawn, the one that was mutated less often, so that new cases are tried soon and old ones
   * still get their turn. `random` gives numbers from 0 to 1, exclusive. Undefined if there is none.
   */
  parent(random: () => number): Case | undefined {
    this.#parents ??= [...new Set(this.#cases.values())].filter((value) => caseSize(value) <= LARGEST_PARENT);
    const drawn = (): Case | undefined => this.#parents?.[Math.floor(random() * this.#parents.length)];
    const [one, other] = [drawn(), drawn()];
    const chosen = one && other && this.#timesOf(other) < this.#timesOf(one) ? other : one;
    if (chosen) this.#times.set(chosen, this.#timesOf(chosen) + 1);
    return chosen;
  }

  #timesOf(value: Case): number {
    return this.#times.get(value) ?? 0;
  }
}
