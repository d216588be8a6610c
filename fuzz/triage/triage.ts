/**
 * Triage: from a case that breaks an invariant to a finding. Is it explained by a known finding, does it repeat, how small
 * can it be, which features distinguish it. Each question costs attempts, so a case that a known finding explains is only
 * counted.
 */

import { performance } from 'node:perf_hooks';
import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { type InvariantId, isDifference, type Symptom } from '../oracle/invariants.ts';
import { type Activity, activityDuring } from './activity.ts';
import { type Confirmer, isFatal, TargetLostError } from './confirm.ts';
import { countDeaths, type Death, deathOf, firstWithDeath } from './deaths.ts';
import { describeExecution, wireOf } from './describe.ts';
import { type Finding, findingId, type Origin, UNPINNED } from './finding.ts';
import { identityOf, idOfDeath, shownCause } from './identity.ts';
import { KnownFindings, type SavedTriage } from './known-findings.ts';
import { faultSitesOf } from './location.ts';
import { minimise } from './minimise.ts';

/** A case that broke an invariant. */
export interface Evidence {
  readonly value: Case;
  readonly symptom: Symptom;
  readonly origin: Origin;
  readonly mutations: readonly string[];
  /** For a generated case: the simpler cases that can be derived from it. */
  readonly tree?: ShrinkTree | undefined;
}

