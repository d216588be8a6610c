/**
 * From a case that showed something to a finding: is it a known one, does it repeat, how small does it get, what is it about
 * it. Each costs attempts, so whatever a known finding explains is only counted.
 */

import { performance } from 'node:perf_hooks';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import { featuresOf, featuresOfDifference } from '../generate/features.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { type InvariantId, isDifference, type Symptom } from '../oracle/invariants.ts';
import { type Confirmer, isFatal } from './confirm.ts';
import { describePlayed, wireOf } from './describe.ts';
import { type Finding, findingId, type Origin, shapeOf } from './finding.ts';
import { minimise } from './minimise.ts';

export interface Evidence {
  readonly value: Case;
  readonly symptom: Symptom;
  readonly origin: Origin;
  readonly mutations: readonly string[];
  /** How it was generated, if it was. */
  readonly tree?: ShrinkTree | undefined;
}

/** The findings of an earlier campaign, and how often each was met; by id. */
export interface SavedTriage {
  readonly findings: readonly Finding[];
  readonly occurrences: Readonly<Record<string, number>>;
}

export interface TriageOptions {
  readonly confirmer: Confirmer;
  /** For the attempts that decide: as long as the protocol gives a target. */
  readonly confirmWaits: Waits;
  readonly about: Finding['target'];
  /** Candidates that are tried for one finding, and milliseconds. */
  readonly minimiseTries: number;
  readonly minimiseMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Plays of a smallest input that have to agree, and of a first one before it is made smaller. */
const ATTEMPTS = 3;
const FIRST_ATTEMPTS = 2;
/** Known harmless features are kept up to this number. */
const MAX_FEATURES = 100_000;

/** What came of it. */
export type TriageResult =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'duplicate'; readonly id: string }
  /** It did not show again, and what it showed first may have been for want of patience. */
  | { readonly kind: 'unconfirmed' };

/** What may only have been for want of patience, or of an undisturbed target, when it does not show again. */
const TRANSIENT: readonly InvariantId[] = ['reacts', 'agrees'];

/** Two implementations may differ in several ways for one and the same reason. */
function familyOf(symptom: string): string {
  return symptom.startsWith('agrees') ? 'agrees' : symptom;
}

const NO_CASE: Case = { arrangement: 'at-once', connections: [] };

export class Triage {
  readonly findings = new Map<string, Finding>();
  /** How often each finding was met. */
  readonly occurrences: Record<string, number> = {};
  readonly #options: TriageOptions;
  readonly #harmless = new Set<string>();

  constructor(options: TriageOptions, saved?: SavedTriage) {
    this.#options = options;
    for (const finding of saved?.findings ?? []) this.findings.set(finding.id, finding);
    Object.assign(this.occurrences, saved?.occurrences);
  }

  /** How many of the findings are failures: a difference between two implementations is none. */
  get failures(): number {
    return [...this.findings.values()].filter(({ invariant }) => !isDifference(invariant)).length;
  }

  /** Takes note of a case that showed nothing wrong. */
  addHarmless(value: Case): void {
    if (this.#harmless.size < MAX_FEATURES)
      for (const feature of featuresOf(value)) this.#harmless.add(feature);
  }

  /** Sets of features, one for each finding that is the end of the target: a case with all of one will be, too. */
  get knownCrashes(): readonly (readonly string[])[] {
    return [...this.findings.values()]
      .filter(({ invariant }) => invariant === 'survives')
      .map((finding) => this.#distinguishingOf(finding))
      .filter((features) => features.length > 0);
  }

  /** What the finding's case has and no harmless one had so far; what makes a difference may well be harmless alone. */
  #distinguishingOf({ invariant, distinguishing }: Finding): readonly string[] {
    return isDifference(invariant)
      ? distinguishing
      : distinguishing.filter((feature) => !this.#harmless.has(feature));
  }

  /** Whether a known finding explains the case; then it was met again. */
  recognise(value: Case, symptom: Symptom): boolean {
    const known = this.#explain(value, symptom.symptom);
    if (known !== undefined) this.#count(known.id);
    return known !== undefined;
  }

  /** The known finding with this symptom that explains the case: it has all that is distinguishing to the finding. */
  #explain(value: Case, symptom: string): Finding | undefined {
    const features = featuresOf(value);
    for (const finding of this.findings.values()) {
      if (familyOf(finding.symptom) !== familyOf(symptom)) continue;
      const distinguishing = this.#distinguishingOf(finding);
      if (distinguishing.length > 0 && distinguishing.every((feature) => features.has(feature)))
        return finding;
    }
    return undefined;
  }

  #count(id: string): void {
    this.occurrences[id] = (this.occurrences[id] ?? 0) + 1;
  }

  /** A breach that hangs on no single case, or that nobody can look into any more; undefined if it is known. */
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
      target: this.#options.about,
    };
    this.findings.set(id, finding);
    return finding;
  }

  /** Looks into it. The target lives afterwards. */
  async investigate(evidence: Evidence): Promise<TriageResult> {
    const { symptom } = evidence;
    const { confirmer, confirmWaits } = this.#options;
    const isTransient = TRANSIENT.includes(symptom.invariant);
    const first = await confirmer.count(evidence.value, symptom, FIRST_ATTEMPTS, confirmWaits);
    if (first === 0 && isTransient) return { kind: 'unconfirmed' };
    const isSteady = first === FIRST_ATTEMPTS;
    const { value, isMinimal } = isSteady
      ? await this.#minimise(evidence)
      : { value: evidence.value, isMinimal: false };
    const failed = isSteady ? await confirmer.count(value, symptom, ATTEMPTS, confirmWaits) : first + 1;
    if (failed === 0 && isTransient) return { kind: 'unconfirmed' };
    const hasDifference = isDifference(symptom.invariant);
    const distinguishing = hasDifference
      ? featuresOfDifference(value)
      : [...featuresOf(value)].filter((feature) => !this.#harmless.has(feature));
    const cause = hasDifference ? distinguishing.join() : `${symptom.symptom}\n${shapeOf(value)}`;
    const id = findingId(symptom.invariant, cause);
    this.#count(id);
    if (this.findings.has(id)) return { kind: 'duplicate', id };
    const { lastExecutions } = confirmer;
    const finding: Finding = {
      id,
      invariant: symptom.invariant,
      clause: symptom.clause,
      detail: symptom.detail,
      symptom: symptom.symptom,
      value,
      failed,
      attempts: isSteady ? ATTEMPTS : FIRST_ATTEMPTS + 1,
      isMinimal,
      distinguishing,
      origin: evidence.origin,
      mutations: evidence.mutations,
      originalBytes: caseSize(evidence.value),
      transcript: lastExecutions.flatMap(describePlayed),
      wire: lastExecutions.slice(0, 1).flatMap(wireOf),
      target: this.#options.about,
    };
    this.findings.set(id, finding);
    return { kind: 'finding', finding };
  }

  async #minimise({ value, symptom, tree }: Evidence): Promise<{ value: Case; isMinimal: boolean }> {
    const { confirmer, minimiseTries, minimiseMs, signal } = this.#options;
    const until = performance.now() + minimiseMs;
    // Where each step that goes on costs a restart of the target, the large cuts come first and the small steps never.
    return minimise(value, isFatal(symptom) ? undefined : tree, {
      firstThatShows: (candidates) => confirmer.firstThatShows(candidates, symptom.symptom),
      budget: minimiseTries,
      shouldStop: () => performance.now() > until || signal?.aborted === true,
    });
  }
}
