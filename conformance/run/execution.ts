/**
 * Runs all scenarios and decides which of their attempts count: phase after phase, several at a time; then in another order
 * what failed; then one by one, with nothing else in flight, what did not fail again. Decides how the run goes on when the
 * target dies, when the run is interrupted, and at the first failure with --bail.
 *
 * A failure next to other attempts counts if it repeats in the other order, or alone. A first failure is yielded at once, as a
 * provisional one. When the target does not answer after an attempt, all attempts in flight end first. If it answers then, it
 * was only busy. Otherwise it has died: it is restarted, and the attempts that were in flight run one by one, those that were
 * still sending first, until the target dies again. That attempt kills it, and the others run as usual. If the target cannot
 * be restarted, the death counts against an attempt only if all others in flight did nothing but wait.
 */

import type { ProcessEnd } from '../observers/observer.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Attempt, AttemptRunner } from './attempt.ts';
import type { RunEvent, ScenarioResult } from './events.ts';
import { type Lane, runConcurrently } from './lanes.ts';
import {
  afterControls,
  attemptsFor,
  countsAtOnce,
  executionOrder,
  failsOnlyAlone,
  isExclusive,
} from './schedule.ts';
import type { JobLimit } from './timing/job-limit.ts';

export interface ExecutionOptions {
  /** How often a scenario that fails is attempted in total, without attempts next to others that do not count. */
  readonly maxAttempts: number;
  /** Whether a failure next to other attempts counts only if it repeats. Default true. */
  readonly confirm?: boolean;
  /** Whether the scenario is judged; otherwise it only runs as a control. */
  readonly isPlanned: (id: string) => boolean;
  /** End at the first failed MUST. Default false. */
  readonly bail?: boolean;
  /** Starts a target that died again. Default: the run ends. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** How the process of the target ended; called after a death, before a restart. Default: unknown. */
  readonly describeEnd?: (() => Promise<ProcessEnd>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Why `signal` was fired. Default: 'interrupted'. */
  readonly endedBy?: () => 'interrupted' | 'out-of-time';
}

export interface Phase {
  readonly scenarios: readonly Scenario[];
  /** How many attempts are active at a time when the scenario begins. */
  readonly limitOf: (scenario: Scenario) => JobLimit;
}

type End = Extract<RunEvent, { kind: 'end' }>;
type Update = Extract<RunEvent, { kind: 'result' | 'waiting' }>;

/** An attempt that has ended or is in flight. */
interface Play {
  readonly scenario: Scenario;
  /** True if other attempts were in flight at some time. */
  isOverlapped: boolean;
  /** True once it only waits. */
  isWaiting: boolean;
  attempt?: Attempt;
}

/** A scenario whose result is open, with its attempts that count and, if there are none yet, the one that shows why. */
interface Open {
  readonly scenario: Scenario;
  readonly counted: readonly Attempt[];
  readonly shown?: Attempt;
}

/** A pass over some scenarios: what it begins, and what it does with each attempt that has ended. */
interface Pass extends Phase {
  readonly isExclusive: (scenario: Scenario) => boolean;
  readonly judge: (play: Play, attempt: Attempt) => AsyncIterable<Update>;
}

/** Most attempts that run one by one after a death; those that had waited longest run as usual. */
const MAX_SUSPECTS = 32;

export class Execution {
  readonly #runner: AttemptRunner;
  readonly #options: ExecutionOptions;
  /** How many attempts may only wait at a time. */
  readonly #waiting: JobLimit;
  /** Failed or inconclusive next to others, or failed once: to be attempted again in another order. */
  readonly #repeats = new Map<Scenario, Open>();
  /** To be attempted with nothing else in flight. */
  readonly #alone = new Map<Scenario, Open>();
  #end: End = { kind: 'end', because: 'complete' };

  constructor(runner: AttemptRunner, waiting: JobLimit, options: ExecutionOptions) {
    this.#runner = runner;
    this.#waiting = waiting;
    this.#options = options;
  }

  /** How the run ended. Final once `run` has returned. */
  get end(): End {
    return this.#end;
  }

