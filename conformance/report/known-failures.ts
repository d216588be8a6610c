/**
 * The list of known failures: text → a mark on each failed scenario that an entry covers, and the state of each entry
 * at the end of the run. An entry is stale when its scenario passes, is skipped, is not judged or fails for another
 * reason, when it has expired, or when it matches too many scenarios or none. A stale entry fails the run.
 *
 * The list has one entry per line: `id  # reason (until 2027-01-01)`. The reason has to match the message of the
 * failure; a `*` in it matches any text. A glob states how many failures it may cover: `json/deep-* max 3  # reason`.
 * Lines that begin with `#` are comments.
 */

import { globOf } from '../util/glob.ts';
import { reasonOf, textOf } from './behaviour.ts';
import type { KnownFailure, KnownFailureEntry, ScenarioRecord, Staleness } from './record.ts';

/** The list is malformed. The message is one line, and names the line of the list. */
export class KnownFailuresError extends Error {
  override readonly name = 'KnownFailuresError';
}

/** The run that a list of known failures applies to. */
export interface KnownFailureListOptions {
  /** The ids of all scenarios that exist, including those that this run does not judge. */
  readonly ids: readonly string[];
  /** Whether this run judges the scenario. */
  readonly isPlanned: (id: string) => boolean;
  /** `YYYY-MM-DD`, in UTC. An entry is valid through the day of its `until`, inclusive. */
  readonly today: string;
  /** Cover every failure, so that `text` returns an updated list. Default: false. */
  readonly update?: boolean;
}

interface Entry {
  readonly line: number;
  readonly pattern: string;
  readonly test: RegExp;
  readonly isGlob: boolean;
  readonly max: number;
  readonly reason: string;
  readonly until?: string;
  readonly covered: string[];
  readonly others: { readonly id: string; readonly stale: Staleness; readonly detail: string }[];
}

const LINE =
  /^(?<pattern>\S+)(?:\s+max\s+(?<max>[1-9]\d*))?\s+#\s*(?<reason>.*?)(?:\s*\(until (?<until>[^()]*)\))?\s*$/;

/** Whether a line of the list is neither empty nor a comment. */
export function isEntry(line: string): boolean {
  const text = line.trim();
  return text !== '' && !text.startsWith('#');
}

/**
 * Marks the records of a run. Call `mark` once for each scenario, then `finish`, and `text` if the list is updated.
 */
export class KnownFailureList {
  readonly #options: KnownFailureListOptions;
  readonly #lines: readonly string[];
  readonly #entries: readonly Entry[];
  /** What `text` writes besides the lines that it keeps: new failures, and entries whose reason has changed. */
  readonly #added: string[] = [];
  readonly #rewritten = new Map<Entry, string>();
  /** What was marked, by the id of its scenario. */
  readonly #known = new Map<string, KnownFailure>();

