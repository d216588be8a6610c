/**
 * The scenarios of a run whose results are open: those to be attempted again in another order, and those to be attempted with
 * nothing else in flight. Closes them, and counts the failures that end the run.
 */

import { FailureCount, type FailureLimit } from '../scenario/failure-limit.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Attempt } from './attempt.ts';
import type { ScenarioResult } from './events.ts';
import { afterControls } from './schedule.ts';

export interface OpenOptions extends FailureLimit {
  /** Whether the scenario is judged; otherwise it only runs as a control. */
  readonly isPlanned: (id: string) => boolean;
}

/** A scenario whose result is open, with its attempts that count and, if there are none yet, the one that shows why. */
export interface Open {
  readonly scenario: Scenario;
  readonly counted: readonly Attempt[];
  readonly shown?: Attempt;
}

export class OpenScenarios {
  readonly #options: OpenOptions;
  readonly #repeats = new Map<Scenario, Open>();
  readonly #alone = new Map<Scenario, Open>();
  readonly #failures: FailureCount;

  constructor(options: OpenOptions) {
    this.#options = options;
    this.#failures = new FailureCount(options);
  }

  /** Failed or inconclusive next to others, or failed once: to be attempted again in another order. In the order of the first attempts. */
  get repeats(): readonly Open[] {
    return [...this.#repeats.values()];
  }

  /** To be attempted with nothing else in flight. */
  get alone(): readonly Open[] {
    return [...this.#alone.values()];
  }

  /** Scenarios whose failures count, and that are to be attempted again. */
  get failures(): readonly Open[] {
    return [...this.repeats, ...this.alone].filter(
      ({ scenario, shown }) => shown?.verdict === 'fail' && this.#counts(scenario),
    );
  }

  /** A scenario that is to be attempted again in another order. */
  toRepeat(scenario: Scenario): Open | undefined {
    return this.#repeats.get(scenario);
  }

  has(id: string | undefined): boolean {
    return [...this.#repeats.keys(), ...this.#alone.keys()].some((scenario) => scenario.id === id);
  }

  repeat(open: Open): void {
    this.#repeats.set(open.scenario, open);
  }

  moveAlone(open: Open): void {
    this.#repeats.delete(open.scenario);
    this.#alone.set(open.scenario, open);
  }

  /** The final result of a scenario, whose failure counts. Throws a `RangeError` without an attempt. */
  close(scenario: Scenario, attempts: readonly Attempt[]): ScenarioResult {
    this.#repeats.delete(scenario);
    this.#alone.delete(scenario);
    const [first, ...others] = attempts;
    if (first === undefined) throw new RangeError('no attempt');
    if (first.verdict === 'fail' && this.#counts(scenario)) this.#failures.add(scenario);
    return this.resultOf(scenario, [first, ...others]);
  }

  /** A result that may change. */
  resultOf(scenario: Scenario, attempts: ScenarioResult['attempts']): ScenarioResult {
    return { scenario, attempts, onlyAsControl: !this.#options.isPlanned(scenario.id) };
  }

  /** Whether the closed failures end the run. */
  get isLimitReached(): boolean {
    return this.#failures.isReached;
  }

  /** Whether the run ends if this attempt counts, with all failures that are still open. */
  endsAt(scenario: Scenario, { verdict }: Attempt): boolean {
    if (verdict !== 'fail' || !this.#counts(scenario)) return false;
    const others = this.failures.filter((open) => open.scenario !== scenario);
    return this.#failures.isReachedWith(1 + others.length);
  }

  #counts(scenario: Scenario): boolean {
    return this.#options.isPlanned(scenario.id) && this.#failures.counts(scenario);
  }
}

/** The last ones first, so that a failure that depends on earlier scenarios shows as flaky, but controls before what needs them. */
export function lastFirst(open: readonly Open[]): readonly Open[] {
  const byScenario = new Map(open.map((one) => [one.scenario, one]));
  const last = open.map(({ scenario }) => scenario).toReversed();
  return afterControls(last, last).flatMap((scenario) => byScenario.get(scenario) ?? []);
}
