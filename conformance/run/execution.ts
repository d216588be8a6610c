/**
 * Runs all scenarios: phase after phase, several at a time, and then once more what failed, one by one. Decides how the run
 * goes on when the target dies, when the run is interrupted, and at the first failure with --bail.
 *
 * A failure in a concurrent phase counts only if it repeats alone, because the other scenarios may have caused it. With
 * --bail it is attempted alone at once, after the scenarios in flight have ended. When the target does not answer in a
 * concurrent phase, all scenarios in flight end first. If it answers then, it was only busy: they run again alone, and fewer
 * scenarios run at a time from then on. Otherwise it has died: it is restarted and all scenarios in flight run alone, which
 * shows the one that kills it. If it cannot be restarted, no scenario fails for the death.
 */

import type { Scenario } from '../scenario/scenario.ts';
import type { Attempt, AttemptRunner } from './attempt.ts';
import type { RunEvent, ScenarioResult } from './events.ts';
import type { JobLimit } from './job-limit.ts';
import { afterControls, attemptsFor, countsAtOnce, isExclusive, runConcurrently } from './schedule.ts';

export interface ExecutionOptions {
  /** How often a scenario that fails is attempted in total, without the attempt in a concurrent phase. */
  readonly maxAttempts: number;
  /** Whether a failure in a concurrent phase counts only if it repeats alone. Default true. */
  readonly confirm?: boolean;
  /** Whether the scenario is judged; otherwise it only runs as a control. */
  readonly isPlanned: (id: string) => boolean;
  /** End at the first failed MUST. Default false. */
  readonly bail?: boolean;
  /** Starts a target that died again. Default: the run ends. */
  readonly restart?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Phase {
  readonly scenarios: readonly Scenario[];
  /** How many scenarios run at a time. */
  readonly limit: JobLimit;
}

type End = Extract<RunEvent, { kind: 'end' }>;

interface Attempted {
  readonly scenario: Scenario;
  readonly attempt: Attempt;
}

/** A scenario to be attempted again, alone. */
interface Repeat {
  readonly scenario: Scenario;
  /** The attempts that count so far; attempts of a concurrent phase do not. */
  readonly attempts: Attempt[];
  /** The result, unless the control has passed meanwhile. */
  readonly inconclusive?: Attempt;
}

export class Execution {
  readonly #runner: AttemptRunner;
  readonly #options: ExecutionOptions;
  readonly #repeats: Repeat[] = [];
  #end: End = { kind: 'end', because: 'complete' };

  constructor(runner: AttemptRunner, options: ExecutionOptions) {
    this.#runner = runner;
    this.#options = options;
  }

  /** How the run ended. Final once `run` has returned. */
  get end(): End {
    return this.#end;
  }

  async *run(phases: readonly Phase[]): AsyncGenerator<ScenarioResult, void> {
    for (const { scenarios, limit } of phases) {
      let waiting = scenarios;
      while (this.#isRunning && waiting.length > 0) {
        const begun = new Set<Scenario>();
        yield* this.#runPhase(waiting, limit, begun);
        waiting = waiting.filter((scenario) => !begun.has(scenario));
      }
    }
    yield* this.#repeatAll();
  }

