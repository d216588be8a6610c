/**
 * Triage: from a case that breaks an invariant to a finding. Is it explained by a known finding, does it repeat, how small
 * can it be, which features distinguish it. Each question costs attempts, so a case that a known finding explains is only
 * counted.
 */

import { performance } from 'node:perf_hooks';
import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { CrashPattern } from '../generate/crash-pattern.ts';
import type { ShrinkTree } from '../generate/generate.ts';
import { type InvariantId, isDifference, type Symptom } from '../oracle/invariants.ts';
import { type Activity, activityDuring } from './activity.ts';
import { type Confirmer, isFatal, TargetLostError } from './confirm.ts';
import { countDeaths, type Death, deathOf, firstWithDeath } from './deaths.ts';
import { describeExecution, wireOf } from './describe.ts';
import { type Finding, findingId, type Origin, UNPINNED } from './finding.ts';
import { findHistory, findRelated, type History, withShortIds } from './history.ts';
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
  /** The case is a history, and shows the symptom only on a target that was just started. */
  readonly history?: History['kind'] | undefined;
  /** The cases that the target received since it was started, for a search of a history if the case alone does not show the symptom. */
  readonly received?: (() => readonly Case[]) | undefined;
  /** Of a finding whose case is minimised further. */
  readonly id?: string;
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
  /** What the target remembers of other tries made the smallest case too small. */
  readonly isUnsteady?: true;
  readonly failed: number;
  readonly attempts: number;
}

/** Attempts of a minimised case, and of a case before it is minimised. */
const ATTEMPTS = 3;
const FIRST_ATTEMPTS = 2;
/** Candidates that are tried to minimise a history. Each costs a restart of the target. */
const HISTORY_TRIES = 1000;
/** A search of a history takes this many times as long as it takes to minimise one finding, and has time for so many long tries. */
const SEARCH_FACTOR = 2;
const SEARCH_TRIES = 8;
const MOST_MESSAGES = 2048;
const LEAST_MESSAGES = 64;
/** Milliseconds of the kit for each message. */
const MESSAGE_MS = 1;
/** In bytes. Larger cases are left out of a history. */
const LARGEST_CASE = 64 * 1024;
/** Cases with more connections in turn are minimised as histories at once. */
const PLAIN_CONNECTIONS = 2;
/** Invariants that a short deadline, or other cases at the same time, may seem to break. */
const TRANSIENT: readonly InvariantId[] = ['reacts', 'agrees'];

/** The evidence with a history in place of its case. */
export function inNewLife(evidence: Evidence, { value, kind }: History): Evidence {
  return { ...evidence, value, history: kind, tree: undefined, received: undefined };
}

