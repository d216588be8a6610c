/**
 * Triage: from a case that breaks an invariant to a finding. Is it explained by a known finding, does it repeat, how small
 * can it be, which features distinguish it. Each question costs attempts, so a case that a known finding explains is only
 * counted.
 */

import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { CrashPattern } from '../generate/crash-pattern.ts';
import { type InvariantId, isDifference, isSameSymptom, type Symptom } from '../oracle/invariants.ts';
import { type Activity, activityDuring } from './activity.ts';
import type { Confirmer } from './confirm.ts';
import { type Death, deathOf } from './deaths.ts';
import { describeExecutions, wireOf } from './describe.ts';
import { isFatal } from './fatal-symptom.ts';
import { type Finding, findingId, UNPINNED } from './finding.ts';
import { HistorySearch, historyWords } from './history-search.ts';
import { identityOf, idOfDeath, shownCause } from './identity.ts';
import { KnownFindings, type SavedTriage } from './known-findings.ts';
import { faultSitesOf } from './reduce/location.ts';
import {
  type Confirmed,
  confirmSmallest,
  type Evidence,
  FIRST_ATTEMPTS,
  type SearchOptions,
} from './smallest.ts';
import { renewing, trialsOf } from './trials.ts';

export interface TriageOptions extends SearchOptions {
  readonly confirmer: Confirmer;
  /** For the attempts that decide: as long as the protocol gives a target. */
  readonly confirmWaits: Waits;
  /** The behaviour of the target, as it is written into each finding. */
  readonly about: Finding['target'];
  /** The process of the target, to see what it does while it does not react. */
  readonly process?: ProcessObserver | undefined;
  /** What the process did when the target was unhealthy last; undefined if it had ended, or cannot be observed. */
  readonly activityAtEnd?: (() => Activity | undefined) | undefined;
}

export type TriageResult =
  /** `endedBy`: the error that ended the triage early; the finding is what was known by then. */
  | { readonly kind: 'finding'; readonly finding: Finding; readonly endedBy?: unknown }
  /** It is the known finding with this id, or probably is. */
  | { readonly kind: 'duplicate'; readonly id: string; readonly endedBy?: unknown }
  /** It was not shown again, and may have had a transient cause. `fatal`: what was shown, but not by the case alone. */
  | { readonly kind: 'unconfirmed'; readonly fatal?: Symptom };

/** Cases with more connections in turn are minimised as histories at once. */
const PLAIN_CONNECTIONS = 2;
/** Invariants that a short deadline, or other cases at the same time, may seem to break. */
const TRANSIENT: readonly InvariantId[] = ['reacts', 'agrees'];

const NO_CASE: Case = { arrangement: 'at-once', connections: [] };

/** A breach as it was seen, without an investigation. */
interface Recorded extends Pick<Evidence, 'symptom' | 'value' | 'mutations'> {
  /** Default: 1. */
  readonly failed?: number;
  readonly attempts: number;
  readonly isUnpinned?: true;
}

export class Triage {
  readonly #known: KnownFindings;
  /** Finds histories that show a symptom. */
  readonly histories: HistorySearch;
  readonly #options: TriageOptions;

