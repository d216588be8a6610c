/**
 * Executes cases again to confirm what they do: whether they stop the target, whether they show a symptom, and how often.
 * Nothing else uses the target meanwhile, and after each method the target is healthy. When the signal of the health options
 * fires, each method rejects with its reason, or with a TargetLostError if the target was about to be restarted.
 */

import { setTimeout } from 'node:timers/promises';
import { render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Execution } from '../execute/execute.ts';
import { type EvaluatedCase, Evaluator, type TargetBehaviour } from '../oracle/evaluator.ts';
import { type Symptom, statusOf } from '../oracle/invariants.ts';
import { bringBack, type Health, type HealthOptions, healthOf, type Target } from '../target/target.ts';
import type { Finding } from './finding.ts';

export interface ConfirmerOptions {
  readonly target: Target;
  readonly behaviour: TargetBehaviour;
  readonly waits: Waits;
  readonly health: HealthOptions;
  /** Whether a legal SUBMIT is answered as it was during the calibration. */
  readonly isHealthy: (health: Health) => boolean;
  /** Cases in flight. */
  readonly jobs: number;
}

/** The target is unhealthy and does not come back. */
export class TargetLostError extends Error {
  override readonly name = 'TargetLostError';
  readonly symptom: Symptom;

  /** The cause, if there is one, says why it could not be started again. */
  constructor(symptom: Symptom, options?: ErrorOptions) {
    super('the target does not come back', options);
    this.symptom = symptom;
  }
}

const SETTLE_MS = 50;
/** Up to this number, candidates are executed one at a time. */
const FEW = 16;

/** Owns the sockets of its cases; `release` gives them up. */
export class Confirmer {
  readonly #options: ConfirmerOptions;
  readonly #evaluator: Evaluator;
  /** How often the target was restarted. */
  restarts = 0;
  /** How the process ended when the target was unhealthy last. Undefined if the kit did not start it. */
  lastEnd: Finding['said'];
  /** The last execution of a single case. */
  lastExecutions: readonly Execution[] = [];

  /** Present if the target is started again before each case: the symptom that is searched. */
  #searched: Symptom | undefined;
  /** Whether the target has received nothing since it was started. */
  #isNew = false;

  constructor(options: ConfirmerOptions) {
    this.#options = options;
    const { target, behaviour } = options;
    this.#evaluator = new Evaluator({ address: target.address, against: target.against, behaviour });
  }

  release(): void {
    this.#evaluator.release();
  }

  get canRestart(): boolean {
    return this.#options.target.restart !== undefined;
  }

  /** While this work is done, the target is started again before each case, because it remembers what it received. */
  async inNewLives<T>(searched: Symptom, work: () => Promise<T>): Promise<T> {
    this.#searched = searched;
    this.#isNew = false;
    try {
      return await work();
    } finally {
      this.#searched = undefined;
    }
  }

