/**
 * Makes a case smaller that shows a symptom, keeping the symptom. Two ways of getting simpler candidates, one after the
 * other: fast-check's, which know how the case was generated, as long as it was; and cuts, which take connections, actions,
 * tokens and bytes away from any case. Candidates are tried in order, first one at a time, then in growing batches: those
 * that still show it are likely at first and rare at the end, and each may cost a restart of the target.
 */

import type { Case } from '../case/case.ts';
import { caseSize } from '../case/case.ts';
import { digestOf } from '../case/digest.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { REDUCTIONS } from './reductions.ts';

export interface MinimiseOptions {
  /**
   * The index of the first of the candidates that shows the symptom, -1 if none does. May throw them side by side.
   */
  readonly firstThatShows: (candidates: readonly Case[]) => Promise<number>;
  /** Candidates that may be tried. */
  readonly budget: number;
  /** Ends it early, with what was reached. */
  readonly shouldStop: () => boolean;
}

export interface Minimised {
  readonly value: Case;
  readonly tried: number;
  /** Whether nothing simpler was left to try. */
  readonly isMinimal: boolean;
}

const LARGEST_BATCH = 64;

/** The smallest case that was found; `tree` is how it was generated, if it was. */
export async function minimise(
  start: Case,
  tree: ShrinkTree | undefined,
  options: MinimiseOptions,
): Promise<Minimised> {
  const search = new Search(options);
  let value = start;
  if (tree !== undefined) {
    const best = await search.descend(tree, [(one) => one.simpler()], (one) => one.generated.value);
    if (caseSize(best.generated.value) <= caseSize(start)) value = best.generated.value;
  }
  value = await search.descend(value, REDUCTIONS, (one) => one);
  return { value, tried: search.tried, isMinimal: !search.isOver };
}

/** A candidate, and how many others came before it. */
interface Candidate<T> {
  readonly one: T;
  readonly place: number;
  readonly digest: string;
}

class Search {
  tried = 0;
  readonly #options: MinimiseOptions;
  /** Digests of all that was tried: long runs of one character give the same candidate many times over. */
  readonly #seen = new Set<string>();

  constructor(options: MinimiseOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.tried >= this.#options.budget || this.#options.shouldStop();
  }

  /**
   * From one that shows the symptom to a simpler one that does, until none of the simpler ones does. Of several kinds of
   * candidates the later ones are many and small, so the earlier ones are tried again after every success.
   */
  async descend<T>(
    start: T,
    kinds: readonly ((one: T) => Iterable<T>)[],
    caseOf: (one: T) => Case,
  ): Promise<T> {
    let best = start;
    // What failed before a success would mostly fail again: each kind goes on at its place, and then comes to the rest.
    const places = kinds.map(() => 0);
    for (let kind = 0; kind < kinds.length; ) {
      const simpler = (): Iterable<T> => kinds[kind]?.(best) ?? [];
      const from = places[kind] ?? 0;
      const next =
        (await this.#first(simpler(), from, caseOf)) ??
        (from > 0 ? await this.#first(simpler(), 0, caseOf) : undefined);
      places[kind] = next?.place ?? 0;
      best = next?.one ?? best;
      kind = next === undefined ? kind + 1 : 0;
    }
    return best;
  }

  /** The first candidate from this place on that shows the symptom. */
  async #first<T>(
    candidates: Iterable<T>,
    from: number,
    caseOf: (one: T) => Case,
  ): Promise<Candidate<T> | undefined> {
    const fresh = this.#fresh(candidates, from, caseOf);
    for (let size = 1; !this.isOver; size = Math.min(LARGEST_BATCH, 2 * size)) {
      const batch = take(fresh, Math.min(size, this.#options.budget - this.tried));
      if (batch.length === 0) return undefined;
      this.tried += batch.length;
      const found = await this.#options.firstThatShows(batch.map(({ one }) => caseOf(one)));
      if (found < 0) continue;
      // Of those behind it, nobody knows yet.
      for (const { digest } of batch.slice(found + 1)) this.#seen.delete(digest);
      return batch[found];
    }
    return undefined;
  }

  /** Those that were not tried yet. */
  *#fresh<T>(
    candidates: Iterable<T>,
    from: number,
    caseOf: (one: T) => Case,
  ): Generator<Candidate<T>, undefined> {
    let place = 0;
    for (const one of candidates) {
      const digest = place < from ? undefined : digestOf(caseOf(one));
      if (digest !== undefined && !this.#seen.has(digest)) {
        this.#seen.add(digest);
        yield { one, place, digest };
      }
      place += 1;
    }
  }
}

/** Takes from it without ending it. */
function take<T>(items: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
