/**
 * Throws cases again, to know: whether they kill, whether they show a symptom, how often. One trial at a time has the
 * target to itself, and each ends with a target that lives.
 */

import { setTimeout } from 'node:timers/promises';
import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Execution } from '../execute/execute.ts';
import { Evaluator, type TargetBehaviour } from '../oracle/evaluator.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { bringBack, type Health, type HealthOptions, healthOf, type Target } from '../target/target.ts';

export interface ConfirmerOptions {
  readonly target: Target;
  readonly behaviour: TargetBehaviour;
  readonly waits: Waits;
  readonly health: HealthOptions;
  /** What a legal SUBMIT comes to when nothing is wrong. */
  readonly isHealthy: (health: Health) => boolean;
  readonly jobs: number;
}

/** The target is gone and does not come back. */
export class TargetLostError extends Error {
  override readonly name = 'GoneError';
  readonly symptom: Symptom;

  constructor(symptom: Symptom) {
    super('the target is gone and does not come back');
    this.symptom = symptom;
  }
}

const SETTLE_MS = 50;

export class Confirmer {
  readonly #options: ConfirmerOptions;
  readonly #evaluator: Evaluator;
  /** How often the target had to be brought back. */
  restarts = 0;
  /** The last play of a case on its own. */
  lastExecutions: readonly Execution[] = [];

  constructor(options: ConfirmerOptions) {
    this.#options = options;
    const { target, behaviour } = options;
    this.#evaluator = new Evaluator({ address: target.address, against: target.against, behaviour });
  }

  /** Gives up the sockets. */
  release(): void {
    this.#evaluator.release();
  }

  /** What is wrong with the target, if anything is; then it is brought back. Throws a GoneError if it cannot be. */
  async probeAndRestart(): Promise<Symptom | undefined> {
    const { target, health, isHealthy } = this.#options;
    let state = await healthOf(target.address, health);
    if (isHealthy(state)) return undefined;
    if (state.kind !== 'refuses') {
      // A process that is about to be gone may still take a connection, and drop it.
      await setTimeout(SETTLE_MS);
      state = await healthOf(target.address, health);
      if (isHealthy(state)) return undefined;
    }
    const exit = target.exited?.();
    const symptom = fatalSymptom(state, exit);
    this.restarts += 1;
    if (!(await bringBack(target, health))) throw new TargetLostError(symptom);
    return symptom;
  }

  /** Whether no connection to it comes about any more. */
  async isUnreachable(address: Address): Promise<boolean> {
    return (await healthOf(address, this.#options.health)).kind === 'refuses';
  }

  /** How the target falls to these, thrown side by side, if it does. */
  async kill(cases: readonly Case[]): Promise<Symptom | undefined> {
    const { waits, jobs } = this.#options;
    for (let from = 0; from < cases.length; from += jobs) {
      const some = cases.slice(from, from + jobs);
      await Promise.all(some.map((value) => this.#evaluator.execute(value, waits)));
    }
    return this.probeAndRestart();
  }

  /** The symptoms of one case on its own; if it is the end of the target, that alone. */
  async symptomsOf(value: Case, waits: Waits = this.#options.waits): Promise<readonly Symptom[]> {
    const { executions, breaches } = await this.#evaluator.run(value, waits);
    this.lastExecutions = executions;
    const death = await this.probeAndRestart();
    return death === undefined ? breaches : [death];
  }

  /** In how many of so many plays the case shows the symptom. Side by side, unless each is the end of the target. */
  async count(value: Case, symptom: Symptom, plays: number, waits: Waits): Promise<number> {
    const isShown = (symptoms: readonly Symptom[]): boolean =>
      symptoms.some((one) => one.symptom === symptom.symptom);
    if (!isFatal(symptom)) {
      const seen = await Promise.all(Array.from({ length: plays }, () => this.#evaluator.run(value, waits)));
      this.lastExecutions = seen[0]?.executions ?? [];
      return (await this.probeAndRestart()) === undefined
        ? seen.filter(({ breaches }) => isShown(breaches)).length
        : 0;
    }
    let shown = 0;
    for (let play = 0; play < plays; play += 1) if (isShown(await this.symptomsOf(value, waits))) shown += 1;
    return shown;
  }

  /** The index of the first of the cases that shows the symptom, -1 if none does. They are thrown side by side. */
  async firstThatShows(cases: readonly Case[], symptom: string): Promise<number> {
    const { waits } = this.#options;
    const judged = await Promise.all(cases.map((value) => this.#evaluator.run(value, waits)));
    const death = await this.probeAndRestart();
    if (death === undefined)
      return judged.findIndex(({ breaches }) => breaches.some((one) => one.symptom === symptom));
    return cases.length === 1 && death.symptom === symptom ? 0 : this.firstAlone(cases, symptom);
  }

  /** As `firstThatShows`, one at a time: that many plays more, but the target falls only once. */
  async firstAlone(cases: readonly Case[], symptom: string): Promise<number> {
    for (const [index, value] of cases.entries())
      if ((await this.symptomsOf(value)).some((shown) => shown.symptom === symptom)) return index;
    return -1;
  }
}

/** Whether the target has to be brought back after it. */
export function isFatal({ invariant }: Symptom): boolean {
  return invariant === 'survives' || invariant === 'serves-after';
}

/** A target that died, or does not serve as before, as a breach. */
function fatalSymptom(state: Health, exit: string | undefined): Symptom {
  const invariant = state.kind === 'refuses' || state.kind === 'hangs' ? 'survives' : 'serves-after';
  const how = HEALTH_WORDS[state.kind];
  const detail = `after it, the target ${how}${exit === undefined ? '' : `; its process ended (${exit})`}`;
  return { invariant, clause: 'T3', detail, symptom: `${invariant} T3: ${how}` };
}

const HEALTH_WORDS: Readonly<Record<Health['kind'], string>> = {
  answers: 'answers a legal SUBMIT otherwise than before',
  hangs: 'does not react to a legal SUBMIT',
  closes: 'closes on a legal SUBMIT',
  refuses: 'refuses connections',
};
