/**
 * Minimises a case: searches for a smaller case that shows the same symptom. Candidates come from two sources, one after the
 * other: fast-check's shrinkers, which know how a generated case was made, and reductions, which remove connections,
 * actions, tokens and bytes from any case. Candidates are tried in order, first one at a time, then in growing groups: at
 * first a candidate probably shows the symptom, and near the end rarely, and each success may cost a restart of the target.
 */

import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { type Case, caseSize } from '../../case/case.ts';
import { digestOf } from '../../case/digest.ts';
import type { ShrinkTree } from '../../generate/generate.ts';
import { REDUCTIONS } from './reductions.ts';

export interface MinimiseOptions {
  /** The index of the first candidate that shows the symptom, -1 if none does. May execute them concurrently. */
  readonly firstThatShows: (candidates: readonly Case[]) => Promise<number>;
  /** Most candidates that are tried. */
  readonly budget: number;
  /** Whether to stop now, with the smallest case so far. */
  readonly shouldStop: () => boolean;
  /** Called with each simpler case that shows the symptom. */
  readonly onSimpler?: ((value: Case) => void) | undefined;
}

export interface Minimised {
  readonly value: Case;
  /** Number of candidates that were tried. */
  readonly tried: number;
  /** Whether no simpler case was left to try. */
  readonly isMinimal: boolean;
}

const LARGEST_GROUP = 64;
/** To make the thousands of candidates of a large case takes seconds. Other events wait up to so many milliseconds. */
const TURN_MS = 20;

/** The smallest case that was found. `tree`: for a generated case, the simpler cases that can be derived from it. */
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
  return { value, tried: search.tried, isMinimal: !search.isStopped };
}

/** A candidate, and the number of candidates before it. */
interface Candidate<T> {
  readonly one: T;
  readonly place: number;
  readonly digest: string;
}

class Search {
  tried = 0;
  readonly #options: MinimiseOptions;
  /** Digests of the candidates that were tried: a long run of one character gives the same candidate many times. */
  readonly #seen = new Set<string>();

  constructor(options: MinimiseOptions) {
    this.#options = options;
  }

  get isStopped(): boolean {
    return this.tried >= this.#options.budget || this.#options.shouldStop();
  }

  /**
   * Goes from a case that shows the symptom to a simpler one that does, until no simpler one does. `kinds` give candidates.
   * The later kinds make many small steps, so the earlier kinds are tried again after each success.
   */
  async descend<T>(
    start: T,
    kinds: readonly ((one: T) => Iterable<T>)[],
    caseOf: (one: T) => Case,
  ): Promise<T> {
    let best = start;
    // Candidates that failed before a success would mostly fail again. So each kind continues at its place, and tries the
    // earlier candidates afterwards.
    const places = kinds.map(() => 0);
    for (let kind = 0; kind < kinds.length; ) {
      const simpler = (): Iterable<T> => kinds[kind]?.(best) ?? [];
      const from = places[kind] ?? 0;
      const next =
        (await this.#first(simpler(), from, caseOf)) ??
        (from > 0 ? await this.#first(simpler(), 0, caseOf) : undefined);
      places[kind] = next?.place ?? 0;
      best = next?.one ?? best;
      if (next !== undefined) this.#options.onSimpler?.(caseOf(best));
      kind = next === undefined ? kind + 1 : 0;
    }
    return best;
  }

  /** The first candidate that shows the symptom, at place `from` or later. */
  async #first<T>(
    candidates: Iterable<T>,
    from: number,
    caseOf: (one: T) => Case,
  ): Promise<Candidate<T> | undefined> {
    const untried = this.#untried(candidates, from, caseOf);
    for (let size = 1; !this.isStopped; size = Math.min(LARGEST_GROUP, 2 * size)) {
      const group = await take(untried, Math.min(size, this.#options.budget - this.tried));
      if (group.length === 0) return undefined;
      this.tried += group.length;
      const found = await this.#options.firstThatShows(group.map(({ one }) => caseOf(one)));
      if (found < 0) continue;
      // The candidates after it may not have been tried.
      for (const { digest } of group.slice(found + 1)) this.#seen.delete(digest);
      return group[found];
    }
    return undefined;
  }

  /** Candidates that were not tried yet. Lets other events happen meanwhile, such as the end of the time. */
  async *#untried<T>(
    candidates: Iterable<T>,
    from: number,
    caseOf: (one: T) => Case,
  ): AsyncGenerator<Candidate<T>, undefined> {
    let place = 0;
    let turnAt = performance.now() + TURN_MS;
    for (const one of candidates) {
      if (performance.now() > turnAt) {
        await setImmediate();
        if (this.isStopped) return;
        turnAt = performance.now() + TURN_MS;
      }
      const digest = place < from ? undefined : digestOf(caseOf(one));
      if (digest !== undefined && !this.#seen.has(digest)) {
        this.#seen.add(digest);
        yield { one, place, digest };
      }
      place += 1;
    }
  }
}

/** Takes up to `count` items, and does not end the iterator. */
async function take<T>(items: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
