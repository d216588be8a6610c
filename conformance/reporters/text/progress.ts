/** What the text report shows while the run goes on: one line that is rewritten, and a line for each new cause of a failure. */

import { effectiveVerdict, WORDS, type Word } from '../../report/effective-verdict.ts';
import type { PlanRecord, ScenarioRecord } from '../../report/record.ts';
import { ERASE_LINE } from '../../util/terminal.ts';
import { plain } from '../common/escape.ts';
import { because, NOT_YET_AGAIN, wireLog } from '../common/explanation.ts';
import type { Waiting } from '../common/renderer.ts';
import type { Colors } from './colors.ts';

/** Lines for new causes, at the most. The others are in the report. */
const MOST_CAUSES = 8;
/** A run of at most this many scenarios has a line for each in a log. */
const SMALL_RUN = 20;
/** In a log, a longer run has a line after each of this many equal parts. */
const PARTS = 4;
/** Ids that a line of progress names. */
const SHOWN_IDS = 2;
/** Columns of the line of progress. */
const MOST_COLUMNS = 79;

export interface ProgressOptions {
  readonly colors: Colors;
  readonly live: boolean;
  /** A line for each scenario in a log, whatever the size of the run. */
  readonly each: boolean;
  /** Show the wire log with each of these lines. */
  readonly trace: boolean;
  /** Milliseconds since any moment before the run. Absent: no time left is shown. */
  readonly elapsedMs?: (() => number) | undefined;
}

/** The progress of one run. */
export class Progress {
  readonly #plan: PlanRecord;
  readonly #options: ProgressOptions;
  readonly #total: number;
  readonly #beganMs: number;
  /** The word of each scenario that has a record, with a provisional one too. */
  readonly #words = new Map<string, Word>();
  readonly #pending = new Set<string>();
  readonly #causes = new Set<string>();
  /** Lines that were written for good. */
  #lines = 0;

  constructor(plan: PlanRecord, options: ProgressOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#beganMs = options.elapsedMs?.() ?? 0;
    this.#total = plan.planned.length + plan.controls.length;
  }

  /** Number of lines that were written and stay. */
  get lines(): number {
    return this.#lines;
  }

  take(record: ScenarioRecord): string {
    const { word } = effectiveVerdict(record, this.#plan.strict);
    const isNewWord = this.#words.get(record.id) !== word;
    this.#words.set(record.id, word);
    if (record.provisional) this.#pending.add(record.id);
    else this.#pending.delete(record.id);
    const line = this.#lineFor(record, isNewWord);
    if (!this.#options.live) return line + this.#part(record);
    return `${line === '' ? '' : `${ERASE_LINE}${line}`}${this.#status(plain(record.id))}`;
  }

  waiting({ ids, leftMs }: Waiting): string {
    if (!this.#options.live) return '';
    const names = ids.slice(0, SHOWN_IDS).map(plain).join(', ');
    const more = ids.length > SHOWN_IDS ? ` and ${ids.length - SHOWN_IDS} more` : '';
    return this.#status(`waits at most ${seconds(leftMs)} for ${names}${more}`);
  }

  #lineFor(record: ScenarioRecord, isNewWord: boolean): string {
    const { live, each, trace, colors } = this.#options;
    if (!live && (each || trace || this.#total <= SMALL_RUN)) {
      const wire = trace ? wireLog(record).map((text) => colors.dim(`  ${text}\n`)) : [];
      return this.#write([`${this.#title(record)}\n`, ...wire]);
    }
    const { word, conforms } = effectiveVerdict(record, this.#plan.strict);
    if (record.verdict !== 'fail' || conforms || !isNewWord) return '';
    const key = `${word} ${record.cause ?? because(record)}`;
    if (this.#causes.has(key) || this.#causes.size >= MOST_CAUSES) return '';
    this.#causes.add(key);
    return this.#write([`${this.#title(record)}\n`]);
  }

  #title(record: ScenarioRecord): string {
    const { word, conforms } = effectiveVerdict(record, this.#plan.strict);
    const name = `${word.padEnd(12)} ${record.level.padEnd(6)} ${plain(record.id)}`;
    if (record.verdict !== 'fail' || word === 'known') return name;
    const reason = record.provisional ? `${because(record)} (${NOT_YET_AGAIN})` : because(record);
    const { bad, warn } = this.#options.colors;
    return `${(conforms ? warn : bad)(name)}: ${reason}`;
  }

  #write(lines: readonly string[]): string {
    this.#lines += lines.length;
    return lines.join('');
  }

  get #done(): number {
    return this.#words.size - this.#pending.size;
  }

  /** In the log of a long run without a line for each scenario: one line after each part. */
  #part({ provisional }: ScenarioRecord): string {
    const { each, trace, colors } = this.#options;
    if (each || trace || this.#total <= SMALL_RUN || provisional) return '';
    const part = (done: number) => Math.floor((PARTS * done) / this.#total);
    if (part(this.#done) === part(this.#done - 1) || this.#done === this.#total) return '';
    return this.#write([colors.dim(`${this.#counts()}\n`)]);
  }

  #status(what: string): string {
    const counts = `${this.#counts()}${this.#timeLeft()}`;
    // A line that wraps could not be erased.
    const shown = what.slice(0, Math.max(0, MOST_COLUMNS - counts.length - 1));
    return `${ERASE_LINE}${this.#options.colors.dim(counts)} ${shown}`;
  }

  /** `130/520: 127 pass, 3 FAIL`. */
  #counts(): string {
    const words = [...this.#words.values()];
    const counts = WORDS.map((word) => [words.filter((one) => one === word).length, word] as const)
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`);
    return `${this.#done}/${this.#total}: ${counts.join(', ') || 'none yet'}`;
  }

  /** From the scenarios that are done, and never longer than the run may take. */
  #timeLeft(): string {
    const nowMs = this.#options.elapsedMs?.();
    if (nowMs === undefined || this.#done === 0 || this.#done >= this.#total) return '';
    const elapsedMs = nowMs - this.#beganMs;
    const expectedMs = (elapsedMs / this.#done) * (this.#total - this.#done);
    const mostMs = Math.max(0, (this.#plan.maxMs ?? Number.POSITIVE_INFINITY) - elapsedMs);
    return `, about ${seconds(Math.min(expectedMs, mostMs))} left,`;
  }
}

/** Whole seconds, and minutes from two on: `12 s`, `3 min`. */
export function seconds(ms: number): string {
  const count = Math.max(1, Math.round(ms / 1000));
  return count < 120 ? `${count} s` : `${Math.round(count / 60)} min`;
}
