/**
 * Executes cases again to confirm what they do: whether they stop the target, whether they show a symptom, and how often.
 * Nothing else uses the target meanwhile, and after each method the target is healthy. When the signal of the health options
 * fires, each method rejects with its reason, or with a TargetLostError if the target was about to be restarted.
 */

import type { Environment } from '../../conformance/observers/launch.ts';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Execution } from '../execute/execute.ts';
import { type EvaluatedCase, Evaluator, type TargetBehaviour } from '../oracle/evaluator.ts';
import { isSameSymptom, type Symptom } from '../oracle/invariants.ts';
import type { Calibration } from '../target/calibration.ts';
import { Checkup, type CheckupStyle } from '../target/checkup.ts';
import { becomesHealthy, type Health, type HealthOptions, healthOf, type Target } from '../target/target.ts';
import { fatalSymptom, isFatal, kindOf, NOT_STARTED, TargetLostError, WITHOUT_END } from './fatal-symptom.ts';
import type { Finding } from './finding.ts';
import { bisect } from './reduce/bisect.ts';

export interface ConfirmerOptions {
  readonly target: Target;
  readonly behaviour: TargetBehaviour;
  readonly waits: Waits;
  readonly health: HealthOptions;
  /** Whether a legal SUBMIT is answered as it was during the calibration. */
  readonly isHealthy: (health: Health) => boolean;
  /** The reports in the output of its process before the calibration. */
  readonly reportsBefore?: Calibration['reportsBefore'];
  /** Cases in flight. */
  readonly jobs: number;
}

/** Waits for the death that a case may cause. */
const THOROUGH: CheckupStyle = { isThorough: true };
/** The same, where the full deadline was given before. */
const THOROUGH_AND_QUICK: CheckupStyle = { isThorough: true, isQuick: true };
/** The same, where only whether the target stops matters. */
const SEARCH: CheckupStyle = { isThorough: true, isQuick: true, skipsEnd: true };

/** Owns the sockets of its cases; `release` gives them up. */
export class Confirmer {
  readonly #options: ConfirmerOptions;
  readonly #evaluator: Evaluator;
  readonly #checkup: Checkup;
  /** How often the target was restarted. */
  restarts = 0;
  /** How the process ended when the target was unhealthy last. Undefined if the kit did not start it. */
  lastEnd: Finding['said'];
  /** The last execution of a single case. */
  lastExecutions: readonly Execution[] = [];
  /** The symptom of the last attempt that showed the one that was looked for. */
  lastShown: Symptom | undefined;
  /** What the attempts of the last `count` did to the target, if its symptom was another one. */
  fatalMeanwhile: Symptom | undefined;

  /** Present if the target is started again before each case: the symptom that is searched. */
  #searched: Symptom | undefined;
  /** Whether the target has received nothing since it was started. */
  #isNew = false;

  constructor(options: ConfirmerOptions) {
    this.#options = options;
    const { target, behaviour } = options;
    this.#evaluator = new Evaluator({ address: target.address, against: target.against, behaviour });
    this.#checkup = new Checkup({ ...options, usualMs: behaviour.usualMs });
  }

  release(): void {
    this.#evaluator.release();
  }

  get canRestart(): boolean {
    return this.#options.target.restart !== undefined;
  }

  /** While this work is done, the target is started again before each case, because it remembers what it received. */
  async inNewLives<T>(searched: Symptom, work: () => Promise<T>): Promise<T> {
    const outer = this.#searched;
    this.#searched = searched;
    this.#isNew = false;
    try {
      return await work();
    } finally {
      this.#searched = outer;
    }
  }

  async #beginLife(): Promise<void> {
    if (this.#searched !== undefined && !this.#isNew) await this.#restart(this.#searched);
    this.#isNew = false;
  }

