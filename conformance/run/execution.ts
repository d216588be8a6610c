/**
 * Decides which attempts count: all scenarios, phase after phase; then in another order what failed; then one by one, with
 * nothing else in flight, what did not fail again. Decides how the run goes on when the target dies, when the run is
 * interrupted, and at the first failure with --bail.
 *
 * A failure next to other attempts counts if it repeats in the other order, and one of its kind repeats alone. A first failure is
 * yielded at once, as a provisional one. When the target does not answer after an attempt, all attempts in flight end first. If
 * it answers then, it was only busy. Otherwise it has died: it is restarted, and the attempts that were in flight run one by
 * one until the target dies again. That attempt kills it, and the others run as usual. If none of them does, the death counts
 * all the same: no attempt of the scenario whose end showed it counts as passed.
 */

import type { MismatchKind } from '../judge/mismatch.ts';
import type { ProcessEnd } from '../observers/observer.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Attempt, AttemptRunner } from './attempt.ts';
import { blame, saidBy, suspectsOf, unrepeated } from './deaths.ts';
import type { RunEvent } from './events.ts';
import { lastFirst, type Open, type OpenOptions, OpenScenarios } from './open-scenarios.ts';
import { type Ended, type PassEvent, type Phase, runPass } from './pass.ts';
import {
  attemptsFor,
  countsAtOnce,
  executionOrder,
  failsOnlyAlone,
  isExclusive,
  looksForFiles,
} from './schedule.ts';
import type { JobLimit } from './timing/job-limit.ts';

export interface ExecutionOptions extends OpenOptions {
  /** How often a scenario that fails is attempted in total, without attempts next to others that do not count. */
  readonly maxAttempts: number;
  /** Whether a failure next to other attempts counts only if it repeats. Default true. */
  readonly confirm?: boolean;
  /** Starts a target that died again. Default: the run ends. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** How the process of the target ended; called after a death, before a restart. Default: unknown. */
  readonly describeEnd?: (() => Promise<ProcessEnd>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Why `signal` was fired. Default: 'interrupted'. */
  readonly endedBy?: () => 'interrupted' | 'out-of-time';
}

type End = Extract<RunEvent, { kind: 'end' }>;
type Update = Extract<RunEvent, { kind: 'result' | 'waiting' }>;

/** A phase, and what becomes of each attempt in it. */
interface JudgedPhase extends Phase {
  readonly isExclusive: (scenario: Scenario) => boolean;
  readonly judge: (ended: Ended) => AsyncIterable<Update>;
}

export class Execution {
  readonly #runner: AttemptRunner;
  readonly #options: ExecutionOptions;
  /** How many attempts may only wait at a time. */
  readonly #waiting: JobLimit;
  readonly #open: OpenScenarios;
  #end: End = { kind: 'end', because: 'complete' };

  constructor(runner: AttemptRunner, waiting: JobLimit, options: ExecutionOptions) {
    this.#runner = runner;
    this.#waiting = waiting;
    this.#options = options;
    this.#open = new OpenScenarios(options);
  }

  /** How the run ended. Final once `run` has returned. */
  get end(): End {
    return this.#end;
  }

