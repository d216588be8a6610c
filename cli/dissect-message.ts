/**
 * A payload, part by part: which message it is, where each of its fields lies, what it holds and what the protocol says
 * of it. payload → members.ts (where) → the reference (value) → content.ts (findings).
 */

import { isUtf8 } from 'node:buffer';
import { printable, printableBytes } from '../conformance/printable.ts';
import { TYPE_RESULT } from '../reference/index.ts';
import { contentFindings, type Finding, note, violation } from './content.ts';
import { readFieldValue, zeroOf } from './field-value.ts';
import { type Member, members, type PayloadEnd } from './members.ts';
import { type FieldRow, fieldNamed, MESSAGES, type MessageRow } from './messages.ts';
import type { Part } from './part.ts';

/** Members that are kept of one payload; what is more is counted. The last of each documented field always is. */
const KEPT_MEMBERS = 40;
/** UTF-16 units shown of a value. */
const SHOWN = 72;

export interface DissectedMessage {
  readonly row: MessageRow;
  /** Why it is taken for this message, where the type leaves a choice. */
  readonly because: string;
  readonly parts: readonly Part[];
  /** Members that are not among the parts. */
  readonly hidden: number;
}

/** Takes a payload of a known type apart; undefined when no message has that type. `offset` is that of the payload. */
export function dissectMessage(type: number, payload: Uint8Array, offset: number): DissectedMessage | undefined {
  const candidates = MESSAGES.filter((row) => row.type === type || isResponseOfType2(row, type));
  const [first] = candidates;
  if (first === undefined) return undefined;
  const { row, because } = choose(first, candidates, payload);
  const collector = new Collector(row, payload, offset);
  const walk = members(payload);
  let step = walk.next();
  for (; !step.done; step = walk.next()) collector.take(step.value);
  return { row, because, ...collector.finish(step.value) };
}

/** The documentation leaves the type of a response open (S1). */
function isResponseOfType2(row: MessageRow, type: number): boolean {
  return type === TYPE_RESULT && row.name === 'SubmitResponse';
}

/** The candidate with the most fields that only it has; the first if that decides nothing. */
function choose(
  first: MessageRow,
  candidates: readonly MessageRow[],
  payload: Uint8Array,
): { row: MessageRow; because: string } {
  if (candidates.length === 1) return { row: first, because: '' };
  const present = new Set<string>();
  for (const { name } of members(payload)) {
    for (const row of candidates) {
      const field = fieldNamed(row, name);
      if (field !== undefined) present.add(field.name);
    }
  }
  const scored = candidates.map((row) => ({ row, own: ownFields(row, candidates, present) }));
  const best = scored.reduce((a, b) => (b.own.length > a.own.length ? b : a));
  if (best.own.length === 0) return { row: first, because: ', though no field of its own says so' };
  return { row: best.row, because: `, by its ${best.own.join(', ')}` };
}

function ownFields(row: MessageRow, candidates: readonly MessageRow[], present: ReadonlySet<string>): string[] {
  return row.fields
    .map(({ name }) => name)
    .filter((name) => present.has(name))
    .filter((name) => candidates.every((other) => other === row || fieldNamed(other, name) === undefined));
}

/** Takes members one by one and keeps a bounded number of parts. */
class Collector {
  readonly #row: MessageRow;
  readonly #payload: Uint8Array;
  readonly #offset: number;
  readonly #parts: Part[] = [];
  /** Of each documented field the last occurrence, and the value that it leaves. */
  readonly #last = new Map<FieldRow, { readonly part: Part; readonly value: unknown }>();
  #members = 0;

  constructor(row: MessageRow, payload: Uint8Array, offset: number) {
    this.#row = row;
    this.#payload = payload;
    this.#offset = offset;
  }

  take({ name, start, end }: Member): void {
    this.#members += 1;
    const bytes = this.#payload.subarray(start, end);
    const place = { offset: this.#offset + start, bytes, isMember: true };
    const field = fieldNamed(this.#row, name);
    if (field === undefined) {
      const meaning = `unknown, ignored (M1): ${printableBytes(bytes, SHOWN)}`;
      this.#keep({ ...place, label: printable(name, 24), meaning, findings: [] });
      return;
    }
    const { value, meaning, findings } = readFieldValue(this.#row, field, bytes);
    const before = this.#last.get(field);
    if (name !== field.name) findings.push(note('M7', 'a name in other case; a receiver may refuse that'));
    if (before !== undefined) findings.push(note('M7', 'a duplicate; the last value counts, where it is taken at all'));
    const part = { ...place, label: printable(name, 24), meaning, findings };
    this.#last.set(field, { part, value: value ?? before?.value });
    this.#keep(part);
  }

  /** Keeps the first parts, and of those behind them the first that break a rule. */
  #keep(part: Part): void {
    const isWrong = part.findings.some(({ kind }) => kind === 'violation');
    if (this.#parts.length < (isWrong ? 2 * KEPT_MEMBERS : KEPT_MEMBERS)) this.#parts.push(part);
  }

  finish(end: PayloadEnd): Pick<DissectedMessage, 'parts' | 'hidden'> {
    const judged = end.kind === 'object' ? this.#judgeContent() : [];
    const hidden = this.#members - this.#parts.length;
    return { parts: [...this.#parts, ...judged, ...this.#judgeEnd(end)], hidden };
  }

  /** Adds what the protocol says of the values that count; returns a part for the fields that are missing. */
  #judgeContent(): Part[] {
    const missing: string[] = [];
    const missingFindings: Finding[] = [];
    for (const field of this.#row.fields) {
      const last = this.#last.get(field);
      const isReadable = last === undefined || !last.part.findings.some(({ kind }) => kind === 'violation');
      if (!isReadable || (last === undefined && field.optional)) continue;
      const findings = contentFindings(this.#row.name, field, last?.value ?? zeroOf(field));
      if (last !== undefined) {
        last.part.findings.push(...findings);
        if (!this.#parts.includes(last.part)) this.#parts.push(last.part);
      } else {
        missing.push(field.name);
        missingFindings.push(...findings);
      }
    }
    if (missing.length === 0) return [];
    const meaning = `${missing.join(', ')}: read as empty (M2)`;
    return [this.#frameless('missing', meaning, missingFindings)];
  }

  #judgeEnd(end: PayloadEnd): Part[] {
    switch (end.kind) {
      case 'object':
        return isUtf8(this.#payload)
          ? []
          : [this.#frameless('text', 'not all of it is UTF-8', [note('M8', 'each stray byte is read as U+FFFD; a receiver may refuse that')])];
      case 'other': {
        const bytes = this.#payload.subarray(end.start, end.end);
        const meaning = printableBytes(bytes, SHOWN);
        const finding =
          meaning === 'null'
            ? note('M6', 'null in place of an object; a receiver may refuse that')
            : violation('M6', 'a message is a JSON object');
        return [{ ...this.#frameless('value', meaning, [finding]), offset: this.#offset + end.start, bytes }];
      }
      case 'malformed': {
        const bytes = this.#payload.subarray(end.at);
        const { clause, message } = end.error;
        const finding =
          this.#payload.length === 0
            ? violation('F8', 'an empty payload is no JSON')
            : violation(clause, `${message} of the payload`);
        return [{ ...this.#frameless('broken', printableBytes(bytes, SHOWN), [finding]), offset: this.#offset + end.at, bytes }];
      }
    }
  }

  #frameless(label: string, meaning: string, findings: Finding[]): Part {
    const offset = this.#offset + this.#payload.length;
    return { offset, bytes: new Uint8Array(0), isMember: true, label, meaning, findings };
  }
}