  async #restart(symptom: Symptom, env?: Environment): Promise<void> {
    this.restarts += 1;
    const isBack = await this.#bringBack(env).catch((cause: unknown) => {
      throw new TargetLostError(symptom, { cause });
    });
    if (!isBack) throw new TargetLostError(symptom);
    this.#checkup.skip();
    this.#isNew = true;
  }

  /** Whether the target is healthy again. One that stays unhealthy would make every case seem to be the cause. */
  async #bringBack(env?: Environment): Promise<boolean> {
    const { target, health, isHealthy } = this.#options;
    health.signal?.throwIfAborted();
    if (target.restart !== undefined) await unlessAborted(target.restart(env), health.signal);
    // In a life of its own, a case is the first that the target receives.
    const isAsked = target.restart === undefined || this.#searched === undefined;
    return !isAsked || becomesHealthy(target, isHealthy, health);
  }

  /** Calls back at the next sign that the target ends. Returns a function that ends the watch. */
  watch(onSign: () => void): () => void {
    return this.#checkup.watch(onSign);
  }

  /**
   * Examines the target. If it is unhealthy, restarts it and returns what was wrong. Throws a TargetLostError if the target
   * does not come back.
   */
  async probeAndRestart(style: CheckupStyle = {}): Promise<Symptom | undefined> {
    const { target } = this.#options;
    const ailment = await this.#checkup.examine(style);
    if (ailment === undefined) return undefined;
    // A process that runs has no end: to wait for it and to look what it does takes more than a second, each time.
    const runs = target.life?.hasEnded() === false && WITHOUT_END.includes(kindOf(ailment));
    this.lastEnd = style.skipsEnd && runs ? undefined : await target.describeEnd?.(kindOf(ailment));
    const symptom = fatalSymptom(ailment, this.lastEnd?.ended);
    await this.#restart(symptom);
    return symptom;
  }

  /**
   * Restarts a target with nothing wrong, with these variables in its environment. Default: none. Throws a TargetLostError if the
   * target cannot be started again.
   */
  startAgain(env?: Environment): Promise<void> {
    return this.#restart(NOT_STARTED, env);
  }

  /** Restarts the target if the kit can, because what was sent still occupies it. Throws as `probeAndRestart` does. */
  async renew(symptom: Symptom): Promise<void> {
    if (this.#options.target.restart !== undefined) await this.#restart(symptom);
  }

  #evaluate(value: Case, waits: Waits): Promise<EvaluatedCase> {
    return unlessAborted(this.#evaluator.run(value, waits), this.#options.health.signal);
  }

  /** Executes a case, and does not look at the target afterwards. */
  async execute(value: Case): Promise<void> {
    await this.#evaluate(value, this.#options.waits);
  }

  /** Whether the address refuses connections. */
  async isUnreachable(address: Address): Promise<boolean> {
    return (await healthOf(address, this.#options.health)).kind === 'refuses';
  }

  /** The symptoms of a single case. If it is fatal, its fatal symptom only. */
  async symptomsOf(
    value: Case,
    waits: Waits = this.#options.waits,
    style: CheckupStyle = THOROUGH,
  ): Promise<readonly Symptom[]> {
    await this.#beginLife();
    const { executions, breaches } = await this.#evaluate(value, waits);
    this.lastExecutions = executions;
    const fatal = await this.probeAndRestart(style);
    return fatal === undefined ? breaches : [fatal];
  }

  /**
   * In how many of the attempts the case shows the symptom. The attempts run concurrently, with these waits, unless the
   * connections of the case are in turn; those of a fatal symptom one after another, with the waits of a batch, because what
   * follows the case decides.
   */
  async count(value: Case, symptom: Symptom, attempts: number, waits: Waits): Promise<number> {
    this.fatalMeanwhile = undefined;
    let shown = 0;
    const look = (symptoms: readonly Symptom[]): void => {
      const same = shownIn(symptoms, symptom);
      if (same === undefined) return;
      shown += 1;
      this.lastShown = same;
    };
    if (!isFatal(symptom) && this.#searched === undefined) {
      const results = await this.repeat(value, attempts, waits);
      if (this.fatalMeanwhile === undefined) for (const { breaches } of results) look(breaches);
      return shown;
    }
    for (let attempt = 0; attempt < attempts; attempt += 1)
      look(
        isFatal(symptom) ? await this.deathlyAttempt(value, attempt) : await this.symptomsOf(value, waits),
      );
    return shown;
  }

  /**
   * Several attempts of a case that is not expected to stop the target; `fatalMeanwhile` says if it did. They run concurrently,
   * unless the connections of the case are in turn.
   */
  async repeat(value: Case, attempts: number, waits: Waits): Promise<readonly EvaluatedCase[]> {
    const results = await this.#attempts(value, attempts, waits);
    this.lastExecutions = results[0]?.executions ?? [];
    this.fatalMeanwhile = await this.probeAndRestart();
    return results;
  }

  /**
   * The symptoms of a case that may be fatal. The first attempt, 0, shows what the full deadline shows; each other one, that it
   * repeats.
   */
  deathlyAttempt(value: Case, attempt: number): Promise<readonly Symptom[]> {
    const style = attempt === 0 ? THOROUGH : THOROUGH_AND_QUICK;
    return this.symptomsOf(value, this.#options.waits, style);
  }

  /** Concurrently, unless the case is about what one connection leaves for the next. */
  async #attempts(value: Case, attempts: number, waits: Waits): Promise<readonly EvaluatedCase[]> {
    if (value.arrangement === 'at-once')
      return Promise.all(Array.from({ length: attempts }, () => this.#evaluate(value, waits)));
    const results: EvaluatedCase[] = [];
    while (results.length < attempts) results.push(await this.#evaluate(value, waits));
    return results;
  }

  /**
   * The index of the first case that shows the symptom, -1 if none does. The cases run concurrently. `needsEnd`: whether
   * `lastEnd` has to be that of the case.
   */
  async firstThatShows(cases: readonly Case[], symptom: Symptom, needsEnd = false): Promise<number> {
    const { waits } = this.#options;
    const search = needsEnd ? THOROUGH_AND_QUICK : SEARCH;
    if (this.#searched !== undefined) return this.#firstAlone(cases, symptom, isFatal(symptom) ? search : {});
    const results = await Promise.all(cases.map((value) => this.#evaluate(value, waits)));
    const fatal = await this.probeAndRestart(isFatal(symptom) ? search : {});
    if (fatal === undefined)
      return results.findIndex(({ breaches }) => shownIn(breaches, symptom) !== undefined);
    return cases.length === 1 && shownIn([fatal], symptom) !== undefined
      ? 0
      : this.#firstAlone(cases, symptom, search);
  }

  /** The same, one case at a time: slower, but the target is restarted once only. */
  async #firstAlone(cases: readonly Case[], symptom: Symptom, search: CheckupStyle): Promise<number> {
    for (const [index, value] of cases.entries()) {
      const symptoms = await this.symptomsOf(value, this.#options.waits, search);
      if (shownIn(symptoms, symptom) !== undefined) return index;
    }
    return -1;
  }

  /**
   * The candidate whose case alone is fatal, and its symptom, which can differ from what many cases at a time showed.
   * Undefined if none is, or only several of them together. `onHarmless` is called for cases that turn out to stop nothing.
   */
  async findCrash<C extends { readonly value: Case }>(
    candidates: readonly C[],
    onHarmless: (value: Case) => void = () => {},
  ): Promise<{ readonly candidate: C; readonly symptom: Symptom } | undefined> {
    let symptom: Symptom | undefined;
    const candidate = await bisect(candidates, {
      isFatal: async (cases) => {
        const areFatal = await this.#areFatal(cases);
        if (!areFatal) for (const value of cases) onHarmless(value);
        return areFatal;
      },
      firstFatal: async (cases) => {
        for (const [index, value] of cases.entries()) {
          const symptoms = await this.symptomsOf(value, this.#options.waits, THOROUGH_AND_QUICK);
          symptom = symptoms.find(isFatal);
          if (symptom !== undefined) return index;
        }
        return -1;
      },
    });
    return candidate && symptom && { candidate, symptom };
  }

  /** Whether the cases stop the target. They run concurrently, until it shows a sign of its end, or reacts to none. */
  async #areFatal(cases: readonly Case[]): Promise<boolean> {
    const { waits, jobs } = this.#options;
    let isOver = false;
    const release = this.#checkup.watch(() => {
      isOver = true;
    });
    for (let from = 0; from < cases.length && !isOver; from += jobs) {
      const some = cases.slice(from, from + jobs);
      const results = await Promise.all(some.map((value) => this.#evaluate(value, waits)));
      const isMute = ({ executions }: EvaluatedCase): boolean =>
        executions.every(({ reply }) => reply.ending === 'hung' || reply.ending === 'refused');
      isOver ||= results.length > 1 && results.every(isMute);
    }
    release();
    return (await this.probeAndRestart(SEARCH)) !== undefined;
  }
}

function shownIn(symptoms: readonly Symptom[], symptom: Symptom): Symptom | undefined {
  return symptoms.find((one) => isSameSymptom(one, symptom));
}
