/**
 * Triage: from a case that breaks an invariant to a finding. Is it explained by a known finding, does it repeat, how small
 * can it be, which features distinguish it. Each question costs attempts, so a case that a known finding explains is only
 * counted.
 */

import { performance } from 'node:perf_hooks';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { CrashPattern } from '../generate/crash-pattern.ts';
import { featuresOf, featuresOfDifference, harmlessFeaturesOf } from '../generate/features.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { type InvariantId, isDifference, namesCause, type Symptom } from '../oracle/invariants.ts';
import { type Confirmer, isFatal, TargetLostError } from './confirm.ts';
import { describeExecution, wireOf } from './describe.ts';
import { containsTrigger, type Finding, findingId, type Origin, shapeOf } from './finding.ts';
import { type History, withShortIds } from './history.ts';
import { KnownCrashes } from './known-crashes.ts';
import { minimise } from './minimise.ts';

/** A case that broke an invariant. */
export interface Evidence {
  readonly value: Case;
  readonly symptom: Symptom;
  readonly origin: Origin;
  readonly mutations: readonly string[];
  /** For a generated case: the simpler cases that can be derived from it. */
  readonly tree?: ShrinkTree | undefined;
  /** The case is a history, and shows the symptom only on a target that was just started. */
  readonly history?: History['kind'] | undefined;
  /** Searches a history, if the case alone does not show the symptom. */
  readonly findHistory?: (() => Promise<History | undefined>) | undefined;
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
  readonly minimiseMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type TriageResult =
  /** `endedBy`: the error that ended the triage early; the finding is what was known by then. */
  | { readonly kind: 'finding'; readonly finding: Finding; readonly endedBy?: unknown }
  /** It is the known finding with this id. */
  | { readonly kind: 'duplicate'; readonly id: string }
  /** It was not shown again, and may have had a transient cause. */
  | { readonly kind: 'unconfirmed' };

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
/** Candidates that are tried to minimise a history. Each costs a restart of the target. */
const HISTORY_TRIES = 1000;
/** Cases with more connections in turn are minimised as histories at once. */
const PLAIN_CONNECTIONS = 2;
/** Features of harmless cases that are remembered. */
const MAX_FEATURES = 100_000;

/** Invariants that a short deadline, or other cases at the same time, may seem to break. */
const TRANSIENT: readonly InvariantId[] = ['reacts', 'agrees'];

/** Two implementations may differ in several ways for the same reason. */
function familyOf(symptom: string): string {
  return symptom.startsWith('agrees') ? 'agrees' : symptom;
}

/** Whether the case stopped the target more than once, so that others like it are to be avoided. */
function isShownCrash({ invariant, failed }: Pick<Finding, 'invariant' | 'failed'>): boolean {
  return invariant === 'survives' && failed > 1;
}

const NO_CASE: Case = { arrangement: 'at-once', connections: [] };

/** The evidence with a history in place of its case. */
export function inNewLife(evidence: Evidence, { value, kind }: History): Evidence {
  return { ...evidence, value, history: kind, tree: undefined, findHistory: undefined };
}

function historyWords(history: History['kind'] | undefined, { connections }: Case): string {
  switch (history) {
    case undefined:
      return '';
    case 'messages':
      return `; only after all ${connections.length} messages, on a target that was just started`;
    case 'count':
      return `; it takes ${connections.length} such messages since the start of the target, and fewer are harmless`;
  }
}

export class Triage {
  readonly findings = new Map<string, Finding>();
  /** How often each finding occurred, by its id. */
  readonly occurrences: Record<string, number> = {};
  readonly #options: TriageOptions;
  /** Features of harmless cases. */
  readonly #harmless = new Set<string>();
  readonly #crashes = new KnownCrashes((feature) => this.#harmless.has(feature));

  constructor(options: TriageOptions, saved?: SavedTriage) {
    this.#options = options;
    for (const finding of saved?.findings ?? []) {
      this.findings.set(finding.id, finding);
      if (isShownCrash(finding)) this.#crashes.learn(finding.id, finding.value);
    }
    Object.assign(this.occurrences, saved?.occurrences);
  }

  /** Number of findings that are failures, and not differences between two implementations. */
  get failures(): number {
    return [...this.findings.values()].filter(({ invariant }) => !isDifference(invariant)).length;
  }

  /** Remembers the features of a case that broke no invariant. */
  addHarmless(value: Case): void {
    this.#crashes.addHarmless(value);
    if (this.#harmless.size >= MAX_FEATURES) return;
    for (const feature of harmlessFeaturesOf(value)) this.#harmless.add(feature);
  }

  /** What the cases have in common that stop the target by a known finding. */
  get crashPatterns(): readonly CrashPattern[] {
    return this.#crashes.patterns;
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

  /** Whether a known finding explains the symptom by the number of cases that the target received since it was started. */
  recogniseCount(symptom: Symptom, cases: number): boolean {
    const counts = this.#alike(symptom).filter(
      ({ history, value }) => history === 'count' && 2 * cases >= value.connections.length,
    );
    return this.#countFirst(counts);
  }

  #alike({ symptom }: Symptom): Finding[] {
    return [...this.findings.values()].filter((finding) => familyOf(finding.symptom) === familyOf(symptom));
  }