  /** Runs until all scenarios have ended or the target dies. Adds each scenario that it begins to `begun`. */
  async *#runPhase(
    waiting: readonly Scenario[],
    limit: JobLimit,
    begun: Set<Scenario>,
  ): AsyncGenerator<ScenarioResult, void> {
    const { confirm = true } = this.#options;
    const inFlight = new Set<Scenario>();
    const attempts = new Map<Scenario, Promise<Attempt>>();
    const attempt = async (scenario: Scenario): Promise<Attempted> => {
      begun.add(scenario);
      inFlight.add(scenario);
      const isAlone = limit.isOne || isExclusive(scenario);
      const attempt = this.#runner.attempt(scenario, isAlone);
      attempts.set(scenario, attempt);
      return { scenario, attempt: await attempt };
    };
    const isConcurrent = !limit.isOne && confirm;
    let death: Attempted | undefined;
    for await (const attempted of runConcurrently(waiting, () => limit.now, attempt)) {
      if (this.#isInterrupted()) return;
      const { scenario, attempt } = attempted;
      if (attempt.targetDied) {
        // The scenarios in flight end before the target is restarted.
        death = attempted;
        break;
      }
      inFlight.delete(scenario);
      const { verdict } = attempt;
      const isProvisional = isConcurrent && !isExclusive(scenario) && !countsAtOnce(scenario);
      if (this.#endsAt(scenario, attempt)) {
        // No scenario begins before the next iteration.
        const others = await Promise.all([...inFlight].map((other) => attempts.get(other)));
        const isAlone = others.every((other) => other?.targetDied === false);
        const repeat = { scenario, attempts: isProvisional ? [] : [attempt] };
        if (isAlone) yield* this.#repeatAlone(repeat);
        else this.#repeats.push(repeat);
        if (this.#isRunning) continue;
        return;
      }
      // Attempts one by one would each wait the whole answer deadline for what the preflight has waited for twice.
      if (verdict === 'fail' && this.#runner.isKnownToIgnore(scenario))
        yield this.#result(scenario, [attempt]);
      else if (verdict === 'fail') this.#repeats.push({ scenario, attempts: isProvisional ? [] : [attempt] });
      else if (verdict === 'inconclusive' && isProvisional)
        this.#repeats.push({ scenario, attempts: [], inconclusive: attempt });
      else yield this.#result(scenario, [attempt]);
    }
    if (death === undefined) return;
    inFlight.delete(death.scenario);
    // A target that does not answer next to other scenarios may only be busy.
    if (inFlight.size > 0 && (await this.#runner.isAlive())) {
      limit.shrink();
      for (const scenario of [death.scenario, ...inFlight]) this.#repeats.push({ scenario, attempts: [] });
      return;
    }
    await this.#restart();
    if (inFlight.size === 0) this.#repeats.push({ scenario: death.scenario, attempts: [death.attempt] });
    else if (this.#isRunning)
      for (const scenario of [death.scenario, ...inFlight]) this.#repeats.push({ scenario, attempts: [] });
    else {
      const reason = `the target died while this and ${inFlight.size} more scenarios ran; --jobs 1 shows which one kills it`;
      const { transcript, targetDied, durationMs } = death.attempt;
      yield this.#result(death.scenario, [
        { verdict: 'inconclusive', reason, transcript, targetDied, durationMs },
      ]);
    }
  }

  /** Attempts again what failed, one by one. */
  async *#repeatAll(): AsyncGenerator<ScenarioResult, void> {
    // In reverse order, so that a failure that depends on earlier scenarios shows as flaky; controls still run first.
    const last = this.#repeats.toReversed();
    const scenarios = last.map(({ scenario }) => scenario);
    const order = afterControls(scenarios, scenarios);
    last.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
    for (const repeat of last) {
      yield* this.#repeatAlone(repeat);
    }
  }

  /** Attempts the scenario until it passes at first, or has failed often enough. */
  async *#repeatAlone({ scenario, attempts, inconclusive }: Repeat): AsyncGenerator<ScenarioResult, void> {
    const isOpen = inconclusive && !this.#runner.hasPassed(scenario.control);
    if (isOpen) attempts.push(inconclusive);
    const bailsAt = (attempt: Attempt | undefined): boolean =>
      attempt !== undefined && this.#endsAt(scenario, attempt);
    while (
      this.#isRunning &&
      !isOpen &&
      !bailsAt(attempts[0]) &&
      attempts.length < attemptsFor(scenario, this.#options.maxAttempts)
    ) {
      const attempt = await this.#runner.attempt(scenario, true);
      if (this.#isInterrupted()) break;
      if (attempt.targetDied) await this.#restart();
      attempts.push(attempt);
      if (attempts.every(({ verdict }) => verdict !== 'fail')) break;
    }
    const [first, ...others] = attempts;
    if (first === undefined) return;
    if (bailsAt(first) && this.#isRunning) this.#end = { kind: 'end', because: 'bailed' };
    yield this.#result(scenario, [first, ...others]);
  }

  /** Whether the run ends if this attempt counts. */
  #endsAt({ level }: Scenario, { verdict }: Attempt): boolean {
    return this.#options.bail === true && verdict === 'fail' && level === 'MUST';
  }

  #result(scenario: Scenario, attempts: ScenarioResult['attempts']): ScenarioResult {
    return { scenario, attempts, onlyAsControl: !this.#options.isPlanned(scenario.id) };
  }

  get #isRunning(): boolean {
    return this.#end.because === 'complete';
  }

  #isInterrupted(): boolean {
    if (this.#options.signal?.aborted) this.#end = { kind: 'end', because: 'interrupted' };
    return this.#end.because === 'interrupted';
  }

  /** Restarts a dead target, or ends the run. */
  async #restart(): Promise<void> {
    try {
      if (this.#options.restart) return await this.#options.restart();
      this.#end = { kind: 'end', because: 'target-died' };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#end = { kind: 'end', because: 'target-died', detail };
    }
  }
}