  /** `repeatLimitOf`: how many attempts are active at a time when failed scenarios are attempted again. */
  async *run(phases: readonly Phase[], repeatLimitOf: Phase['limitOf']): AsyncGenerator<Update, void> {
    const { confirm = true } = this.#options;
    for (const phase of phases) {
      yield* this.#runAll({
        ...phase,
        isExclusive: confirm ? isExclusive : failsOnlyAlone,
        judge: (ended) => this.#judgeFirst(ended),
      });
    }
    yield* this.#repeatAll(repeatLimitOf);
    for (const open of lastFirst(this.#open.alone)) {
      if (this.#isRunning) yield* this.#attemptAlone(open);
    }
    for (const { scenario, counted, shown } of [...this.#open.repeats, ...this.#open.alone]) {
      const [first = shown, ...others] = counted;
      if (first) yield { kind: 'result', result: this.#open.resultOf(scenario, [first, ...others]) };
    }
  }

  /** Runs all scenarios of the phase, also those that a death interrupts. */
  async *#runAll({ scenarios, judge, ...options }: JudgedPhase): AsyncGenerator<Update, void> {
    const pending = new Set(scenarios);
    const [runner, waiting] = [this.#runner, this.#waiting];
    while (this.#isRunning && pending.size > 0) {
      for await (const event of runPass(pending, { ...options, runner, waiting })) {
        if (this.#isInterrupted()) return;
        if (event.kind === 'waiting') {
          const ids = event.scenarios.map(({ id }) => id);
          yield { kind: 'waiting', ids, leftMs: runner.deadlines.answerMs };
        } else if (event.kind === 'unanswered') {
          for (const scenario of yield* this.#findKiller(event, options.limitOf, judge))
            pending.add(scenario);
        } else {
          const { scenario, attempt } = event.ended;
          // An attempt alone follows, so the others have to end first.
          const others = this.#open.endsAt(scenario, attempt) ? await event.others() : [];
          if (others.some(({ targetDied }) => targetDied))
            this.#open.repeat({ scenario, counted: [], shown: attempt });
          else yield* judge(event.ended);
        }
        if (!this.#isRunning) return;
      }
    }
  }

  /** The first attempt of a scenario. */
  async *#judgeFirst({ scenario, isOverlapped, attempt }: Ended): AsyncGenerator<Update, void> {
    const { confirm = true, maxAttempts } = this.#options;
    const { verdict } = attempt;
    // It shows nothing: a file without a task id may be that of another attempt.
    if (verdict === 'fail' && isOverlapped && confirm && looksForFiles(scenario))
      return this.#open.moveAlone({ scenario, counted: [] });
    const isProvisional = isOverlapped && confirm && !countsAtOnce(scenario) && scenario.level !== 'MAY';
    // Attempts one by one would each wait the whole answer deadline for what the preflight has waited for twice.
    const isKnown = verdict === 'fail' && this.#runner.isKnownToIgnore(scenario);
    const isOpen =
      (verdict === 'fail' && (isProvisional || attemptsFor(scenario, maxAttempts) > 1)) ||
      (verdict === 'inconclusive' && (isProvisional || this.#open.has(scenario.control)));
    if (!isOpen || isKnown) {
      yield this.#close(scenario, [attempt]);
      return;
    }
    if (verdict === 'fail') yield this.#provisional(scenario, attempt);
    const mayEnd = this.#open.endsAt(scenario, attempt);
    this.#open.repeat({ scenario, counted: isProvisional ? [] : [attempt], shown: attempt });
    // The run ends only if each of the failures counts.
    for (const open of mayEnd ? this.#open.failures : [])
      if (this.#isRunning) yield* this.#attemptAlone(open);
  }

  /** Attempts again what failed. */
  async *#repeatAll(limitOf: Phase['limitOf']): AsyncGenerator<Update, void> {
    const isFailed = ({ shown }: Open): boolean => shown?.verdict === 'fail';
    yield* this.#repeatThese(lastFirst(this.#open.repeats).filter(isFailed), limitOf);
    // What was inconclusive because of its control stays so, unless the control has passed meanwhile.
    const inconclusive = lastFirst(this.#open.repeats).filter((open) => !isFailed(open));
    const isDecidable = ({ scenario }: Open): boolean => this.#runner.hasPassed(scenario.control);
    for (const { scenario, shown } of inconclusive.filter((open) => !isDecidable(open)))
      if (shown) yield this.#close(scenario, [shown]);
    yield* this.#repeatThese(inconclusive.filter(isDecidable), limitOf);
    yield* this.#confirm(this.#open.repeats.filter(({ counted }) => counted.length > 1));
  }

  /**
   * Decides on failures that repeated, but may be late answers next to others, or within a shorter time than the full deadline. Of those of one level
   * that failed in the same way, one is attempted alone; if it fails then, too, all of them count. A failure within a shorter
   * time counts only while no attempt of its kind has passed.
   */
  async *#confirm(repeated: readonly Open[]): AsyncGenerator<Update, void> {
    const isShort = ({ counted }: Open): boolean => counted.every(({ waited }) => waited === 'short');
    const groups = new Map<string, Open[]>();
    for (const open of repeated.filter((open) => !isShort(open))) {
      const kind = `${open.scenario.level} ${kindsOf(open.counted[0]).join()}`;
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
        this.#open.moveAlone({ ...first, counted: [attempt] });
        for (const open of others) this.#open.moveAlone({ ...open, counted: [] });
      }
    }
    for (const open of repeated.filter(isShort)) {
      const { scenario, counted } = open;
      if (this.#runner.isKnownToWait(scenario)) yield this.#close(scenario, counted);
      else this.#open.moveAlone({ ...open, counted: [] });
    }
  }

  async *#repeatThese(open: readonly Open[], limitOf: Phase['limitOf']): AsyncGenerator<Update, void> {
    const isFull = ({ shown }: Open): boolean => shown?.waited !== 'short';
    // What waited the full deadline first, because the others depend on it.
    const scenarios = open
      .toSorted((a, b) => Number(isFull(b)) - Number(isFull(a)))
      .map(({ scenario }) => scenario);
    yield* this.#runAll({
      scenarios: executionOrder(scenarios, scenarios, failsOnlyAlone),
      isExclusive: failsOnlyAlone,
      limitOf,
      judge: (ended) => this.#judgeRepeat(ended),
    });
  }

  /** The second attempt of a scenario whose first one failed or was inconclusive. */
  async *#judgeRepeat({ scenario, isOverlapped, attempt }: Ended): AsyncGenerator<Update, void> {
    const { counted = [], shown } = this.#open.toRepeat(scenario) ?? {};
    if (shown === undefined) return;
    const isFailed = attempt.verdict === 'fail';
    if (shown.verdict === 'fail' && isFailed) {
      const both = attempt.waited === 'short' ? [shown, attempt] : [attempt, shown];
      const isShort = both.every(({ waited }) => waited === 'short');
      const isOpen = isShort || (isOverlapped && mayBeLate(attempt));
      if (isOpen) this.#open.repeat({ scenario, counted: both, shown });
      else yield this.#close(scenario, both);
    } else if (shown.verdict === 'inconclusive' && !isFailed) {
      yield this.#close(scenario, [attempt]);
    } else {
      if (!isFailed) this.#runner.forgetWaits(scenario);
      this.#open.moveAlone({ scenario, counted: isOverlapped ? counted : [...counted, attempt], shown });
    }
  }

  /** Attempts the scenario with nothing else in flight until it passes at first, or has failed often enough. */
  async *#attemptAlone({ scenario, counted, shown }: Open): AsyncGenerator<Update, void> {
    const attempts = [...counted];
    const isDone = (): boolean => {
      const failed = attempts.filter(({ verdict }) => verdict === 'fail').length;
      const isEnough = attempts.length >= attemptsFor(scenario, this.#options.maxAttempts);
      const isBailing = attempts.some((attempt) => this.#open.endsAt(scenario, attempt));
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
    yield this.#close(scenario, [first, ...others]);
  }

  /** Finds the attempt that killed the target. Returns the scenarios that have to run again. */
  async *#findKiller(
    { ended, inFlight }: Extract<PassEvent, { kind: 'unanswered' }>,
    limitOf: Phase['limitOf'],
    judge: JudgedPhase['judge'],
  ): AsyncGenerator<Update, readonly Scenario[]> {
    const { scenario } = ended;
    // A target that does not answer next to other scenarios may only be busy.
    if (inFlight.length > 0 && (await this.#runner.isAlive())) {
      limitOf(scenario).shrink();
      this.#waiting.shrink();
      const all = [ended, ...inFlight];
      for (const { scenario, isWaiting } of all)
        if (!isWaiting) this.#open.moveAlone({ scenario, ...this.#open.toRepeat(scenario), counted: [] });
      return all.filter(({ isWaiting }) => isWaiting).map(({ scenario }) => scenario);
    }
    const attempt = await this.#withEnd(ended.attempt);
    await this.#restart();
    if (!this.#isRunning) {
      const blamed = blame({ ...ended, attempt }, inFlight);
      yield this.#close(blamed.scenario, [blamed.attempt]);
      return [];
    }
    if (inFlight.length === 0) {
      yield this.#provisional(scenario, attempt);
      this.#open.moveAlone({ scenario, counted: [attempt] });
      return [];
    }
    const { suspects, others } = suspectsOf(ended, inFlight);
    /** Judged when it is known whether another one ends the target. */
    let own: Ended | undefined;
    for (const [index, suspect] of suspects.entries()) {
      const alone = await this.#playAlone(suspect);
      if (this.#isInterrupted()) return [];
      if (alone.targetDied) {
        if (own) yield* judge(own);
        yield this.#close(suspect, suspect === scenario ? [alone, attempt] : [alone]);
        return [...suspects.slice(index + 1), ...others];
      }
      const ended = { scenario: suspect, ...ALONE, attempt: alone };
      if (suspect === scenario) own = ended;
      else yield* judge(ended);
      if (!this.#isRunning) return [];
    }
    const death = unrepeated(attempt, inFlight.length);
    // What fails alone is not flaky because of the death.
    if (own?.attempt.verdict === 'fail')
      yield this.#close(scenario, [{ ...own.attempt, targetDied: true, ...saidBy(attempt) }]);
    else yield this.#close(scenario, own ? [death, own.attempt] : [death]);
    return others.filter((other) => other !== scenario);
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

  /** The final result of a scenario. The run ends with the last failure that it may have. */
  #close(scenario: Scenario, attempts: readonly Attempt[]): Update {
    const result = this.#open.close(scenario, attempts);
    if (this.#open.isLimitReached && this.#isRunning) this.#end = { kind: 'end', because: 'bailed' };
    return { kind: 'result', result };
  }

  /** A result that the repetition of the scenario may change. */
  #provisional(scenario: Scenario, attempt: Attempt): Update {
    return { kind: 'result', result: this.#open.resultOf(scenario, [attempt]), isProvisional: true };
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
      // The signal ends a restart, too.
      if (this.#isInterrupted()) return;
      const detail = error instanceof Error ? error.message : String(error);
      this.#end = { kind: 'end', because: 'target-died', detail };
    }
  }
}

/** Of an attempt with nothing else in flight. */
const ALONE = { isOverlapped: false, isShared: false, isWaiting: false } as const;

/** What a busy target, or one that limits its load, may do to a peer next to others; anything else is its own choice. */
const LATE: ReadonlySet<MismatchKind> = new Set<MismatchKind>([
  ...(['no answer', 'closed', 'kept open', 'partial frame', 'rejected', 'late', 'growth'] as const),
  ...(['task file missing', 'result file missing', 'data not kept'] as const),
]);

/** Whether the failure may be one of other attempts in flight. */
function mayBeLate(attempt: Attempt): boolean {
  return kindsOf(attempt).every((kind) => LATE.has(kind) || kind.startsWith('stored '));
}

/** What differs from the permitted outcomes, without values. Empty unless it failed. */
function kindsOf(attempt: Attempt | undefined): readonly MismatchKind[] {
  return attempt?.verdict === 'fail' ? attempt.mismatches.map(({ kind }) => kind) : [];
}
