/** After how many failures a run ends early, and which failures count. The same for servers, clients and libraries. */

import { LEVELS, type Requirement } from './requirement.ts';

/** When a run ends early. */
export interface FailureLimit {
  /** The run ends at the first failure that counts: the same as `maxFailures: 1`. Default false. */
  readonly bail?: boolean | undefined;
  /** The run ends after this many failures that count, at least 1. Default: none ends it. */
  readonly maxFailures?: number | undefined;
  /** Whether the failure of a scenario that was selected counts. Default: if its level is MUST. */
  readonly countsAsFailure?: ((scenario: Requirement) => boolean) | undefined;
}

/** The failures of one run, up to its limit. */
export class FailureCount {
  readonly #most: number;
  readonly #counts: (scenario: Requirement) => boolean;
  readonly #failed = new Set<string>();

  constructor({
    bail = false,
    maxFailures = bail ? 1 : Number.POSITIVE_INFINITY,
    countsAsFailure = ({ level }) => level === LEVELS[0],
  }: FailureLimit) {
    this.#most = maxFailures;
    this.#counts = countsAsFailure;
  }

  /** Whether a failure of the scenario counts. False in a run without a limit. */
  counts(scenario: Requirement): boolean {
    return this.#most < Number.POSITIVE_INFINITY && this.#counts(scenario);
  }

  /** Counts a failure. One scenario counts once. */
  add(scenario: Requirement): void {
    if (this.counts(scenario)) this.#failed.add(scenario.id);
  }

  /** Whether the limit is reached. */
  get isReached(): boolean {
    return this.isReachedWith(0);
  }

  /** Whether `more` failures reach the limit. */
  isReachedWith(more: number): boolean {
    return this.#failed.size + more >= this.#most;
  }
}
