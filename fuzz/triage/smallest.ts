/** From a case that breaks an invariant to the smallest one that does so each time. */

import { performance } from 'node:perf_hooks';
import type { Case } from '../case/case.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { isFatal, TargetLostError } from './fatal-symptom.ts';
import type { Origin } from './finding.ts';
import { type History, withShortIds } from './reduce/history.ts';
import { minimise } from './reduce/minimise.ts';
import type { Trials } from './trials.ts';

/** A case that broke an invariant. */
export interface Evidence {
  readonly value: Case;
  readonly symptom: Symptom;
  readonly origin: Origin;
  readonly mutations: readonly string[];
  /** For a generated case: the simpler cases that can be derived from it. */
  readonly tree?: ShrinkTree | undefined;
  /** The case is a history, and shows the symptom only on a target that was just started. */
  readonly history?: History['kind'] | undefined;
  /** The cases that the target received since it was started, for a search of a history if the case alone does not show the symptom. */
  readonly received?: (() => readonly Case[]) | undefined;
  /** Of a finding whose case is minimised further. */
  readonly id?: string;
}

/** The bounds of the search. */
export interface SearchOptions {
  /** Most candidates that are tried to minimise one finding. */
  readonly minimiseTries: number;
  /** Most milliseconds that it takes to minimise one finding. */
  readonly minimiseMs: () => number;
  /** Called with each simpler case that shows the symptom. */
  readonly onSimpler?: ((value: Case) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Smallest {
  readonly value: Case;
  readonly isMinimal: boolean;
  readonly endedBy?: unknown;
}

export interface Confirmed extends Smallest {
  /** What the target remembers of other tries made the smallest case too small. */
  readonly isUnsteady?: true;
  readonly failed: number;
  readonly attempts: number;
}

/** Attempts of a minimised case, and of a case before it is minimised. */
const ATTEMPTS = 3;
export const FIRST_ATTEMPTS = 2;
/** Candidates that are tried to minimise a history. Each costs a restart of the target. */
const HISTORY_TRIES = 1000;

/**
 * Minimises a case that failed in each of the first attempts, and confirms the smallest. `endedBy` is set if the target was lost, or
 * the signal fired; other errors of the trials are thrown.
 */
export async function confirmSmallest(
  evidence: Evidence,
  trials: Trials,
  options: SearchOptions,
): Promise<Confirmed> {
  const first = { failed: FIRST_ATTEMPTS, attempts: FIRST_ATTEMPTS };
  const { value, isMinimal, endedBy } = await smallestOf(evidence, trials, options);
  if (endedBy !== undefined) return { value, isMinimal, ...first, endedBy };
  try {
    const failed = await trials.count(value, ATTEMPTS);
    if (failed === ATTEMPTS) return { value, isMinimal, failed, attempts: ATTEMPTS };
    // What was tried before may have left a state in which a smaller case is enough. The case itself did without it.
    const unsteady = { attempts: ATTEMPTS, isUnsteady: true } as const;
    const original = await trials.count(evidence.value, ATTEMPTS);
    if (original > failed) return { ...unsteady, value: evidence.value, isMinimal: false, failed: original };
    return { ...unsteady, value, isMinimal, failed };
  } catch (error) {
    if (!isEnd(error, options)) throw error;
    return { value, isMinimal, ...first, endedBy: error };
  }
}

/** Whether the error ends the campaign and says nothing about the case. */
function isEnd(error: unknown, { signal }: SearchOptions): boolean {
  return error instanceof TargetLostError || signal?.aborted === true;
}

async function tryShortIds(value: Case, trials: Trials): Promise<Case> {
  const short = withShortIds(value);
  return (await trials.firstThatShows([short])) === 0 ? short : value;
}

async function smallestOf(
  { value, symptom, tree, history }: Evidence,
  trials: Trials,
  options: SearchOptions,
): Promise<Smallest> {
  if (history === 'count') return { value, isMinimal: true };
  const { minimiseTries, minimiseMs, signal, onSimpler } = options;
  const start = history === undefined ? value : await tryShortIds(value, trials);
  const until = performance.now() + minimiseMs();
  // Each success with a fatal symptom costs a restart of the target, and with a hang the wait for it. So the large
  // reductions come first, and the small steps of fast-check's shrinkers are left out.
  const isCostly = isFatal(symptom) || symptom.invariant === 'reacts';
  let endedBy: unknown;
  const smallest = await minimise(start, isCostly ? undefined : tree, {
    firstThatShows: async (candidates) => {
      try {
        return await trials.firstThatShows(candidates);
      } catch (error) {
        if (!isEnd(error, options)) throw error;
        endedBy = error;
        return -1;
      }
    },
    onSimpler,
    budget: history === undefined ? minimiseTries : Math.min(minimiseTries, HISTORY_TRIES),
    shouldStop: () => performance.now() > until || endedBy !== undefined || signal?.aborted === true,
  });
  return { ...smallest, endedBy };
}