function historyWords(history: Finding['history'], { connections }: Case): string {
  switch (history) {
    case undefined:
      return '';
    case 'messages':
      return `; only after all ${connections.length} messages, on a target that was just started`;
    case 'count':
      return `; it takes about ${connections.length} such messages since the start of the target`;
  }
}

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
    const { confirmer } = this.#options;
    const { value, symptom, history } = evidence;
    if (history !== undefined) return confirmer.inNewLives(symptom, () => this.#investigate(evidence));
    const isOrdered = value.arrangement === 'in-turn' && value.connections.length > PLAIN_CONNECTIONS;
    const inLives = isOrdered && isFatal(symptom) ? await this.#ifInNewLives(evidence) : undefined;
    return inLives === undefined ? this.#investigate(evidence) : this.investigate(inLives);
  }

  /** The evidence as a history: of the messages of its case, or else of what the target received. Undefined if there is none. */
  async #asHistory(evidence: Evidence): Promise<Evidence | undefined> {
    const { value, symptom, received, history } = evidence;
    if (history !== undefined) return undefined;
    const isSeveral = value.connections.flat().length > 1;
    const own = isSeveral ? await this.#ifInNewLives(evidence) : undefined;
    if (own !== undefined || received === undefined) return own;
    const found = await this.findHistory(symptom, [value], received());
    return found && inNewLife(evidence, found);
  }

  /** The evidence as a history of the messages of its case, if the case shows the symptom on a target that was just started. */
  async #ifInNewLives(evidence: Evidence): Promise<Evidence | undefined> {
    const { confirmer } = this.#options;
    const { value, symptom, history } = evidence;
    if (history !== undefined || !confirmer.canRestart) return undefined;
    const death = this.#deathOf(symptom);
    const trials = this.#trialsOf(death?.symptom ?? symptom, death);
    const shown = await confirmer.inNewLives(symptom, () => trials.count(value, FIRST_ATTEMPTS));
    return shown === FIRST_ATTEMPTS ? inNewLife(evidence, { value, kind: 'messages' }) : undefined;
  }

  /**
   * A history that shows the symptom, where no single one of the candidates does: the cases of which one may have shown it.
   * Undefined if there is none, or if the kit cannot start the target again. Rejects as the confirmer does.
   */
  async findHistory(
    symptom: Symptom,
    candidates: readonly Case[],
    received: readonly Case[],
  ): Promise<History | undefined> {
    const { confirmer, minimiseMs, about, signal } = this.#options;
    if (!confirmer.canRestart) return undefined;
    const searchMs = SEARCH_FACTOR * minimiseMs();
    const until = performance.now() + searchMs;
    const fitting = searchMs / SEARCH_TRIES / (MESSAGE_MS + Number(about['usual_ms']));
    const death = this.#deathOf(symptom);
    const trials = this.#trialsOf(death?.symptom ?? symptom, death);
    const find = isFatal(symptom) ? findHistory : findRelated;
    return confirmer.inNewLives(symptom, () =>
      find({
        cases: received.filter((value) => caseSize(value) <= LARGEST_CASE),
        candidates,
        most: Math.floor(Math.min(MOST_MESSAGES, Math.max(LEAST_MESSAGES, fitting))),
        shows: async (value) => (await trials.firstThatShows([value])) === 0,
        shouldStop: () => signal?.aborted === true || performance.now() > until,
      }),
    );
  }

  async #investigate(evidence: Evidence): Promise<TriageResult> {
    const { process } = this.#options;
    const death = this.#deathOf(evidence.symptom);
    const symptom = death?.symptom ?? evidence.symptom;
    // The smallest case of a finding may explain this one, so the search for it is continued first. Until then the fault recurs.
    const begun = evidence.id === undefined ? this.#known.unfinishedLike(symptom, death) : undefined;
    if (begun !== undefined) return this.investigate({ ...begun, symptom });
    const trials = this.#trialsOf(symptom, death);
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
    const { fatalMeanwhile } = this.#options.confirmer;
    if (death === undefined && evidence.history === undefined && fatalMeanwhile)
      return this.investigate({ ...evidence, symptom: fatalMeanwhile });
    if (first < FIRST_ATTEMPTS && !isTransient) {
      const steady = await this.#asHistory(evidence);
      if (steady !== undefined) return this.investigate(steady);
    }
    if (first === 0 && isFatal(symptom)) return { kind: 'unconfirmed', fatal: symptom };
    if (first === 0 && isTransient) return { kind: 'unconfirmed' };
    const { value, isMinimal, isUnsteady, failed, attempts, endedBy }: Confirmed =
      first === FIRST_ATTEMPTS
        ? await this.#confirmSmallest(
            evidence,
            isHang && activity === 'computes' ? this.#renewing(trials, symptom) : trials,
          )
        : { value: evidence.value, isMinimal: false, failed: first + 1, attempts: FIRST_ATTEMPTS + 1 };
    if (failed === 0 && isTransient) return { kind: 'unconfirmed' };
    if (isUnsteady && endedBy === undefined && !isTransient) {
      const steady = await this.#asHistory(evidence);
      if (steady !== undefined) return this.investigate(steady);
    }
    const distinguishing = this.#known.distinguishing(value, symptom);
    const { lastExecutions, lastShown } = this.#options.confirmer;
    const seen: Finding = {
      ...identityOf({ symptom, value, distinguishing, death, activity, history: evidence.history }),
      invariant: symptom.invariant,
      clause: symptom.clause,
      detail:
        ((isFatal(symptom) && lastShown?.detail) || symptom.detail) + historyWords(evidence.history, value),
      symptom: symptom.symptom,
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
      transcript: lastExecutions.flatMap(describeExecution),
      wire: lastExecutions.slice(0, 1).flatMap(wireOf),
      ...(death?.end && { said: death.end }),
      target: this.#options.about,
    };
    const finding = { ...seen, id: evidence.id ?? this.#known.idOfSameFault(seen, death) ?? seen.id };
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
      const unsteady = { attempts: ATTEMPTS, isUnsteady: true } as const;
      const original = await trials.count(evidence.value, ATTEMPTS);
      if (original > failed)
        return { ...unsteady, value: evidence.value, isMinimal: false, failed: original };
      return { ...unsteady, value, isMinimal, failed };
    } catch (error) {
      if (!this.#isEnd(error)) throw error;
      return { value, isMinimal, ...first, endedBy: error };
    }
  }

  /** Whether the error ends the campaign and says nothing about the case. */
  #isEnd(error: unknown): boolean {
    return error instanceof TargetLostError || this.#options.signal?.aborted === true;
  }

  async #withShortIds(value: Case, trials: Trials): Promise<Case> {
    const short = withShortIds(value);
    return (await trials.firstThatShows([short])) === 0 ? short : value;
  }

  async #minimise({ value, symptom, tree, history }: Evidence, trials: Trials): Promise<Smallest> {
    if (history === 'count') return { value, isMinimal: true };
    const { minimiseTries, minimiseMs, signal } = this.#options;
    const start = history === undefined ? value : await this.#withShortIds(value, trials);
    const until = performance.now() + minimiseMs();
    // Each success with a fatal symptom costs a restart of the target, and with a hang the wait for it. So the large
    // reductions come first, and the small steps of fast-check's shrinkers are left out.
    const isCostly = isFatal(symptom) || symptom.invariant === 'reacts';
    let endedBy: unknown;
    const smallest = await minimise(start, isCostly ? undefined : tree, {
      firstThatShows: async (candidates) => {
        try {
          return await trials.firstThatShows(candidates);
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
