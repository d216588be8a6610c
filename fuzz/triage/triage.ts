/**
 * From a case that showed something to a finding: is it a known one, does it repeat, how small does it get, what is it about
 * it. Each costs plays, so whatever a known finding explains is only counted.
 */

import { performance } from 'node:perf_hooks';
import { type Case, sizeOf } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import { oddestTraits, traitsOf } from '../generate/features.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { type InvariantId, isDifference, type Symptom } from '../oracle/invariants.ts';
import { isDeath, type Trials } from './confirm.ts';
import { describePlayed, wireOf } from './describe.ts';
import { type Finding, findingId, type Origin, shapeOf } from './finding.ts';
import { shrink } from './minimise.ts';

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
  readonly met: Readonly<Record<string, number>>;
}

export interface InvestigationOptions {
  readonly trials: Trials;
  /** For the plays that decide: as long as the protocol gives a target. */
  readonly patientWaits: Waits;
  readonly about: Finding['target'];
  /** Candidates that are tried for one finding, and milliseconds. */
  readonly shrinkTries: number;
  readonly shrinkMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Plays of a smallest input that have to agree, and of a first one before it is made smaller. */
const PLAYS = 3;
const FIRST_PLAYS = 2;
/** Known harmless traits are kept up to this number. */
const MOST_TRAITS = 100_000;

/** What came of it. */
export type Conclusion =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'again'; readonly id: string }
  /** It did not show again, and what it showed first may have been for want of patience. */
  | { readonly kind: 'nothing' };

/** What may only have been for want of patience, or of an undisturbed target, when it does not show again. */
const FLEETING: readonly InvariantId[] = ['reacts', 'agrees'];

/** Two implementations may differ in several ways for one and the same reason. */
function familyOf(symptom: string): string {
  return symptom.startsWith('agrees') ? 'agrees' : symptom;
}

const NO_CASE: Case = { arrangement: 'at-once', connections: [] };

export class Investigation {
  readonly findings = new Map<string, Finding>();
  /** How often each finding was met. */
  readonly met: Record<string, number> = {};
  readonly #options: InvestigationOptions;
  readonly #harmless = new Set<string>();

  constructor(options: InvestigationOptions, saved?: SavedTriage) {
    this.#options = options;
    for (const finding of saved?.findings ?? []) this.findings.set(finding.id, finding);
    Object.assign(this.met, saved?.met);
  }

  /** How many of the findings are failures: a difference between two implementations is none. */
  get failures(): number {
    return [...this.findings.values()].filter(({ invariant }) => !isDifference(invariant)).length;
  }

  /** Takes note of a case that showed nothing wrong. */
  addHarmless(value: Case): void {
    if (this.#harmless.size < MOST_TRAITS) for (const trait of traitsOf(value)) this.#harmless.add(trait);
  }

  /** Sets of traits, one for each finding that is the end of the target: a case with all of one will be, too. */
  get deadly(): readonly (readonly string[])[] {
    return [...this.findings.values()]
      .filter(({ invariant }) => invariant === 'survives')
      .map((finding) => this.#peculiarTo(finding))
      .filter((traits) => traits.length > 0);
  }

  /** What the finding's case has and no harmless one had so far; what makes a difference may well be harmless alone. */
  #peculiarTo({ invariant, peculiar }: Finding): readonly string[] {
    return isDifference(invariant) ? peculiar : peculiar.filter((trait) => !this.#harmless.has(trait));
  }

  /** Whether a known finding explains the case; then it was met again. */
  recognise(value: Case, symptom: Symptom): boolean {
    const known = this.#explain(value, symptom.symptom);
    if (known !== undefined) this.#meet(known.id);
    return known !== undefined;
  }

  /** The known finding with this symptom that explains the case: it has all that is peculiar to the finding. */
  #explain(value: Case, symptom: string): Finding | undefined {
    const traits = traitsOf(value);
    for (const finding of this.findings.values()) {
      if (familyOf(finding.symptom) !== familyOf(symptom)) continue;
      const peculiar = this.#peculiarTo(finding);
      if (peculiar.length > 0 && peculiar.every((trait) => traits.has(trait))) return finding;
    }
    return undefined;
  }

  #meet(id: string): void {
    this.met[id] = (this.met[id] ?? 0) + 1;
  }

  /** A breach that hangs on no single case, or that nobody can look into any more; undefined if it is known. */
  note(
    breach: Symptom,
    value: Case = NO_CASE,
    mutations: readonly string[] = [],
    plays = 1,
  ): Finding | undefined {
    const id = findingId(breach.invariant, breach.symptom);
    this.#meet(id);
    if (this.findings.has(id)) return undefined;
    const finding: Finding = {
      ...breach,
      id,
      value,
      failed: 1,
      plays,
      isMinimal: false,
      peculiar: [],
      origin: { lane: 'given' },
      mutations,
      originalBytes: sizeOf(value),
      transcript: [],
      wire: [],
      target: this.#options.about,
    };
    this.findings.set(id, finding);
    return finding;
  }

  /** Looks into it. The target lives afterwards. */
  async look(evidence: Evidence): Promise<Conclusion> {
    const { symptom } = evidence;
    const { trials, patientWaits } = this.#options;
    const isFleeting = FLEETING.includes(symptom.invariant);
    const first = await trials.count(evidence.value, symptom, FIRST_PLAYS, patientWaits);
    if (first === 0 && isFleeting) return { kind: 'nothing' };
    const isSteady = first === FIRST_PLAYS;
    const { value, isMinimal } = isSteady
      ? await this.#shrink(evidence)
      : { value: evidence.value, isMinimal: false };
    const failed = isSteady ? await trials.count(value, symptom, PLAYS, patientWaits) : first + 1;
    if (failed === 0 && isFleeting) return { kind: 'nothing' };
    const hasDifference = isDifference(symptom.invariant);
    const peculiar = hasDifference
      ? oddestTraits(value)
      : [...traitsOf(value)].filter((trait) => !this.#harmless.has(trait));
    const cause = hasDifference ? peculiar.join() : `${symptom.symptom}\n${shapeOf(value)}`;
    const id = findingId(symptom.invariant, cause);
    this.#meet(id);
    if (this.findings.has(id)) return { kind: 'again', id };
    const { lastPlayed } = trials;
    const finding: Finding = {
      id,
      invariant: symptom.invariant,
      clause: symptom.clause,
      detail: symptom.detail,
      symptom: symptom.symptom,
      value,
      failed,
      plays: isSteady ? PLAYS : FIRST_PLAYS + 1,
      isMinimal,
      peculiar,
      origin: evidence.origin,
      mutations: evidence.mutations,
      originalBytes: sizeOf(evidence.value),
      transcript: lastPlayed.flatMap(describePlayed),
      wire: lastPlayed.slice(0, 1).flatMap(wireOf),
      target: this.#options.about,
    };
    this.findings.set(id, finding);
    return { kind: 'finding', finding };
  }

  async #shrink({ value, symptom, tree }: Evidence): Promise<{ value: Case; isMinimal: boolean }> {
    const { trials, shrinkTries, shrinkMs, signal } = this.#options;
    const until = performance.now() + shrinkMs;
    // Where each step that goes on costs a restart of the target, the large cuts come first and the small steps never.
    return shrink(value, isDeath(symptom) ? undefined : tree, {
      firstThatShows: (candidates) => trials.firstThatShows(candidates, symptom.symptom),
      budget: shrinkTries,
      isOver: () => performance.now() > until || signal?.aborted === true,
    });
  }
}