  constructor(options: TriageOptions, saved?: SavedTriage) {
    this.#options = options;
    this.histories = new HistorySearch({ ...options, usualMs: Number(options.about['usual_ms']) });
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

  /** What the cases have in common that stop the target by a known finding. */
  get crashPatterns(): readonly CrashPattern[] {
    return this.#known.crashPatterns;
  }

  /** Whether a known finding explains the case, which shows the symptom. If so, counts an occurrence of it. */
  recognise(value: Case, symptom: Symptom): boolean {
    return this.#known.recognise(value, symptom, this.#deathOf(symptom));
  }

  /** The same for cases of which one shows the symptom: a case that contains the cause need not show it. The id of the finding. */
  recogniseAmong(cases: readonly Case[], symptom: Symptom): string | undefined {
    return this.#known.recogniseAmong(cases, symptom, this.#deathOf(symptom));
  }

  /** Whether a further death by the finding with this id is worth the search of its case. */
  isWorthSearch(id: string): boolean {
    return this.#known.isWorthSearch(id);
  }

  /** Whether a known finding explains the symptom by the number of cases that the target received since it was started. */
  recogniseCount(symptom: Symptom, cases: number): boolean {
    return this.#known.recogniseCount(symptom, cases);
  }

  /** The last death of the target, if the symptom is fatal. */
  #deathOf(symptom: Symptom): Death | undefined {
    return deathOf(symptom, this.#options.confirmer.lastEnd);
  }

  /** Records a breach that a monitor shows in this number of turns, or that cannot be investigated any more. Undefined if it is known. */
  recordBreach(
    symptom: Symptom,
    value: Case = NO_CASE,
    mutations: readonly string[] = [],
    turns = 1,
  ): Finding | undefined {
    const id = idOfDeath(this.#deathOf(symptom)) ?? findingId(symptom.invariant, symptom.symptom);
    return this.#recordOnce(id, { symptom, value, mutations, failed: turns, attempts: turns });
  }

  /**
   * Records a death of which only all cases are known that were in flight. Without a report, all such deaths share one id.
   * Undefined if it is known, or is like one that is known. `attempts`: 1 if no case was searched.
   */
  recordUnpinned(
    symptom: Symptom,
    value: Case,
    mutations: readonly string[],
    attempts: number,
  ): Finding | undefined {
    const death = this.#deathOf(symptom);
    if (attempts === 1 && this.#known.recogniseUnsearched(death?.symptom ?? symptom, death)) return undefined;
    if (this.#known.recogniseDoubtful({ ...(death?.symptom ?? symptom), ...shownCause(death) }))
      return undefined;
    if (death !== undefined && this.#known.recogniseUnpinned(death) !== undefined) return undefined;
    const id = idOfDeath(death) ?? findingId((death?.symptom ?? symptom).invariant, UNPINNED);
    return this.#recordOnce(id, { symptom, value, mutations, attempts, isUnpinned: true });
  }

  #recordOnce(
    id: string,
    { symptom, value, mutations, failed = 1, attempts, isUnpinned }: Recorded,
  ): Finding | undefined {
    const death = this.#deathOf(symptom);
    const finding: Finding = {
      ...(death?.symptom ?? symptom),
      id,
      ...shownCause(death),
      ...(isUnpinned && { isUnpinned }),
      value,
      failed,
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
    const { confirmer } = this.#options;
    const { value, symptom, history } = evidence;
    if (history !== undefined) return confirmer.inNewLives(symptom, () => this.#investigate(evidence));
    const isOrdered = value.arrangement === 'in-turn' && value.connections.length > PLAIN_CONNECTIONS;
    const inLives = isOrdered && isFatal(symptom) ? await this.histories.ifInNewLives(evidence) : undefined;
    return inLives === undefined ? this.#investigate(evidence) : this.investigate(inLives);
  }

  async #investigate(evidence: Evidence): Promise<TriageResult> {
    const { about, confirmer, confirmWaits, process } = this.#options;
    const death = this.#deathOf(evidence.symptom);
    const symptom = death?.symptom ?? evidence.symptom;
    // The smallest case of a finding may explain this one, so the search for it is continued first. Until then the fault recurs.
    const begun = evidence.id === undefined ? this.#known.unfinishedLike(symptom, death) : undefined;
    if (begun !== undefined) return this.investigate({ ...begun, symptom });
    confirmer.lastShown = undefined;
    const trials = trialsOf(symptom, death, confirmer, confirmWaits);
    const isTransient = TRANSIENT.includes(symptom.invariant);
    let first = 0;
    const confirm = async (): Promise<void> => {
      const isShown = evidence.history !== undefined;
      first = isShown ? FIRST_ATTEMPTS : await trials.count(evidence.value, FIRST_ATTEMPTS);
    };
    const isHang = symptom.invariant === 'reacts';
    const activity = isHang
      ? await activityDuring(process, confirm)
      : await confirm().then(() => this.#activityOf(death));
    // Sent several times at once, the case can stop the target, or make it hang.
    const { fatalMeanwhile } = confirmer;
    if (death === undefined && evidence.history === undefined && fatalMeanwhile)
      return this.investigate({ ...evidence, symptom: fatalMeanwhile });
    if (first < FIRST_ATTEMPTS && !isTransient) {
      const steady = await this.histories.asHistory(evidence);
      if (steady !== undefined) return this.investigate(steady);
    }
    if (first === 0 && isFatal(symptom)) return { kind: 'unconfirmed', fatal: symptom };
    if (first === 0 && isTransient) return { kind: 'unconfirmed' };
    const { value, isMinimal, isUnsteady, failed, attempts, endedBy }: Confirmed =
      first === FIRST_ATTEMPTS
        ? await confirmSmallest(
            evidence,
            isHang && activity === 'computes' ? renewing(trials, symptom, confirmer) : trials,
            this.#options,
          )
        : { value: evidence.value, isMinimal: false, failed: first + 1, attempts: FIRST_ATTEMPTS + 1 };
    if (failed === 0 && isTransient) return { kind: 'unconfirmed' };
    if (isUnsteady && endedBy === undefined && !isTransient) {
      const steady = await this.histories.asHistory(evidence);
      if (steady !== undefined) return this.investigate(steady);
    }
    const distinguishing = this.#known.distinguishing(value, symptom);
    const { lastExecutions, lastShown } = confirmer;
    const shown = smallestSymptom(symptom, lastShown);
    const seen: Finding = {
      ...identityOf({ symptom: shown, value, distinguishing, death, activity, history: evidence.history }),
      ...shown,
      detail: shown.detail + historyWords(evidence.history, value, isMinimal),
      ...(evidence.history !== undefined && { history: evidence.history }),
      value,
      failed,
      attempts,
      isMinimal,
      distinguishing,
      where: faultSitesOf(value),
      origin: evidence.origin,
      mutations: evidence.mutations,
      originalBytes: caseSize(evidence.value),
      transcript: describeExecutions(
        lastExecutions,
        { closes: about['closes_after_a_frame'] === true },
        shown.invariant,
      ),
      wire: lastExecutions.slice(0, 1).flatMap(wireOf),
      ...(death?.end && { said: death.end }),
      target: about,
    };
    // Where the search was ended, or the case does not show the symptom each time, a finding that does is the likeliest cause.
    const isDoubtful = evidence.id === undefined && (endedBy !== undefined || failed < attempts);
    const like = isDoubtful ? this.#known.recogniseDoubtful(seen) : undefined;
    if (like !== undefined) return { kind: 'duplicate', id: like, endedBy };
    const finding = { ...seen, id: evidence.id ?? this.#known.idOfSameFault(seen, death) ?? seen.id };
    if (!this.#known.add(finding)) return { kind: 'duplicate', id: finding.id };
    return { kind: 'finding', finding, ...(endedBy !== undefined && { endedBy }) };
  }

  /** What the process did when the target died without an end. */
  #activityOf(death: Death | undefined): Activity | undefined {
    return death === undefined || death.cause !== undefined ? undefined : this.#options.activityAtEnd?.();
  }
}

/** What the smallest case shows. A death is seen in several ways, of which only the details differ. */
function smallestSymptom(symptom: Symptom, lastShown: Symptom | undefined): Symptom {
  if (lastShown === undefined) return symptom;
  if (isFatal(symptom)) return { ...symptom, detail: lastShown.detail || symptom.detail };
  return isSameSymptom(symptom, lastShown) ? lastShown : symptom;
}
