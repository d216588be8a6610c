/**
 * The findings of a campaign, and how often each occurred. Says whether a case that breaks an invariant, or a death of the
 * target, is explained by one of them: each question about a case costs attempts, so what is known is only counted.
 */

import { type Case, caseSize } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { type CrashPattern, isWellFormed } from '../generate/crash-pattern.ts';
import { featuresOf, featuresOfDifference, harmlessFeaturesOf } from '../generate/features.ts';
import { isCertainWhenSmallest, isDifference, namesCause, type Symptom } from '../oracle/invariants.ts';
import type { Death } from './deaths.ts';
import { beginsWithTrigger, containsTrigger, type Finding } from './finding.ts';
import { idOfDeath, isInSamePlace, shownCause } from './identity.ts';
import { KnownCrashes } from './known-crashes.ts';

/** The findings of an earlier campaign. */
export interface SavedTriage {
  readonly findings: readonly Finding[];
  /** How often each finding occurred, by its id. */
  readonly occurrences: Readonly<Record<string, number>>;
}

/** Features of harmless cases that are remembered. */
const MAX_FEATURES = 100_000;

/** What a failure shows of its cause. */
type Failure = Pick<Finding, 'invariant' | 'symptom'> & { readonly cause?: string | undefined };

/** Two implementations may differ in several ways for the same reason. */
function familyOf(symptom: string): string {
  return symptom.startsWith('agrees') ? 'agrees' : symptom;
}

export class KnownFindings {
  readonly findings = new Map<string, Finding>();
  readonly occurrences: Record<string, number> = {};
  /** Features of harmless cases. */
  readonly #harmless = new Set<string>();
  /** Of these, the features of cases whose payloads are well-formed JSON, which a target does not refuse at once. */
  readonly #harmlessJson = new Set<string>();
  readonly #crashes = new KnownCrashes((feature, isJson) =>
    (isJson ? this.#harmlessJson : this.#harmless).has(feature),
  );

  constructor(saved?: SavedTriage) {
    for (const finding of saved?.findings ?? []) {
      this.findings.set(finding.id, finding);
      this.#learn(finding);
    }
    Object.assign(this.occurrences, saved?.occurrences);
  }

  /** Remembers the features of a case that broke no invariant. What a reset ends, the target may not have read. */
  addHarmless(value: Case): void {
    if (value.connections.some((actions) => actions.at(-1)?.do === 'reset')) return;
    this.#crashes.addHarmless(value);
    if (this.#harmless.size >= MAX_FEATURES) return;
    const features = harmlessFeaturesOf(value);
    for (const feature of features) this.#harmless.add(feature);
    const frames = value.connections.flatMap((actions) => readSent(actions).frames);
    if (frames.length > 0 && frames.every(({ payload }) => isWellFormed(payload)))
      for (const feature of features) this.#harmlessJson.add(feature);
  }

  /** What the cases have in common that stop the target by a known finding. */
  get crashPatterns(): readonly CrashPattern[] {
    return this.#crashes.patterns;
  }

  /** Cases like that of a finding that stopped the target more than once are avoided. */
  #learn({ id, invariant, failed, value, history, isUnpinned }: Finding): void {
    if (invariant === 'survives' && failed > 1 && !isUnpinned && history === undefined)
      this.#crashes.learn(id, value);
  }

  /** The features of a case by which later cases with the same cause are recognised. */
  distinguishing(value: Case, { invariant }: Symptom): readonly string[] {
    if (isDifference(invariant)) return featuresOfDifference(value);
    return [...featuresOf(value)].filter((feature) => !this.#harmless.has(feature));
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

  /**
   * Whether a finding with a case explains the death by its report alone; undefined if no report names the cause. A smaller
   * case than that of the finding is worth an investigation: `value`. If it is explained, counts an occurrence.
   */
  recogniseDeath(death: Death | undefined, value?: Case): boolean | undefined {
    const id = idOfDeath(death);
    if (id === undefined) return undefined;
    const known = this.findings.get(id);
    if (known === undefined || known.isUnpinned) return false;
    if (value !== undefined && caseSize(value) < caseSize(known.value)) return false;
    this.count(id);
    if (value !== undefined) this.#learn({ ...known, value });
    return true;
  }

  /** Whether a known finding explains the case, which shows the symptom. If so, counts an occurrence of it. */
  recognise(value: Case, symptom: Symptom, death?: Death): boolean {
    const byReport = this.recogniseDeath(death, value);
    if (byReport !== undefined) return byReport;
    const uncertain = this.#uncertainLike(value, symptom);
    if (uncertain.length > 0) return this.#countFirst(uncertain);
    const isSame = (finding: Finding): boolean =>
      namesCause(symptom.invariant) ||
      (!isDifference(symptom.invariant) &&
        (containsTrigger(value, finding) || beginsWithTrigger(value, finding))) ||
      this.#hasFeatures(value, finding);
    return this.#countFirst(this.#alike(symptom).filter(isSame));
  }

  /** The same for cases of which one shows the symptom: a case that contains the cause need not show it. The id of the finding. */
  recogniseAmong(cases: readonly Case[], symptom: Symptom, death?: Death): string | undefined {
    const byReport = this.recogniseDeath(death);
    if (byReport !== undefined) return byReport ? idOfDeath(death) : undefined;
    const [known] = this.#alike(symptom).filter((finding) =>
      cases.some((value) => this.#hasFeatures(value, finding) || beginsWithTrigger(value, finding)),
    );
    if (known !== undefined) this.count(known.id);
    return known?.id;
  }

  /**
   * Whether a further death by this finding is worth the search of its case, from which a pattern is learned: the 2nd, the 4th,
   * the 8th and so on, because each costs a restart that a pattern avoids.
   */
  isWorthSearch(id: string): boolean {
    const isCrash = this.findings.get(id)?.invariant === 'survives';
    return isCrash && Number.isInteger(Math.log2(this.occurrences[id] ?? 0));
  }

  /**
   * The same for a target that received this number of cases since it was started: whether a known finding explains the
   * symptom by it.
   */
  recogniseCount(symptom: Symptom, cases: number): boolean {
    return this.#countFirst(
      this.#alike(symptom).filter(
        ({ history, value }) => history === 'count' && 2 * cases >= value.connections.length,
      ),
    );
  }