  /** `repeatLimit`: how many attempts are active at a time when failed scenarios are attempted again. */
  async *run(phases: readonly Phase[], repeatLimit: JobLimit): AsyncGenerator<Update, void> {
    const { confirm = true } = this.#options;
    for (const phase of phases) {
      yield* this.#runPass({
        ...phase,
        isExclusive: confirm ? isExclusive : failsOnlyAlone,
        judge: (play, attempt) => this.#judgeFirst(play, attempt),
      });
    }
    yield* this.#repeatAll(repeatLimit);
    for (const open of this.#inOrder(this.#alone)) {
      if (this.#isRunning) yield* this.#attemptAlone(open);
    }
    for (const { scenario, counted, shown } of [...this.#repeats.values(), ...this.#alone.values()]) {
      const [first = shown, ...others] = counted;
      if (first) yield this.#result(scenario, [first, ...others]);
    }
  }

  /** Runs all scenarios of the pass, also those that a death interrupts. */
  async *#runPass({ scenarios, limitOf, isExclusive, judge }: Pass): AsyncGenerator<Update, void> {
    let pending = [...scenarios];
    while (this.#isRunning && pending.length > 0) {
      const begun = new Map<Scenario, Play>();
      const inFlight = new Map<Play, Promise<Attempt>>();
      const attempt = async (scenario: Scenario, lane: Lane): Promise<Play> => {
        const play: Play = { scenario, isOverlapped: inFlight.size > 0, isWaiting: false };
        for (const other of inFlight.keys()) other.isOverlapped = true;
        begun.set(scenario, play);
        const release = (): void => {
          play.isWaiting = true;
          lane.release();
        };
        const regain = async (): Promise<void> => {
          await lane.regain();
          play.isWaiting = false;
        };
        const isAlone = isExclusive(scenario) || (limitOf(scenario).isOne && this.#waiting.now === 0);
        const isProbedLater = !limitOf(scenario).isOne;
        const attempted = this.#runner.attempt(scenario, {
          isAlone,
          isProbedLater,
          lane: { release, regain },
        });
        inFlight.set(play, attempted);
        play.attempt = await attempted;
        return play;
      };
      const limits = {
        active: (scenario: Scenario) => limitOf(scenario).now,
        waiting: () => this.#waiting.now,
        isExclusive,
      };
      let death: Play | undefined;
      for await (const event of runConcurrently(pending, limits, attempt)) {
        if (this.#isInterrupted()) return;
        if (event.kind === 'waiting') {
          const { answerMs: leftMs } = this.#runner.deadlines;
          yield { kind: 'waiting', ids: event.scenarios.map(({ id }) => id), leftMs };
          continue;
        }
        const play = event.value;
        const { attempt } = play;
        if (attempt === undefined) continue;
        if (attempt.targetDied) {
          death = play;
          break;
        }
        inFlight.delete(play);
        // No scenario begins before the next iteration, so that nothing else is in flight with an attempt alone.
        const others = this.#endsAt(play.scenario, attempt) ? await Promise.all(inFlight.values()) : [];
        if (others.some(({ targetDied }) => targetDied))
          this.#repeats.set(play.scenario, { scenario: play.scenario, counted: [], shown: attempt });
        else yield* judge(play, attempt);
        if (!this.#isRunning) return;
      }
      pending = pending.filter((scenario) => !begun.has(scenario));
      if (death && !this.#isInterrupted()) {
        const again = yield* this.#findKiller(death, [...inFlight.keys()], limitOf, judge);
        pending.unshift(...again);
      }
    }
  }

  /** The first attempt of a scenario. */
  async *#judgeFirst({ scenario, isOverlapped }: Play, attempt: Attempt): AsyncGenerator<Update, void> {
    const { confirm = true, maxAttempts } = this.#options;
    const { verdict } = attempt;
    const isProvisional = isOverlapped && confirm && !countsAtOnce(scenario) && scenario.level !== 'MAY';
    // Attempts one by one would each wait the whole answer deadline for what the preflight has waited for twice.
    const isKnown = verdict === 'fail' && this.#runner.isKnownToIgnore(scenario);
    const isOpen =
      (verdict === 'fail' && (isProvisional || attemptsFor(scenario, maxAttempts) > 1)) ||
      (verdict === 'inconclusive' && (isProvisional || this.#isOpen(scenario.control)));
    if (!isOpen || isKnown) {
      if (this.#endsAt(scenario, attempt)) this.#end = { kind: 'end', because: 'bailed' };
      yield this.#result(scenario, [attempt]);
      return;
    }
    // It shows nothing: a file without a task id may be that of another attempt.
    if (isOverlapped && failsOnlyAlone(scenario)) return this.#moveAlone({ scenario, counted: [] });
    const open = { scenario, counted: isProvisional ? [] : [attempt], shown: attempt };
    if (verdict === 'fail') yield { ...this.#result(scenario, [attempt]), isProvisional: true };
    if (!this.#endsAt(scenario, attempt)) this.#repeats.set(scenario, open);
    else yield* this.#attemptAlone(open);
  }

  /** Attempts again what failed. In reverse order, so that a failure that depends on earlier scenarios shows as flaky. */
  async *#repeatAll(limit: JobLimit): AsyncGenerator<Update, void> {
    const isFailed = ({ shown }: Open): boolean => shown?.verdict === 'fail';
    yield* this.#repeatThese(this.#inOrder(this.#repeats).filter(isFailed), limit);
    // What was inconclusive because of its control stays so, unless the control has passed meanwhile.
    const inconclusive = this.#inOrder(this.#repeats).filter((open) => !isFailed(open));
    const isDecidable = ({ scenario }: Open): boolean => this.#runner.hasPassed(scenario.control);
    for (const { scenario, shown } of inconclusive.filter((open) => !isDecidable(open)))
      if (shown) yield this.#close(scenario, [shown]);
    yield* this.#repeatThese(inconclusive.filter(isDecidable), limit);
    yield* this.#confirm([...this.#repeats.values()].filter(({ counted }) => counted.length > 1));
  }

  /**
   * Decides on failures that repeated, but not alone, or within a shorter time than the full deadline. Of those of one level
   * that failed in the same way, one is attempted alone; if it fails then, too, all of them count. A failure within a shorter
   * time counts only while no attempt of its kind has passed.
   */
  async *#confirm(repeated: readonly Open[]): AsyncGenerator<Update, void> {
    const isShort = ({ counted }: Open): boolean => counted.every(({ waited }) => waited === 'short');
    const groups = new Map<string, Open[]>();
    for (const open of repeated.filter((open) => !isShort(open))) {
      const kind = `${open.scenario.level} ${kindOf(open.counted[0])}`;
      groups.set(kind, [...(groups.get(kind) ?? []), open]);
    }
    for (const group of groups.values()) {
      const [first, ...others] = group;
      if (first === undefined || !this.#isRunning) return;
      const attempt = await this.#playAlone(first.scenario);
      if (this.#isInterrupted()) return;
      if (attempt.verdict === 'fail') {
        yield this.#close(first.scenario, [attempt, ...first.counted]);
        for (const { scenario, counted } of others) yield this.#close(scenario, counted);
      } else {
        this.#runner.forgetWaits(first.scenario);
        this.#moveAlone({ scenario: first.scenario, counted: [attempt] });
        for (const { scenario } of others) this.#moveAlone({ scenario, counted: [] });
      }
    }
    for (const { scenario, counted } of repeated.filter(isShort)) {
      if (this.#runner.isKnownToWait(scenario)) yield this.#close(scenario, counted);
      else this.#moveAlone({ scenario, counted: [] });
    }
  }

  async *#repeatThese(open: readonly Open[], limit: JobLimit): AsyncGenerator<Update, void> {
    const isFull = ({ shown }: Open): boolean => shown?.waited !== 'short';
    // What waited the full deadline first, because the others depend on it.
    const scenarios = open
      .toSorted((a, b) => Number(isFull(b)) - Number(isFull(a)))
      .map(({ scenario }) => scenario);
    yield* this.#runPass({
      scenarios: executionOrder(scenarios, scenarios, failsOnlyAlone),
      isExclusive: failsOnlyAlone,
      limitOf: () => limit,
      judge: (play, attempt) => this.#judgeRepeat(play, attempt),
    });
  }

  /** The second attempt of a scenario whose first one failed or was inconclusive. */
  async *#judgeRepeat({ scenario, isOverlapped }: Play, attempt: Attempt): AsyncGenerator<Update, void> {
    const { counted = [], shown } = this.#repeats.get(scenario) ?? {};
    if (shown === undefined) return;
    const isFailed = attempt.verdict === 'fail';
    if (shown.verdict === 'fail' && isFailed) {
      const both = attempt.waited === 'short' ? [shown, attempt] : [attempt, shown];
      const isShort = both.every(({ waited }) => waited === 'short');
      const isOpen = isShort || isOverlapped;
      if (isOpen) this.#repeats.set(scenario, { scenario, counted: both, shown });
      else yield this.#close(scenario, both);
    } else if (shown.verdict === 'inconclusive' && !isFailed) {
      yield this.#close(scenario, [attempt]);
    } else {
      if (!isFailed) this.#runner.forgetWaits(scenario);
      this.#moveAlone({ scenario, counted: isOverlapped ? counted : [...counted, attempt], shown });
    }
  }

  /** Attempts the scenario with nothing else in flight until it passes at first, or has failed often enough. */
  async *#attemptAlone({ scenario, counted, shown }: Open): AsyncGenerator<Update, void> {
    const attempts = [...counted];
    const isDone = (): boolean => {
      const failed = attempts.filter(({ verdict }) => verdict === 'fail').length;
      const isEnough = attempts.length >= attemptsFor(scenario, this.#options.maxAttempts);
      const isBailing = attempts.some((attempt) => this.#endsAt(scenario, attempt));
      return (
        attempts.length > 0 &&
        (failed === 0 || isEnough || isBailing || (failed > 1 && failed === attempts.length))
      );
    };
    while (this.#isRunning && !isDone()) {
      const attempt = await this.#playAlone(scenario);
      if (this.#isInterrupted()) break;
      attempts.push(attempt);
    }
    const [first = shown, ...others] = attempts;
    if (first === undefined) return;
    if (this.#isRunning && attempts[0] && this.#endsAt(scenario, attempts[0]))
      this.#end = { kind: 'end', because: 'bailed' };
    yield this.#close(scenario, [first, ...others]);
  }

  /** Runs the scenario with nothing else in flight, and restarts the target if it dies. */
  async #playAlone(scenario: Scenario): Promise<Attempt> {
    const attempt = await this.#runner.attempt(scenario, { isAlone: true });
    if (!attempt.targetDied || this.#isInterrupted()) return attempt;
    const ended = await this.#withEnd(attempt);
    await this.#restart();
    return ended;
  }

  /** Adds what the process of a dead target said. */
  async #withEnd(attempt: Attempt): Promise<Attempt> {
    const said = await this.#options.describeEnd?.();
    return said === undefined ? attempt : { ...attempt, said };
  }

  /** Finds the attempt that killed the target. Returns the scenarios that have to run again. */
  async *#findKiller(
    death: Play,
    inFlight: readonly Play[],
    limitOf: Phase['limitOf'],
    judge: Pass['judge'],
  ): AsyncGenerator<Update, Scenario[]> {
    const others = inFlight.filter((play) => play !== death);
    // A target that does not answer next to other scenarios may only be busy.
    if (others.length > 0 && (await this.#runner.isAlive())) {
      limitOf(death.scenario).shrink();
      if (this.#waiting.now > 0) this.#waiting.shrink();
      return this.#afterBusy([death, ...others]);
    }
    if (death.attempt) death.attempt = await this.#withEnd(death.attempt);
    await this.#restart();
    // Those that began last, and those that were still sending, first.
    const suspects = [death, ...others.toReversed()].toSorted(
      (a, b) => Number(a.isWaiting) - Number(b.isWaiting),
    );
    if (!this.#isRunning) {
      yield* this.#blame(death, suspects);
      return [];
    }
    if (others.length === 0) {
      const { scenario, attempt } = death;
      if (attempt === undefined) return [];
      yield { ...this.#result(scenario, [attempt]), isProvisional: true };
      this.#moveAlone({ scenario, counted: [attempt] });
      return [];
    }
    for (const [index, { scenario, attempt: first }] of suspects.slice(0, MAX_SUSPECTS).entries()) {
      const attempt = await this.#playAlone(scenario);
      if (this.#isInterrupted()) return [];
      if (attempt.targetDied) {
        yield this.#close(scenario, [attempt, ...(first?.targetDied ? [first] : [])]);
        return suspects.slice(index + 1).map((suspect) => suspect.scenario);
      }
      yield* judge({ scenario, isOverlapped: false, isWaiting: false }, attempt);
      if (!this.#isRunning) return [];
    }
    return suspects.slice(MAX_SUSPECTS).map((suspect) => suspect.scenario);
  }

  /** Those that only waited run again as usual; the others run alone. Returns the former. */
  #afterBusy(plays: readonly Play[]): Scenario[] {
    for (const { scenario, isWaiting } of plays) if (!isWaiting) this.#moveAlone({ scenario, counted: [] });
    return plays.filter(({ isWaiting }) => isWaiting).map(({ scenario }) => scenario);
  }

  /** The result of a death after which the target could not be restarted. */
  *#blame(death: Play, suspects: readonly Play[]): Generator<Update, void> {
    const active = suspects.filter(({ isWaiting }) => !isWaiting);
    const [only = death] = active;
    const { scenario, attempt } = active.length === 1 ? only : death;
    if (attempt === undefined) return;
    if (suspects.length === 1 || (active.length === 1 && attempt.targetDied)) {
      yield this.#close(scenario, [attempt]);
      return;
    }
    const count = suspects.length - 1;
    const reason = `the target died while this and ${count} more scenarios ran; --jobs 1 shows which one kills it`;
    const { transcript, targetDied, durationMs } = attempt;
    yield this.#close(scenario, [{ verdict: 'inconclusive', reason, transcript, targetDied, durationMs }]);
  }

  /** The last ones first, but controls before what needs them. */
  #inOrder(open: ReadonlyMap<Scenario, Open>): Open[] {
    const last = [...open.keys()].toReversed();
    return afterControls(last, last).flatMap((scenario) => open.get(scenario) ?? []);
  }

  #moveAlone(open: Open): void {
    this.#repeats.delete(open.scenario);
    this.#alone.set(open.scenario, open);
  }

  #isOpen(id: string | undefined): boolean {
    return [...this.#repeats.keys(), ...this.#alone.keys()].some((scenario) => scenario.id === id);
  }

  /** Whether the run ends if this attempt counts. */
  #endsAt({ level }: Scenario, { verdict }: Attempt): boolean {
    return this.#options.bail === true && verdict === 'fail' && level === 'MUST';
  }

  /** The final result of a scenario. */
  #close(scenario: Scenario, attempts: readonly Attempt[]): Update {
    this.#repeats.delete(scenario);
    this.#alone.delete(scenario);
    const [first, ...others] = attempts;
    if (first === undefined) throw new RangeError('no attempt');
    return this.#result(scenario, [first, ...others]);
  }

  #result(scenario: Scenario, attempts: ScenarioResult['attempts']): Extract<Update, { kind: 'result' }> {
    const onlyAsControl = !this.#options.isPlanned(scenario.id);
    return { kind: 'result', result: { scenario, attempts, onlyAsControl } };
  }

  get #isRunning(): boolean {
    return this.#end.because === 'complete';
  }

  #isInterrupted(): boolean {
    const { signal, endedBy } = this.#options;
    if (signal?.aborted) this.#end = { kind: 'end', because: endedBy?.() ?? 'interrupted' };
    return signal?.aborted === true;
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

/** What differs from the permitted outcomes, without values. */
function kindOf(attempt: Attempt | undefined): string {
  return attempt?.verdict === 'fail' ? attempt.mismatches.map(({ kind }) => kind).join() : '';
}