export interface TriageOptions {
  readonly confirmer: Confirmer;
  /** For the attempts that decide: as long as the protocol gives a target. */
  readonly confirmWaits: Waits;
  /** The behaviour of the target, as it is written into each finding. */
  readonly about: Finding['target'];
  /** Most candidates that are tried to minimise one finding. */
  readonly minimiseTries: number;
  /** Most milliseconds that it takes to minimise one finding. */
  readonly minimiseMs: () => number;
  /** The process of the target, to see what it does while it does not react. */
  readonly process?: ProcessObserver | undefined;
  /** What the process did when the target was unhealthy last; undefined if it had ended, or cannot be observed. */
  readonly activityAtEnd?: (() => Activity | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type TriageResult =
  /** `endedBy`: the error that ended the triage early; the finding is what was known by then. */
  | { readonly kind: 'finding'; readonly finding: Finding; readonly endedBy?: unknown }
  /** It is the known finding with this id. */
  | { readonly kind: 'duplicate'; readonly id: string }
  /** It was not shown again, and may have had a transient cause. `fatal`: what was shown, but not by the case alone. */
  | { readonly kind: 'unconfirmed'; readonly fatal?: Symptom };

interface Smallest {
  readonly value: Case;
  readonly isMinimal: boolean;
  readonly endedBy?: unknown;
}

interface Confirmed extends Smallest {
  readonly failed: number;
  readonly attempts: number;
}

/** Attempts of a minimised case, and of a case before it is minimised. */
const ATTEMPTS = 3;
const FIRST_ATTEMPTS = 2;
/** Invariants that a short deadline, or other cases at the same time, may seem to break. */
const TRANSIENT: readonly InvariantId[] = ['reacts', 'agrees'];

const NO_CASE: Case = { arrangement: 'at-once', connections: [] };

/** A breach as it was seen, without an investigation. */
interface Recorded extends Pick<Evidence, 'symptom' | 'value' | 'mutations'> {
  readonly attempts: number;
  readonly isUnpinned?: true;
}

/** How a case is tried: what counts as shown differs for deaths and for what connections show. */
interface Trials {
  readonly count: (value: Case, attempts: number) => Promise<number>;
  readonly firstThatShows: (candidates: readonly Case[]) => Promise<number>;
}

export class Triage {
  readonly #known: KnownFindings;
  readonly #options: TriageOptions;

  constructor(options: TriageOptions, saved?: SavedTriage) {
    this.#options = options;
    this.#known = new KnownFindings(saved);
  }

  /** By their ids. */
  get findings(): ReadonlyMap<string, Finding> {
    return this.#known.findings;
  }

  /** How often each finding occurred, by its id. */
  get occurrences(): Readonly<Record<string, number>> {
    return this.#known.occurrences;
  }

  /** Number of findings that are failures, and not differences between two implementations. */
  get failures(): number {
    return [...this.findings.values()].filter(({ invariant }) => !isDifference(invariant)).length;
  }

  /** Remembers the features of a case that broke no invariant. */
  addHarmless(value: Case): void {
    this.#known.addHarmless(value);
  }

  /** Sets of features, one for each finding that stops the target. A case with all features of a set will stop it, too. */
  get knownCrashes(): readonly (readonly string[])[] {
    return this.#known.knownCrashes;
  }

  /** Whether a known finding explains the case, which shows the symptom. If so, counts an occurrence of it. */
  recognise(value: Case, symptom: Symptom): boolean {
    return this.#known.recognise(value, symptom, this.#deathOf(symptom));
  }

  /** The same for cases of which one shows the symptom: a case that contains the cause need not show it. */
  recogniseAmong(cases: readonly Case[], symptom: Symptom): boolean {
    return this.#known.recogniseAmong(cases, symptom, this.#deathOf(symptom));
  }

  /** The last death of the target, if the symptom is fatal. */
  #deathOf(symptom: Symptom): Death | undefined {
    return deathOf(symptom, this.#options.confirmer.lastEnd);
  }

  /** Records a breach that a monitor shows, or that cannot be investigated any more. Undefined if it is known. */
  recordBreach(
    symptom: Symptom,
    value: Case = NO_CASE,
    mutations: readonly string[] = [],
  ): Finding | undefined {
    const id = idOfDeath(this.#deathOf(symptom)) ?? findingId(symptom.invariant, symptom.symptom);
    return this.#recordOnce(id, { symptom, value, mutations, attempts: 1 });
  }

  /**
   * Records a death of which only all cases are known that were in flight. Without a report, all such deaths share one id.
   * Undefined if it is known, or was not searched (`attempts` is 1) and is like one that is known.
   */
  recordUnpinned(
    symptom: Symptom,
    value: Case,
    mutations: readonly string[],
    attempts: number,
  ): Finding | undefined {
    const death = this.#deathOf(symptom);
    if (attempts === 1 && this.#known.recogniseUnsearched(death?.symptom ?? symptom, death)) return undefined;
    const id = idOfDeath(death) ?? findingId((death?.symptom ?? symptom).invariant, UNPINNED);
    return this.#recordOnce(id, { symptom, value, mutations, attempts, isUnpinned: true });
  }

  #recordOnce(
    id: string,
    { symptom, value, mutations, attempts, isUnpinned }: Recorded,
  ): Finding | undefined {
    const death = this.#deathOf(symptom);
    const finding: Finding = {
      ...(death?.symptom ?? symptom),
      id,
      ...shownCause(death),
      ...(isUnpinned && { isUnpinned }),
      value,
      failed: 1,
      attempts,
      isMinimal: false,
      distinguishing: [],
      origin: { lane: 'given' },
      mutations,
      originalBytes: caseSize(value),
      transcript: [],
      wire: [],
      ...(death?.end && { said: death.end }),
      target: this.#options.about,
    };
    return this.#known.add(finding) ? finding : undefined;
  }

  /** Records a breach whose investigation did not begin, or was ended before it was confirmed. Undefined if it is known, or may be transient. */
  recordUnfinished({ value, symptom, mutations }: Evidence): Finding | undefined {
    if (TRANSIENT.includes(symptom.invariant) || this.recognise(value, symptom)) return undefined;
    const death = this.#deathOf(symptom);
    if (death !== undefined && this.#known.recogniseUnsearched(death.symptom, death)) return undefined;
    return this.recordBreach(symptom, value, mutations);
  }

  /**
   * Confirms and minimises the case. The target is healthy afterwards, unless the result was ended early. Rejects as the
   * confirmer does if nothing is confirmed yet.
   */
  async investigate(evidence: Evidence): Promise<TriageResult> {
    const { process } = this.#options;
    const death = this.#deathOf(evidence.symptom);
    const symptom = death?.symptom ?? evidence.symptom;
    const trials = this.#trialsOf(symptom, death);
    const isTransient = TRANSIENT.includes(symptom.invariant);
    let first = 0;
    const confirm = async (): Promise<void> => {
      first = await trials.count(evidence.value, FIRST_ATTEMPTS);
    };
    const isHang = symptom.invariant === 'reacts';
    const activity = isHang
      ? await activityDuring(process, confirm)
      : await confirm().then(() => this.#activityOf(death));
    // Sent several times at once, the case can stop the target, or make it hang.
    const { fatalMeanwhile } = this.#options.confirmer;
    if (death === undefined && fatalMeanwhile)
      return this.investigate({ ...evidence, symptom: fatalMeanwhile });
    if (first === 0 && isFatal(symptom)) return { kind: 'unconfirmed', fatal: symptom };
    if (first === 0 && isTransient) return { kind: 'unconfirmed' };
    const { value, isMinimal, failed, attempts, endedBy }: Confirmed =
      first === FIRST_ATTEMPTS
        ? await this.#confirmSmallest(
            evidence,
            isHang && activity === 'computes' ? this.#renewing(trials, symptom) : trials,
          )
        : { value: evidence.value, isMinimal: false, failed: first + 1, attempts: FIRST_ATTEMPTS + 1 };
    if (failed === 0 && isTransient) return { kind: 'unconfirmed' };
    const distinguishing = this.#known.distinguishing(value, symptom);
    const { lastExecutions, lastShown } = this.#options.confirmer;
    const seen: Finding = {
      ...identityOf({ symptom, value, distinguishing, death, activity }),
      invariant: symptom.invariant,
      clause: symptom.clause,
      detail: (isFatal(symptom) && lastShown?.detail) || symptom.detail,
      symptom: symptom.symptom,
      value,
      failed,
      attempts,
      isMinimal,
      distinguishing,
      where: faultSitesOf(value),
      origin: evidence.origin,
      mutations: evidence.mutations,
      originalBytes: caseSize(evidence.value),
      transcript: lastExecutions.flatMap(describeExecution),
      wire: lastExecutions.slice(0, 1).flatMap(wireOf),
      ...(death?.end && { said: death.end }),
      target: this.#options.about,
    };
    const finding = { ...seen, id: this.#known.idOfSameFault(seen, death) ?? seen.id };
    if (!this.#known.add(finding)) return { kind: 'duplicate', id: finding.id };
    return { kind: 'finding', finding, ...(endedBy !== undefined && { endedBy }) };
  }

  /** What the process did when the target died without an end. */
  #activityOf(death: Death | undefined): Activity | undefined {
    return death === undefined || death.cause !== undefined ? undefined : this.#options.activityAtEnd?.();
  }

  #trialsOf(symptom: Symptom, death: Death | undefined): Trials {
    const { confirmer, confirmWaits } = this.#options;
    if (death === undefined)
      return {
        count: (value, attempts) => confirmer.count(value, symptom, attempts, confirmWaits),
        firstThatShows: (candidates) => confirmer.firstThatShows(candidates, symptom),
      };
    return {
      count: (value, attempts) => countDeaths(value, death, attempts, confirmer),
      firstThatShows: (candidates) => firstWithDeath(candidates, death, confirmer),
    };
  }

  /** The same where each hang occupies the target with a loop, so that it has to be restarted. */
  #renewing({ count, firstThatShows }: Trials, symptom: Symptom): Trials {
    const { confirmer } = this.#options;
    return {
      count: async (value, attempts) => {
        await confirmer.renew(symptom);
        return count(value, attempts);
      },
      firstThatShows: async (candidates) => {
        const found = await firstThatShows(candidates);
        if (found >= 0) await confirmer.renew(symptom);
        return found;
      },
    };
  }

  /** Minimises a case that failed in each of the first attempts, and confirms the smallest. */
  async #confirmSmallest(evidence: Evidence, trials: Trials): Promise<Confirmed> {
    const first = { failed: FIRST_ATTEMPTS, attempts: FIRST_ATTEMPTS };
    const { value, isMinimal, endedBy } = await this.#minimise(evidence, trials);
    if (endedBy !== undefined) return { value, isMinimal, ...first, endedBy };
    try {
      const failed = await trials.count(value, ATTEMPTS);
      if (failed === ATTEMPTS) return { value, isMinimal, failed, attempts: ATTEMPTS };
      // What was tried before may have left a state in which a smaller case is enough. The case itself did without it.
      const original = await trials.count(evidence.value, ATTEMPTS);
      if (original > failed)
        return { value: evidence.value, isMinimal: false, failed: original, attempts: ATTEMPTS };
      return { value, isMinimal, failed, attempts: ATTEMPTS };
    } catch (error) {
      if (!this.#isEnd(error)) throw error;
      return { value, isMinimal, ...first, endedBy: error };
    }
  }

  /** Whether the error ends the campaign and says nothing about the case. */
  #isEnd(error: unknown): boolean {
    return error instanceof TargetLostError || this.#options.signal?.aborted === true;
  }

  async #minimise({ value, symptom, tree }: Evidence, trials: Trials): Promise<Smallest> {
    const { minimiseTries, minimiseMs, signal } = this.#options;
    const until = performance.now() + minimiseMs();
    // Each success with a fatal symptom costs a restart of the target, and with a hang the wait for it. So the large
    // reductions come first, and the small steps of fast-check's shrinkers are left out.
    const isCostly = isFatal(symptom) || symptom.invariant === 'reacts';
    let endedBy: unknown;
    const smallest = await minimise(value, isCostly ? undefined : tree, {
      firstThatShows: async (candidates) => {
        try {
          return await trials.firstThatShows(candidates);
        } catch (error) {
          if (!this.#isEnd(error)) throw error;
          endedBy = error;
          return -1;
        }
      },
      budget: minimiseTries,
      shouldStop: () => performance.now() > until || endedBy !== undefined || signal?.aborted === true,
    });
    return { ...smallest, endedBy };
  }
}