  /** Whether the case has all distinguishing features of the finding. */
  #hasFeatures(value: Case, finding: Finding): boolean {
    if (this.#crashes.explains(finding.id, value)) return true;
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
  investigate(evidence: Evidence): Promise<TriageResult> {
    const { confirmer } = this.#options;
    const { value, symptom, history } = evidence;
    const { arrangement, connections } = value;
    if (history === undefined) {
      const isOrdered = arrangement === 'in-turn' && connections.length > PLAIN_CONNECTIONS;
      return isOrdered && isFatal(symptom) && confirmer.canRestart
        ? this.#investigateOrdered(evidence)
        : this.#investigate(evidence);
    }
    return confirmer.inNewLives(evidence.symptom, () => this.#investigate(evidence));
  }

  /** A case of several connections in turn: minimised in new lives of the target if it stops one that was just started. */
  async #investigateOrdered(evidence: Evidence): Promise<TriageResult> {
    const { confirmer, confirmWaits } = this.#options;
    const { value, symptom } = evidence;
    const isSteady = await confirmer.inNewLives(
      symptom,
      async () => (await confirmer.count(value, symptom, FIRST_ATTEMPTS, confirmWaits)) === FIRST_ATTEMPTS,
    );
    return isSteady
      ? this.investigate(inNewLife(evidence, { value, kind: 'messages' }))
      : this.#investigate(evidence);
  }

  async #investigate(evidence: Evidence): Promise<TriageResult> {
    const { symptom } = evidence;
    const { confirmer, confirmWaits } = this.#options;
    const isTransient = TRANSIENT.includes(symptom.invariant);
    const first =
      evidence.history === undefined
        ? await confirmer.count(evidence.value, symptom, FIRST_ATTEMPTS, confirmWaits)
        : FIRST_ATTEMPTS;
    const history = first < FIRST_ATTEMPTS && !isTransient ? await evidence.findHistory?.() : undefined;
    if (history !== undefined) return this.investigate(inNewLife(evidence, history));
    if (first === 0 && isTransient) return { kind: 'unconfirmed' };
    const { value, isMinimal, failed, attempts, endedBy }: Confirmed =
      first === FIRST_ATTEMPTS
        ? await this.#confirmSmallest(evidence)
        : { value: evidence.value, isMinimal: false, failed: first + 1, attempts: FIRST_ATTEMPTS + 1 };
    if (failed === 0 && isTransient) return { kind: 'unconfirmed' };
    // What the target remembers of other tries made the smallest case too small.
    if (first === FIRST_ATTEMPTS && failed < attempts && endedBy === undefined && !isTransient) {
      const steady = await this.#asHistory(evidence);
      if (steady !== undefined) return this.investigate(steady);
    }
    const hasDifference = isDifference(symptom.invariant);
    const distinguishing = hasDifference
      ? featuresOfDifference(value)
      : [...featuresOf(value)].filter((feature) => !this.#harmless.has(feature));
    const shape = namesCause(symptom.invariant) ? '' : `\n${shapeOf(value)}`;
    const life = evidence.history === undefined ? '' : `\nhistory of ${evidence.history}`;
    const cause = hasDifference ? distinguishing.join() : symptom.symptom + shape + life;
    const id = findingId(symptom.invariant, cause);
    this.#count(id);
    if (isShownCrash({ ...symptom, failed })) this.#crashes.learn(id, value);
    if (this.findings.has(id)) return { kind: 'duplicate', id };
    const { lastExecutions } = confirmer;
    const finding: Finding = {
      id,
      invariant: symptom.invariant,
      clause: symptom.clause,
      detail: symptom.detail + historyWords(evidence.history, value),
      symptom: symptom.symptom,
      ...(evidence.history !== undefined && { history: evidence.history }),
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

  /** The case, if it has several messages, or else a history that shows the same, for a target that is started again before each try. */
  async #asHistory(evidence: Evidence): Promise<Evidence | undefined> {
    const { value, history, findHistory } = evidence;
    if (history !== undefined || !this.#options.confirmer.canRestart) return undefined;
    if (value.connections.flat().length > 1) return inNewLife(evidence, { value, kind: 'messages' });
    const found = await findHistory?.();
    return found && inNewLife(evidence, found);
  }

  /** Minimises a case that failed in each of the first attempts, and confirms the smallest. */
  async #confirmSmallest(evidence: Evidence): Promise<Confirmed> {
    const { confirmer, confirmWaits } = this.#options;
    const first = { failed: FIRST_ATTEMPTS, attempts: FIRST_ATTEMPTS };
    const { value, isMinimal, endedBy } = await this.#minimise(evidence);
    if (endedBy !== undefined) return { value, isMinimal, ...first, endedBy };
    try {
      const failed = await confirmer.count(value, evidence.symptom, ATTEMPTS, confirmWaits);
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

  async #withShortIds(value: Case, { symptom }: Symptom): Promise<Case> {
    const short = withShortIds(value);
    return (await this.#options.confirmer.firstThatShows([short], symptom)) === 0 ? short : value;
  }

  async #minimise({ value, symptom, tree, history }: Evidence): Promise<Smallest> {
    if (history === 'count') return { value, isMinimal: true };
    const start = history === undefined ? value : await this.#withShortIds(value, symptom);
    const { confirmer, minimiseTries, minimiseMs, signal } = this.#options;
    const until = performance.now() + minimiseMs;
    // Each success with a fatal symptom costs a restart of the target. So the large reductions come first, and the small
    // steps of fast-check's shrinkers are left out.
    let endedBy: unknown;
    const smallest = await minimise(start, isFatal(symptom) ? undefined : tree, {
      firstThatShows: async (candidates) => {
        try {
          return await confirmer.firstThatShows(candidates, symptom.symptom);
        } catch (error) {
          if (!this.#isEnd(error)) throw error;
          endedBy = error;
          return -1;
        }
      },
      budget: history === undefined ? minimiseTries : Math.min(minimiseTries, HISTORY_TRIES),
      shouldStop: () => performance.now() > until || endedBy !== undefined || signal?.aborted === true,
    });
    return { ...smallest, endedBy };
  }
}
