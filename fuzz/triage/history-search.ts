/** Searches the history that a fault needs, on a target that is started again before each try. */

import { performance } from 'node:perf_hooks';
import { type Case, caseSize } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Symptom } from '../oracle/invariants.ts';
import type { Confirmer } from './confirm.ts';
import { deathOf } from './deaths.ts';
import { isFatal } from './fatal-symptom.ts';
import type { Finding } from './finding.ts';
import { findHistory, findRelated, type History } from './reduce/history.ts';
import { type Evidence, FIRST_ATTEMPTS, type SearchOptions } from './smallest.ts';
import { type Trials, trialsOf } from './trials.ts';

/** A search of a history takes this many times as long as it takes to minimise one finding, and has time for this number of long tries. */
const SEARCH_FACTOR = 2;
const SEARCH_TRIES = 8;
const MOST_MESSAGES = 2048;
const LEAST_MESSAGES = 64;
/** Milliseconds of the kit for each message. */
const MESSAGE_MS = 1;
/** In bytes. Larger cases are left out of a history. */
const LARGEST_CASE = 64 * 1024;

/** The evidence with a history in place of its case. */
export function inNewLife(evidence: Evidence, { value, kind }: History): Evidence {
  return { ...evidence, value, history: kind, tree: undefined, received: undefined };
}

/** The end of a sentence that says what a finding shows; empty if its case is no history. Each message is needed only in a smallest case. */
export function historyWords(history: Finding['history'], { connections }: Case, isMinimal: boolean): string {
  const count = connections.length;
  switch (history) {
    case undefined:
      return '';
    case 'messages': {
      if (count === 1) return '; seen on a target that was just started';
      return `; ${isMinimal ? 'only after all' : 'after these'} ${count} messages, on a target that was just started`;
    }
    case 'count':
      return `; it takes about ${count} such messages since the start of the target`;
  }
}

export interface HistorySearchOptions extends SearchOptions {
  readonly confirmer: Confirmer;
  /** For the attempts that decide. */
  readonly confirmWaits: Waits;
  /** Milliseconds that the target takes for a message. */
  readonly usualMs: number;
}

/** Each method rejects as the confirmer does. Without a way to start the target again, none finds anything. */
export class HistorySearch {
  readonly #options: HistorySearchOptions;

  constructor(options: HistorySearchOptions) {
    this.#options = options;
  }

  /** The evidence as a history: of the messages of its case, or else of what the target received. Undefined if there is none. */
  async asHistory(evidence: Evidence): Promise<Evidence | undefined> {
    const { value, symptom, received, history } = evidence;
    if (history !== undefined) return undefined;
    const isSeveral = value.connections.flat().length > 1;
    const own = isSeveral ? await this.ifInNewLives(evidence) : undefined;
    if (own !== undefined || received === undefined) return own;
    const found = await this.find(symptom, [value], received());
    return found && inNewLife(evidence, found);
  }

  /** The evidence as a history of the messages of its case, if the case shows the symptom on a target that was just started. */
  async ifInNewLives(evidence: Evidence): Promise<Evidence | undefined> {
    const { confirmer } = this.#options;
    const { value, symptom, history } = evidence;
    if (history !== undefined || !confirmer.canRestart) return undefined;
    const trials = this.#trialsOf(symptom);
    const shown = await confirmer.inNewLives(symptom, () => trials.count(value, FIRST_ATTEMPTS));
    return shown === FIRST_ATTEMPTS ? inNewLife(evidence, { value, kind: 'messages' }) : undefined;
  }

  /**
   * A history that shows the symptom, where no single one of the candidates does: the cases of which one may have shown it.
   * Undefined if there is none, or if the kit cannot start the target again. Rejects as the confirmer does.
   */
  async find(
    symptom: Symptom,
    candidates: readonly Case[],
    received: readonly Case[],
  ): Promise<History | undefined> {
    const { confirmer, minimiseMs, usualMs, signal } = this.#options;
    if (!confirmer.canRestart) return undefined;
    const searchMs = SEARCH_FACTOR * minimiseMs();
    const until = performance.now() + searchMs;
    const fitting = searchMs / SEARCH_TRIES / (MESSAGE_MS + usualMs);
    const trials = this.#trialsOf(symptom);
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

  #trialsOf(symptom: Symptom): Trials {
    const { confirmer, confirmWaits } = this.#options;
    const death = deathOf(symptom, confirmer.lastEnd);
    return trialsOf(death?.symptom ?? symptom, death, confirmer, confirmWaits);
  }
}
