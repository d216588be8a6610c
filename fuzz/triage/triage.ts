/**
 * Triage: from a case that breaks an invariant to a finding. Is it explained by a known finding, does it repeat, how small
 * can it be, which features distinguish it. Each question costs attempts, so a case that a known finding explains is only
 * counted.
 */

import { performance } from 'node:perf_hooks';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import { featuresOf, featuresOfDifference } from '../generate/features.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { type InvariantId, isDifference, namesCause, type Symptom } from '../oracle/invariants.ts';
import { type Confirmer, isFatal, TargetLostError } from './confirm.ts';
import { describeExecution, wireOf } from './describe.ts';
import { containsTrigger, type Finding, findingId, type Origin, shapeOf } from './finding.ts';
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

/** The findings of an earlier campaign. */
export interface SavedTriage {
  readonly findings: readonly Finding[];
  /** How often each finding occurred, by its id. */
  readonly occurrences: Readonly<Record<string, number>>;
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
/** Features of harmless cases that are remembered. */
const MAX_FEATURES = 100_000;

/** Invariants that a short deadline, or other cases at the same time, may seem to break. */
const TRANSIENT: readonly InvariantId[] = ['reacts', 'agrees'];

/** Two implementations may differ in several ways for the same reason. */
function familyOf(symptom: string): string {
  return symptom.startsWith('agrees') ? 'agrees' : symptom;
}

const NO_CASE: Case = { arrangement: 'at-once', connections: [] };

export class Triage {
  readonly findings = new Map<string, Finding>();
  /** How often each finding occurred, by its id. */
  readonly occurrences: Record<string, number> = {};
  readonly #options: TriageOptions;
  /** Features of harmless cases. */
  readonly #harmless = new Set<string>();

  constructor(options: TriageOptions, saved?: SavedTriage) {
    this.#options = options;
    for (const finding of saved?.findings ?? []) this.findings.set(finding.id, finding);
    Object.assign(this.occurrences, saved?.occurrences);
  }

  /** Number of findings that are failures, and not differences between two implementations. */
  get failures(): number {
    return [...this.findings.values()].filter(({ invariant }) => !isDifference(invariant)).length;
  }

  /** Remembers the features of a case that broke no invariant. */
  addHarmless(value: Case): void {
    if (this.#harmless.size >= MAX_FEATURES) return;
    for (const feature of featuresOf(value)) this.#harmless.add(feature);
  }

  /** Sets of features, one for each finding that stops the target. A case with all features of a set will stop it, too. */
  get knownCrashes(): readonly (readonly string[])[] {
    return [...this.findings.values()]
      .filter(({ invariant }) => invariant === 'survives')
      .map((finding) => this.#distinguishingOf(finding))
      .filter((features) => features.length > 0);
  }

  /**
   * The features that the finding's case has, and no harmless case has had up to now. All features of a difference are kept,
   * because they may well be harmless for the target alone.
   */
  #distinguishingOf({ invariant, distinguishing }: Finding): readonly string[] {
    return isDifference(invariant)
      ? distinguishing
      : distinguishing.filter((feature) => !this.#harmless.has(feature));
  }

  /** Whether a known finding explains the case, which shows the symptom. If so, counts an occurrence of it. */
  recognise(value: Case, symptom: Symptom): boolean {
    const alike = this.#alike(symptom);
    const isSame = (finding: Finding): boolean =>
      namesCause(symptom.invariant) ||
      (!isDifference(symptom.invariant) && containsTrigger(value, finding)) ||
      this.#hasFeatures(value, finding);
    return this.#countFirst(alike.filter(isSame));
  }

  /** The same for cases of which one shows the symptom: a case that contains the cause need not show it. */
  recogniseAmong(cases: readonly Case[], symptom: Symptom): boolean {
    const alike = this.#alike(symptom);
    return this.#countFirst(
      alike.filter((finding) => cases.some((value) => this.#hasFeatures(value, finding))),
    );
  }

  #alike({ symptom }: Symptom): Finding[] {
    return [...this.findings.values()].filter((finding) => familyOf(finding.symptom) === familyOf(symptom));
  }

  /** Whether the case has all distinguishing features of the finding. */
  #hasFeatures(value: Case, finding: Finding): boolean {
    const distinguishing = this.#distinguishingOf(finding);
    if (distinguishing.length === 0) return false;
    const features = featuresOf(value);
    return distinguishing.every((feature) => features.has(feature));
  }

  #countFirst([known]: readonly Finding[]): boolean {
    if (known !== undefined) this.#count(known.id);
    return known !== undefined;
  }

  #count(id: string): void {
    this.occurrences[id] = (this.occurrences[id] ?? 0) + 1;
  }

  /** Records a breach that no single case causes, or that cannot be investigated any more. Undefined if it is known. */
  recordBreach(
    breach: Symptom,
    value: Case = NO_CASE,
    mutations: readonly string[] = [],
    attempts = 1,
  ): Finding | undefined {
    const id = findingId(breach.invariant, breach.symptom);
    this.#count(id);
    if (this.findings.has(id)) return undefined;
    const finding: Finding = {
      ...breach,
      id,
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
      ...this.#saidOf(breach),
      target: this.#options.about,
    };
    this.findings.set(id, finding);
    return finding;
  }