  /**
   * The same for a death whose case could not be searched: probably it is that of a finding with the same symptom, unless a
   * report names another cause.
   */
  recogniseUnsearched(symptom: Symptom, death: Death | undefined): boolean {
    return this.recogniseDeath(death) ?? this.#countFirst(this.#alike(symptom));
  }

  /** A finding whose report names the cause does not explain a death without that report. */
  #alike({ symptom }: Pick<Symptom, 'symptom'>): Finding[] {
    return [...this.findings.values()].filter(
      (finding) => familyOf(finding.symptom) === familyOf(symptom) && !finding.isUnpinned,
    );
  }

  /**
   * The findings of the same invariant whose frame is one of several on a connection of the case, if clause and disposition of its
   * breaches are certain only in the smallest case.
   */
  #uncertainLike(value: Case, { invariant }: Symptom): Finding[] {
    if (!isCertainWhenSmallest(invariant)) return [];
    return [...this.findings.values()].filter(
      (finding) => finding.invariant === invariant && sharesFrame(value, finding.value),
    );
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
    if (known !== undefined) this.count(known.id);
    return known !== undefined;
  }

  /**
   * The id of a finding with the same symptom and cause that would be the same finding if there had been more time. One contains
   * the smallest case of the other, or it was not minimised to the end and shares a feature with the other that no harmless case
   * had. Undefined where a report or the symptom names the cause.
   */
  idOfSameFault(finding: Finding, death: Death | undefined): string | undefined {
    if (idOfDeath(death) !== undefined || namesCause(finding.invariant) || isDifference(finding.invariant))
      return undefined;
    const features = new Set(this.#distinguishingOf(finding));
    const sharesFeature = (known: Finding): boolean =>
      this.#distinguishingOf(known).some((feature) => features.has(feature));
    const isSame = (known: Finding): boolean =>
      known.isMinimal
        ? containsTrigger(finding.value, known) ||
          (!finding.isMinimal && !isFlaky(known) && sharesFeature(known))
        : finding.isMinimal && containsTrigger(known.value, finding);
    return this.#alike(finding).find((known) => known.cause === finding.cause && isSame(known))?.id;
  }

  /** A steady finding of a death with the same symptom and cause that is not minimised, where no report names the cause. */
  unfinishedLike(symptom: Symptom, death: Death | undefined): Finding | undefined {
    if (death === undefined || idOfDeath(death) !== undefined) return undefined;
    return this.#steadyLike({ ...symptom, ...shownCause(death) }).find(({ isMinimal }) => !isMinimal);
  }

  /**
   * A steady finding that probably explains a failure which was not confirmed to the end: one with the same symptom, and with
   * the same cause if that is known.
   */
  steadyLike(failure: Failure): Finding | undefined {
    return isDifference(failure.invariant) ? undefined : this.#steadyLike(failure)[0];
  }

  /** The id of `steadyLike`. If there is one, counts an occurrence of it. */
  recogniseDoubtful(failure: Failure): string | undefined {
    const id = this.steadyLike(failure)?.id;
    if (id !== undefined) this.count(id);
    return id;
  }

  /**
   * The id of a finding that probably explains a death of which no case is known: the same failure in the same function, called by
   * another. If there is one, counts an occurrence of it.
   */
  recogniseUnpinned(death: Death): string | undefined {
    const id = [...this.findings.values()].find((known) => isInSamePlace(known, death))?.id;
    if (id !== undefined) this.count(id);
    return id;
  }

  #steadyLike({ symptom, cause }: Failure): Finding[] {
    return this.#alike({ symptom }).filter(
      (known) => !isFlaky(known) && known.attempts > 1 && (cause === undefined || known.cause === cause),
    );
  }

  /** Counts an occurrence. */
  count(id: string): void {
    this.occurrences[id] = (this.occurrences[id] ?? 0) + 1;
  }

  /**
   * Adds the finding and counts an occurrence. False if one with the same id has a case that is as small: then nothing but the
   * count changes. A finding with a case replaces one without.
   */
  add(finding: Finding): boolean {
    const { id } = finding;
    const known = this.findings.get(id);
    this.count(id);
    this.#learn(finding);
    if (known !== undefined && !isBetter(finding, known)) return false;
    this.findings.set(id, finding);
    return true;
  }
}

/** Whether a connection of several frames has one of the type that is the only one of the smallest case. */
function sharesFrame({ connections }: Case, smallest: Case): boolean {
  const [only, ...others] = smallest.connections.flatMap((actions) => readSent(actions).frames);
  if (only === undefined || others.length > 0) return false;
  return connections.some((actions) => {
    const { frames } = readSent(actions);
    return frames.length > 1 && frames.some(({ type }) => type === only.type);
  });
}

function isBetter(one: Finding, other: Finding): boolean {
  if (one.isUnpinned || isFlaky(one)) return false;
  return other.isUnpinned === true || isFlaky(other) || caseSize(one.value) < caseSize(other.value);
}

function isFlaky({ failed, attempts }: Finding): boolean {
  return failed < attempts;
}
