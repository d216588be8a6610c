/**
 * The order of play: phase after phase in lanes, then what failed again and alone. Also what becomes of the rest when the
 * target dies, is interrupted, or has failed enough.
 *
 * A failure beside others counts only when it repeats alone, since the others may have been why. When the target dies
 * beside others, it is started again and all of them are played alone, which pins the one that kills; where it cannot be
 * started again, none of them is accused.
 */

import type { Scenario } from '../scenario/scenario.ts';
import type { Attempt, AttemptRunner } from './attempt.ts';
import type { RunEvent, ScenarioResult } from './events.ts';
import { afterControls, runConcurrently } from './schedule.ts';

export interface ExecutionOptions {
  /** How often a scenario that fails is played in all. */
  readonly maxAttempts: number;
  /** Whether the scenario is judged; otherwise it only runs as a control. */
  readonly isPlanned: (id: string) => boolean;
  readonly bail?: boolean;
  readonly restart?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Phase {
  readonly scenarios: readonly Scenario[];
  readonly concurrency: number;
}

type End = Extract<RunEvent, { kind: 'end' }>;

interface Played {
  readonly scenario: Scenario;
  readonly attempt: Attempt;
}

/** What is to be played once more. */
interface Repeat {
  readonly scenario: Scenario;
  /** Those that count so far: none of what was played beside others. */
  readonly attempts: Attempt[];
  /** Stands unless the control passes by now. */
  readonly inconclusive?: Attempt;
}

export class Execution {
  readonly #runner: AttemptRunner;
  readonly #options: ExecutionOptions;
  readonly #repeats: Repeat[] = [];
  #end: End = { kind: 'end', because: 'complete' };

  constructor(player: AttemptRunner, options: ExecutionOptions) {
    this.#runner = player;
    this.#options = options;
  }

  /** How it ended; to be asked when the play is over. */
  get end(): End {
    return this.#end;
  }

  async *run(phases: readonly Phase[]): AsyncGenerator<ScenarioResult, void> {
    for (const { scenarios, concurrency } of phases) {
      let waiting = scenarios;
      while (this.#isRunning && waiting.length > 0) {
        const begun = new Set<Scenario>();
        yield* this.#runPhase(waiting, concurrency, begun);
        waiting = waiting.filter((scenario) => !begun.has(scenario));
      }
    }
    yield* this.#repeatAlone();
  }

  /** Plays until all are through or the target dies; `begun` tells how far it came. */
  async *#runPhase(
    waiting: readonly Scenario[],
    lanes: number,
    begun: Set<Scenario>,
  ): AsyncGenerator<ScenarioResult, void> {
    const { maxAttempts, bail } = this.#options;
    const inFlight = new Set<Scenario>();
    const play = async (scenario: Scenario): Promise<Played> => {
      begun.add(scenario);
      inFlight.add(scenario);
      return { scenario, attempt: await this.#runner.attempt(scenario) };
    };
    const isDoubtful = lanes > 1 && maxAttempts > 1;
    let death: Played | undefined;
    for await (const played of runConcurrently(waiting, lanes, play)) {
      if (this.#isInterrupted()) return;
      const { scenario, attempt } = played;
      if (attempt.targetDied) {
        // What is in flight is awaited before anything is started again.
        death = played;
        break;
      }
      inFlight.delete(scenario);
      const { verdict } = attempt;
      if (verdict === 'fail' && bail && scenario.level === 'MUST') {
        this.#end = { kind: 'end', because: 'bailed' };
        return yield this.#result(scenario, [attempt]);
      }
      if (verdict === 'fail') this.#repeats.push({ scenario, attempts: isDoubtful ? [] : [attempt] });
      else if (verdict === 'inconclusive' && isDoubtful)
        this.#repeats.push({ scenario, attempts: [], inconclusive: attempt });
      else yield this.#result(scenario, [attempt]);
    }
    if (death === undefined) return;
    inFlight.delete(death.scenario);
    await this.#restart();
    if (inFlight.size === 0) this.#repeats.push({ scenario: death.scenario, attempts: [death.attempt] });
    else if (this.#isRunning)
      for (const scenario of [death.scenario, ...inFlight]) this.#repeats.push({ scenario, attempts: [] });
    else {
      const reason = `the target died while this and ${inFlight.size} more were played; --jobs 1 tells what it dies of`;
      const { transcript, targetDied } = death.attempt;
      yield this.#result(death.scenario, [{ verdict: 'inconclusive', reason, transcript, targetDied }]);
    }
  }

  /** Plays again, one by one. */
  async *#repeatAlone(): AsyncGenerator<ScenarioResult, void> {
    // Last first: a failure that depends on what ran before shows as flaky. Controls still go before what leans on them.
    const last = this.#repeats.toReversed();
    const scenarios = last.map(({ scenario }) => scenario);
    const order = afterControls(scenarios, scenarios);
    for (const { scenario, attempts, inconclusive } of last.sort(
      (a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario),
    )) {
      const isOpen = inconclusive && !this.#runner.hasPassed(scenario.control);
      if (isOpen) attempts.push(inconclusive);
      while (this.#isRunning && !isOpen && attempts.length < this.#options.maxAttempts) {
        const attempt = await this.#runner.attempt(scenario);
        if (this.#isInterrupted()) break;
        if (attempt.targetDied) await this.#restart();
        attempts.push(attempt);
        if (attempts.every(({ verdict }) => verdict !== 'fail')) break;
      }
      const [first, ...others] = attempts;
      if (first !== undefined) yield this.#result(scenario, [first, ...others]);
    }
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

  /** Starts a dead target again, or ends the run. */
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