  /** `text` is the content of the file. Throws KnownFailuresError when it is malformed. */
  constructor(text: string, options: KnownFailureListOptions) {
    this.#options = options;
    this.#lines = text.split(/\r?\n/);
    this.#entries = this.#lines.flatMap((line, index) =>
      isEntry(line) ? [readEntry(line.trim(), index + 1)] : [],
    );
    const seen = new Set<string>();
    for (const { pattern, line } of this.#entries) {
      if (seen.has(pattern)) throw new KnownFailuresError(`line ${line}: ${pattern} has an entry already`);
      seen.add(pattern);
    }
  }

  /** Whether an entry names the scenario, for whatever reason. */
  names(id: string): boolean {
    return this.#entryFor(id) !== undefined;
  }

  /**
   * The record, with a mark if the scenario failed and an entry covers it, or if it cannot be judged because its control is
   * so marked. Call it once for each scenario; for the scenarios of a control, after its own `mark` or `preview`.
   */
  mark(record: ScenarioRecord): ScenarioRecord {
    const marked = this.#mark(record);
    if ('known' in marked && marked.known) this.#known.set(marked.id, marked.known);
    else this.#known.delete(marked.id);
    return marked;
  }

  #mark(record: ScenarioRecord): ScenarioRecord {
    const entry = this.#entryFor(record.id);
    const ofControl = record.control === undefined ? undefined : this.#known.get(record.control);
    if (record.verdict === 'inconclusive' && ofControl !== undefined) {
      if (!record.onlyAsControl)
        entry?.others.push({ id: record.id, stale: 'not judged', detail: record.id });
      return { ...record, known: ofControl };
    }
    if (record.onlyAsControl) {
      const isCovered = record.verdict === 'fail' && entry !== undefined && matches(entry, record);
      return isCovered ? { ...record, known: { line: entry.line, reason: entry.reason } } : record;
    }
    if (record.verdict !== 'fail') {
      const stale =
        record.verdict === 'pass' ? 'passes' : record.verdict === 'skipped' ? 'skipped' : 'not judged';
      entry?.others.push({ id: record.id, stale, detail: record.id });
      return record;
    }
    const reason = reasonOf(record.mismatches);
    if (entry === undefined || !matches(entry, record)) {
      if (this.#takes(record)) {
        if (entry && !entry.isGlob) this.#rewritten.set(entry, reason);
        else this.#added.push(`${record.id}  # ${reason}`);
        return { ...record, known: { line: entry?.line ?? 0, reason } };
      }
      if (entry === undefined) return record;
      entry.others.push({ id: record.id, stale: 'fails otherwise', detail: `${record.id}: ${reason}` });
    } else {
      entry.covered.push(record.id);
      if (this.#options.update && entry.covered.length > entry.max) {
        this.#added.push(`${record.id}  # ${reason}`);
      }
    }
    return { ...record, known: { line: entry.line, reason: entry.reason } };
  }

  /** The record of a provisional failure with the mark that its final record gets if it fails alike. Changes no entry. */
  preview(record: ScenarioRecord): ScenarioRecord {
    if (record.verdict !== 'fail') return record;
    // No entry changes because of a control.
    if (record.onlyAsControl) return this.mark(record);
    const entry = this.#entryFor(record.id);
    if (entry === undefined && !this.#takes(record)) return record;
    const known = { line: entry?.line ?? 0, reason: entry?.reason ?? reasonOf(record.mismatches) };
    // The final record may come after those of the scenarios that it is the control of.
    if (this.#takes(record) || (entry && matches(entry, record))) this.#known.set(record.id, known);
    return { ...record, known };
  }

  /**
   * The state of each entry that concerns a scenario of this run. `complete` is false for a run that ended early: an
   * entry is then not stale because its scenario was not reached.
   */
  finish(complete: boolean): readonly KnownFailureEntry[] {
    return this.#entries.flatMap((entry) => {
      const existing = this.#existing(entry);
      const isOurs = existing.length === 0 || existing.some(this.#options.isPlanned);
      if (!isOurs || (this.#options.update && this.#isMended(entry))) return [];
      const { line, pattern, reason, max, covered } = entry;
      const found = this.#staleness(entry, existing.length > 0, complete && this.#isAllPlanned(entry));
      return [{ line, pattern, reason, max, covered: covered.length, matched: existing.length, ...found }];
    });
  }

  /**
   * The updated list after a complete run. Comments, valid entries and those of other runs stay, stale entries go, new entries
   * come last.
   */
  text(): string {
    const byLine = new Map(this.#entries.map((entry) => [entry.line, entry]));
    const kept = this.#lines.flatMap((text, index) => {
      const entry = byLine.get(index + 1);
      if (entry === undefined) return [text];
      const reason = this.#rewritten.get(entry);
      const until = entry.until === undefined ? '' : ` (until ${entry.until})`;
      if (reason !== undefined) return [`${entry.pattern}  # ${reason}${until}`];
      return entry.covered.length > 0 || !this.#isAllPlanned(entry) ? [text] : [];
    });
    while (kept.at(-1) === '') kept.pop();
    return [...kept, ...this.#added, ''].join('\n');
  }

  /**
   * Whether an update adds the failure: if it can count. A failed MAY without a death is none, and its entry would be stale when the
   * target does what it may.
   */
  #takes({ level, targetDied }: ScenarioRecord): boolean {
    return this.#options.update === true && (level !== 'MAY' || targetDied);
  }

  /** The scenarios that it matches, whether this run judges them or not. */
  #existing({ test }: Entry): readonly string[] {
    return this.#options.ids.filter((id) => test.test(id));
  }

  /** Whether no other run judges a scenario that it matches, such as another shard. */
  #isAllPlanned(entry: Entry): boolean {
    return this.#existing(entry).every(this.#options.isPlanned);
  }

  /** The entry for exactly this id, otherwise the first glob that matches it. */
  #entryFor(id: string): Entry | undefined {
    return (
      this.#entries.find(({ pattern }) => pattern === id) ?? this.#entries.find(({ test }) => test.test(id))
    );
  }

  /** Whether the updated list has no fault of this entry. Only a person may renew an expired entry. */
  #isMended(entry: Entry): boolean {
    const stays = entry.covered.length > 0 || this.#rewritten.has(entry);
    return !stays || !this.#hasExpired(entry);
  }

  #hasExpired({ until }: Entry): boolean {
    return until !== undefined && until < this.#options.today;
  }

  #staleness(
    entry: Entry,
    exists: boolean,
    complete: boolean,
  ): Pick<KnownFailureEntry, 'details'> & { readonly stale?: Staleness } {
    const { covered, others, max, until = '', isGlob } = entry;
    if (!exists) return { stale: 'matches no scenario', details: [] };
    const otherwise = others.filter(({ stale }) => stale === 'fails otherwise');
    if (otherwise.length > 0)
      return { stale: 'fails otherwise', details: otherwise.map(({ detail }) => detail) };
    if (this.#hasExpired(entry)) return { stale: 'expired', details: [until] };
    if (covered.length > max) return { stale: 'covers too many', details: covered };
    const [first] = others;
    // Some of the scenarios that a glob matches may pass.
    if (first && (!isGlob || covered.length === 0) && complete)
      return { stale: first.stale, details: others.map(({ id }) => id) };
    return { details: [] };
  }
}

/** Whether the failure is the one that the entry names. */
function matches({ reason }: Entry, { mismatches }: Extract<ScenarioRecord, { verdict: 'fail' }>): boolean {
  return globOf(reason).test(textOf(mismatches));
}

function readEntry(line: string, number: number): Entry {
  const { pattern = '', max, reason = '', until } = LINE.exec(line)?.groups ?? {};
  const wrong = (what: string) => new KnownFailuresError(`line ${number}: ${what}`);
  if (pattern === '') throw wrong('an entry has the form: id  # reason');
  if (reason === '') throw wrong(`${pattern} has no reason`);
  const isGlob = pattern.includes('*');
  if (isGlob && max === undefined)
    throw wrong(`${pattern} is a glob and needs a limit, such as: ${pattern} max 3  # reason`);
  if (!isGlob && max !== undefined) throw wrong(`${pattern} is not a glob, so it takes no limit`);
  if (until !== undefined && !isDate(until))
    throw wrong(`${JSON.stringify(until)} is not a date such as 2027-01-01`);
  return {
    line: number,
    pattern,
    test: globOf(pattern),
    isGlob,
    max: Number(max ?? 1),
    reason,
    ...(until !== undefined && { until }),
    covered: [],
    others: [],
  };
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(text)
  );
}