  /** Records a breach whose investigation did not begin, or was ended before it was confirmed. Undefined if it is known, or may be transient. */
  recordUnfinished({ value, symptom, mutations }: Evidence): Finding | undefined {
    if (TRANSIENT.includes(symptom.invariant) || this.recognise(value, symptom)) return undefined;
    return this.recordBreach(symptom, value, mutations);
  }

  /**
   * Confirms and minimises the case. The target is healthy afterwards, unless the result was ended early. Rejects as the
   * confirmer does if nothing is confirmed yet.
   */
  async investigate(evidence: Evidence): Promise<TriageResult> {
    const { symptom } = evidence;
    const { confirmer, confirmWaits } = this.#options;
    const isTransient = TRANSIENT.includes(symptom.invariant);
    const first = await confirmer.count(evidence.value, symptom, FIRST_ATTEMPTS, confirmWaits);
    // Sent several times at once, the case can stop the target, or make it hang.
    const { fatalMeanwhile } = confirmer;
    if (fatalMeanwhile) return this.investigate({ ...evidence, symptom: fatalMeanwhile });
    if (first === 0 && isFatal(symptom)) return { kind: 'unconfirmed', fatal: symptom };
    if (first === 0 && isTransient) return { kind: 'unconfirmed' };
    const { value, isMinimal, failed, attempts, endedBy }: Confirmed =
      first === FIRST_ATTEMPTS
        ? await this.#confirmSmallest(evidence)
        : { value: evidence.value, isMinimal: false, failed: first + 1, attempts: FIRST_ATTEMPTS + 1 };
    if (failed === 0 && isTransient) return { kind: 'unconfirmed' };
    const hasDifference = isDifference(symptom.invariant);
    const distinguishing = hasDifference
      ? featuresOfDifference(value)
      : [...featuresOf(value)].filter((feature) => !this.#harmless.has(feature));
    const shape = namesCause(symptom.invariant) ? '' : `\n${shapeOf(value)}`;
    const cause = hasDifference ? distinguishing.join() : symptom.symptom + shape;
    const id = findingId(symptom.invariant, cause);
    this.#count(id);
    if (this.findings.has(id)) return { kind: 'duplicate', id };
    const { lastExecutions, lastShown } = confirmer;
    const finding: Finding = {
      id,
      invariant: symptom.invariant,
      clause: symptom.clause,
      detail: (isFatal(symptom) && lastShown?.detail) || symptom.detail,
      symptom: symptom.symptom,
      value,
      failed,
      attempts,
      isMinimal,
      distinguishing,
      origin: evidence.origin,
      mutations: evidence.mutations,
      originalBytes: caseSize(evidence.value),
      transcript: lastExecutions.flatMap(describeExecution),
      wire: lastExecutions.slice(0, 1).flatMap(wireOf),
      ...this.#saidOf(symptom),
      target: this.#options.about,
    };
    this.findings.set(id, finding);
    return { kind: 'finding', finding, ...(endedBy !== undefined && { endedBy }) };
  }

  /** Minimises a case that failed in each of the first attempts, and confirms the smallest. */
  async #confirmSmallest(evidence: Evidence): Promise<Confirmed> {
    const { confirmer, confirmWaits } = this.#options;
    const first = { failed: FIRST_ATTEMPTS, attempts: FIRST_ATTEMPTS };
    const { value, isMinimal, endedBy } = await this.#minimise(evidence);
    if (endedBy !== undefined) return { value, isMinimal, ...first, endedBy };
    try {
      const failed = await confirmer.count(value, evidence.symptom, ATTEMPTS, confirmWaits);
      if (failed === ATTEMPTS) return { value, isMinimal, failed, attempts: ATTEMPTS };
      // What was tried before may have left a state in which a smaller case is enough. The case itself did without it.
      const original = await confirmer.count(evidence.value, evidence.symptom, ATTEMPTS, confirmWaits);
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

  /** What the process said at its last end, which is that of the finding's case. */
  #saidOf(symptom: Symptom): Pick<Finding, 'said'> {
    const { lastEnd } = this.#options.confirmer;
    return isFatal(symptom) && lastEnd ? { said: lastEnd } : {};
  }

  async #minimise({ value, symptom, tree }: Evidence): Promise<Smallest> {
    const { confirmer, minimiseTries, minimiseMs, signal } = this.#options;
    const until = performance.now() + minimiseMs();
    // Each success with a fatal symptom costs a restart of the target. So the large reductions come first, and the small
    // steps of fast-check's shrinkers are left out.
    let endedBy: unknown;
    const smallest = await minimise(value, isFatal(symptom) ? undefined : tree, {
      firstThatShows: async (candidates) => {
        try {
          return await confirmer.firstThatShows(candidates, symptom);
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