  async #beginLife(): Promise<void> {
    if (this.#searched !== undefined && !this.#isNew) {
      const symptom = this.#searched;
      this.restarts += 1;
      await this.#options.target.restart?.().catch((cause: unknown) => {
        throw new TargetLostError(symptom, { cause });
      });
    }
    this.#isNew = false;
  }

  /**
   * Sends a legal SUBMIT. If the target is unhealthy, restarts it and returns what was wrong. Throws a TargetLostError if the
   * target does not come back.
   */
  async probeAndRestart(): Promise<Symptom | undefined> {
    const { target, health, isHealthy } = this.#options;
    let state = await healthOf(target.address, health);
    if (isHealthy(state)) return undefined;
    if (state.kind !== 'refuses') {
      // A process that is about to exit may still accept a connection, and drop it.
      await setTimeout(SETTLE_MS);
      state = await healthOf(target.address, health);
      if (isHealthy(state)) return undefined;
    }
    this.lastEnd = await target.describeEnd?.();
    const symptom = fatalSymptom(state, this.lastEnd?.ended);
    this.restarts += 1;
    const isBack = await bringBack(target, health).catch((cause: unknown) => {
      throw new TargetLostError(symptom, { cause });
    });
    if (!isBack) throw new TargetLostError(symptom);
    this.#isNew = true;
    return symptom;
  }

  #evaluate(value: Case, waits: Waits): Promise<EvaluatedCase> {
    return unlessAborted(this.#evaluator.run(value, waits), this.#options.health.signal);
  }

  /** Whether the address refuses connections. */
  async isUnreachable(address: Address): Promise<boolean> {
    return (await healthOf(address, this.#options.health)).kind === 'refuses';
  }

  /** The symptoms of a single case. If it is fatal, its fatal symptom only. */
  async symptomsOf(value: Case, waits: Waits = this.#options.waits): Promise<readonly Symptom[]> {
    await this.#beginLife();
    const { executions, breaches } = await this.#evaluate(value, waits);
    this.lastExecutions = executions;
    const fatal = await this.probeAndRestart();
    return fatal === undefined ? breaches : [fatal];
  }

  /** In how many of the attempts the case shows the symptom. The attempts run concurrently, unless the symptom is fatal. */
  async count(value: Case, symptom: Symptom, attempts: number, waits: Waits): Promise<number> {
    const isShown = (symptoms: readonly Symptom[]): boolean =>
      symptoms.some((one) => one.symptom === symptom.symptom);
    if (!isFatal(symptom) && this.#searched === undefined) {
      const results = await Promise.all(Array.from({ length: attempts }, () => this.#evaluate(value, waits)));
      this.lastExecutions = results[0]?.executions ?? [];
      const isHealthy = (await this.probeAndRestart()) === undefined;
      return isHealthy ? results.filter(({ breaches }) => isShown(breaches)).length : 0;
    }
    let shown = 0;
    for (let attempt = 0, repeats = 0; attempt < attempts; attempt += 1) {
      // One attempt with the full deadlines decides; the others of a history show that it is steady.
      const isFull = attempt === 0 || this.#searched === undefined;
      const isShownNow = isFull
        ? isShown(await this.symptomsOf(value, waits))
        : await this.#showsInNewLife(value, symptom.symptom);
      if (isShownNow) shown += 1;
      else if (this.lastExecutions.length < value.connections.length && repeats < attempts) {
        // An answer was so late on a busy machine that not all messages were sent.
        repeats += 1;
        attempt -= 1;
      }
    }
    return shown;
  }

  async #firstInNewLife(cases: readonly Case[], symptom: string): Promise<number> {
    for (const [index, value] of cases.entries())
      if (await this.#showsInNewLife(value, symptom)) return index;
    return -1;
  }

  /** Whether the case shows the symptom, with the short deadlines of a batch for the case and for the legal SUBMIT after it. */
  async #showsInNewLife(value: Case, symptom: string): Promise<boolean> {
    const { waits, isHealthy } = this.#options;
    await this.#beginLife();
    const { executions, breaches } = await this.#evaluate(value, waits);
    this.lastExecutions = executions;
    if (breaches.some((one) => one.symptom === symptom)) return true;
    let state = await this.#quickHealth();
    if (isHealthy(state)) return false;
    await setTimeout(SETTLE_MS);
    state = await this.#quickHealth();
    return !isHealthy(state) && fatalSymptom(state, undefined).symptom === symptom;
  }

  async #quickHealth(): Promise<Health> {
    const { waits, health } = this.#options;
    const bytes = render(submit(), health.newTaskId);
    const value: Case = { arrangement: 'at-once', connections: [[{ do: 'bytes', bytes }]] };
    const [execution] = (await this.#evaluate(value, waits)).executions;
    const answer = execution?.answers[0];
    if (answer !== undefined) return { kind: 'answers', status: statusOf(answer), afterMs: 0 };
    const { ending, code = 'unknown' } = execution?.reply ?? {};
    if (ending === 'refused') return { kind: 'refuses', code };
    return ending === 'hung' ? { kind: 'hangs' } : { kind: 'closes' };
  }

  /** The index of the first case that shows the symptom, -1 if none does. The cases run concurrently. */
  async firstThatShows(cases: readonly Case[], symptom: string): Promise<number> {
    if (this.#searched !== undefined) return this.#firstInNewLife(cases, symptom);
    const { waits } = this.#options;
    const results = await Promise.all(cases.map((value) => this.#evaluate(value, waits)));
    const fatal = await this.probeAndRestart();
    if (fatal === undefined)
      return results.findIndex(({ breaches }) => breaches.some((one) => one.symptom === symptom));
    return cases.length === 1 && fatal.symptom === symptom ? 0 : this.firstAlone(cases, symptom);
  }

  /** The same, one case at a time: slower, but the target is restarted once only. */
  async firstAlone(cases: readonly Case[], symptom: string): Promise<number> {
    for (const [index, value] of cases.entries())
      if ((await this.symptomsOf(value)).some((shown) => shown.symptom === symptom)) return index;
    return -1;
  }

  /** The candidate whose case alone shows the fatal symptom. Undefined if none does, or only several of them together. */
  findCrash<C extends { readonly value: Case }>(
    candidates: readonly C[],
    symptom: string,
  ): Promise<C | undefined> {
    return bisect(candidates, {
      isFatal: (cases) => this.#areFatal(cases),
      firstFatal: (cases) => this.firstAlone(cases, symptom),
    });
  }

  /** Whether the cases stop the target. They run concurrently. */
  async #areFatal(cases: readonly Case[]): Promise<boolean> {
    const { waits, jobs, health } = this.#options;
    for (let from = 0; from < cases.length; from += jobs) {
      const some = cases.slice(from, from + jobs);
      const executions = Promise.all(some.map((value) => this.#evaluator.execute(value, waits)));
      await unlessAborted(executions, health.signal);
    }
    return (await this.probeAndRestart()) !== undefined;
  }
}

/** How to find out whether cases are fatal. After each call the target is healthy. */
export interface CrashTests {
  /** Whether the cases stop the target together. */
  readonly isFatal: (cases: readonly Case[]) => Promise<boolean>;
  /** The index of the first case that stops the target alone, -1 if none does. */
  readonly firstFatal: (cases: readonly Case[]) => Promise<number>;
}

/**
 * Finds the fatal case among many: halves the list until few are left, and tries those one at a time. Each half that is
 * fatal costs a restart of the target; a case that is tried alone costs a probe.
 */
export async function bisect<C extends { readonly value: Case }>(
  candidates: readonly C[],
  tests: CrashTests,
): Promise<C | undefined> {
  let list = candidates;
  while (list.length > FEW) {
    const half = list.slice(0, Math.ceil(list.length / 2));
    list = (await tests.isFatal(half.map(({ value }) => value))) ? half : list.slice(half.length);
  }
  return list[await tests.firstFatal(list.map(({ value }) => value))];
}

/** Whether the target has to be restarted after it. */
export function isFatal({ invariant }: Symptom): boolean {
  return invariant === 'survives' || invariant === 'serves-after';
}

/** The symptom of an unhealthy target. */
function fatalSymptom(state: Health, ended: string | undefined): Symptom {
  const invariant = state.kind === 'refuses' || state.kind === 'hangs' ? 'survives' : 'serves-after';
  const how = HEALTH_WORDS[state.kind];
  const detail = `after it, the target ${how}${ended === undefined ? '' : `; its process: ${ended}`}`;
  return { invariant, clause: 'T3', detail, symptom: `${invariant} T3: ${how}` };
}

/** Part of symptoms, and so of saved files and of ids: permanent. */
const HEALTH_WORDS: Readonly<Record<Health['kind'], string>> = {
  answers: 'answers a legal SUBMIT otherwise than before',
  hangs: 'does not react to a legal SUBMIT',
  closes: 'closes on a legal SUBMIT',
  refuses: 'refuses connections',
};
