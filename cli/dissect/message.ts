/**
 * Splits a payload into parts: which message it is, the position and value of each field, and findings.
 * payload → members.ts (positions) → the reference (values) → content.ts (findings).
 */

import { isUtf8 } from 'node:buffer';
import { printable, printableBytes } from '../../conformance/util/printable.ts';
import { ProtocolError, TYPE_RESULT } from '../../reference/index.ts';
import { contentFindings, type Finding, note, violation } from './content.ts';
import { type FieldValue, readFieldValue, zeroOf } from './field-value.ts';
import { type Member, members, type PayloadEnd } from './members.ts';
import type { Part } from './part.ts';
import { type DecodedMessage, type FieldRow, fieldNamed, MESSAGES, type MessageRow } from './table.ts';

/** Members of a payload that are shown, apart from the last one of each documented field. Others are only counted. */
const KEPT_MEMBERS = 40;
/** UTF-16 units of a value that are shown. */
const SHOWN = 72;

export interface DissectedMessage {
  readonly row: MessageRow;
  /** The reason for this message, where the type permits several; empty otherwise. */
  readonly because: string;
  readonly parts: readonly Part[];
  /** Number of members that are not in `parts`. */
  readonly hidden: number;
  /** Whether the payload is in the canonical encoding (M12). Absent unless the message is legal. */
  readonly isCanonical?: boolean;
}

/**
 * Undefined when no message has that type. `offset` is the position of the payload in the input. The parts of an incomplete
 * payload have no findings about its JSON.
 */
export function dissectMessage(
  type: number,
  payload: Uint8Array,
  { offset, isWhole }: { readonly offset: number; readonly isWhole: boolean },
): DissectedMessage | undefined {
  const candidates = MESSAGES.filter((row) => row.type === type || isResponseOfType2(row, type));
  const [first] = candidates;
  if (first === undefined) return undefined;
  const { row, because } = choose(first, candidates, payload);
  const collector = new Collector(row, payload, offset);
  const walk = members(payload);
  let step = walk.next();
  for (; !step.done; step = walk.next()) collector.take(step.value);
  return { row, because, ...collector.finish(isWhole ? step.value : undefined) };
}

/** The protocol does not fix the type of a response (S1). */
function isResponseOfType2(row: MessageRow, type: number): boolean {
  return type === TYPE_RESULT && row.name === 'SubmitResponse';
}

/** The candidate with the most fields that no other candidate has; the first one if there are none. */
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
  if (best.own.length === 0) return { row: first, because: ' is assumed, because no field decides it' };
  return { row: best.row, because: `, by its ${best.own.join(', ')}` };
}

function ownFields(
  row: MessageRow,
  candidates: readonly MessageRow[],
  present: ReadonlySet<string>,
): string[] {
  return row.fields
    .map(({ name }) => name)
    .filter((name) => present.has(name))
    .filter((name) => candidates.every((other) => other === row || fieldNamed(other, name) === undefined));
}

/** Takes members one by one. Keeps the parts of the first ones, and of the last one of each field. */
class Collector {
  readonly #row: MessageRow;
  readonly #payload: Uint8Array;
  readonly #offset: number;
  readonly #parts: Part[] = [];
  readonly #seen = new Map<FieldRow, { member: Member; part?: Part }>();
  #members = 0;
  /** The end of the last member, in bytes from the start of the payload. */
  #end = 0;

  constructor(row: MessageRow, payload: Uint8Array, offset: number) {
    this.#row = row;
    this.#payload = payload;
    this.#offset = offset;
  }

  take(member: Member): void {
    this.#members += 1;
    this.#end = member.end;
    const field = fieldNamed(this.#row, member.name);
    const part = this.#parts.length < KEPT_MEMBERS ? this.#keep(member, field) : undefined;
    if (field !== undefined) this.#seen.set(field, { member, ...(part && { part }) });
  }

  #keep({ name, start, end }: Member, field: FieldRow | undefined): Part {
    const bytes = this.#payload.subarray(start, end);
    const place = { offset: this.#offset + start, bytes, isMember: true, label: printable(name, 24) };
    const part = { ...place, ...(field ? this.#known(name, field, bytes) : unknownField(bytes)) };
    this.#parts.push(part);
    return part;
  }

  #known(name: string, field: FieldRow, bytes: Uint8Array): FieldValue {
    const known = readFieldValue(this.#row, field, bytes);
    if (name !== field.name)
      known.findings.push(note('M7', 'a name in another case; a receiver may refuse that'));
    if (this.#seen.has(field))
      known.findings.push(note('M7', 'a duplicate; the last value counts, if a receiver accepts it'));
    return known;
  }

  /** Without `end` the payload is incomplete. */
  finish(end: PayloadEnd | undefined): Omit<DissectedMessage, 'row' | 'because'> {
    for (const [field, seen] of this.#seen) seen.part ??= this.#keep(seen.member, field);
    const hidden = this.#members - this.#parts.length;
    this.#parts.push(...(end === undefined ? this.#cutOff() : this.#judgeEnd(end)));
    const isCanonical =
      end !== undefined && !this.#parts.some(isViolation) ? this.#judgeMessage() : undefined;
    return { parts: this.#parts, hidden, ...(isCanonical !== undefined && { isCanonical }) };
  }

  /** The reference decides, because it also reads the members that are not kept. Returns whether the payload is canonical. */
  #judgeMessage(): boolean | undefined {
    try {
      const message = this.#row.decode(this.#payload);
      this.#judgeContent(message);
      return Buffer.compare(message.toFrame().payload, this.#payload) === 0;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#parts.push(
        this.#atEnd('fields', 'among the members that are not shown', [
          violation(error.clause, error.message),
        ]),
      );
      return undefined;
    }
  }

  /** Adds the findings about the values that count: of duplicates, the last. */
  #judgeContent(message: DecodedMessage): void {
    const missing: string[] = [];
    const missingFindings: Finding[] = [];
    for (const field of this.#row.fields) {
      const findings = contentFindings(
        this.#row.name,
        field,
        message.valueOf(field) ?? zeroOf(field),
        message.valueOf,
      );
      const part = this.#seen.get(field)?.part;
      if (part !== undefined) part.findings.push(...findings);
      else if (!field.optional || findings.length > 0) {
        missing.push(field.name);
        missingFindings.push(...findings);
      }
    }
    if (missing.length === 0) return;
    this.#parts.push(this.#atEnd('missing', `${missing.join(', ')}: read as empty (M2)`, missingFindings));
  }

  /** The bytes after the last complete member of an incomplete payload. */
  #cutOff(): Part[] {
    const bytes = this.#payload.subarray(this.#end);
    if (bytes.length === 0) return [];
    const meaning = `${printableBytes(bytes, SHOWN)} and the input ends`;
    return [{ ...this.#atEnd('cut off', meaning, []), offset: this.#offset + this.#end, bytes }];
  }

  #judgeEnd(end: PayloadEnd): Part[] {
    switch (end.kind) {
      case 'object':
        return isUtf8(this.#payload)
          ? []
          : [
              this.#atEnd('text', 'not valid UTF-8', [
                note('M8', 'each invalid byte is read as U+FFFD; a receiver may refuse that'),
              ]),
            ];
      case 'other': {
        const bytes = this.#payload.subarray(end.start, end.end);
        const meaning = printableBytes(bytes, SHOWN);
        const finding =
          meaning === 'null'
            ? note('M6', 'null instead of an object; a receiver may refuse that')
            : violation('M6', 'a message is a JSON object');
        return [{ ...this.#atEnd('value', meaning, [finding]), offset: this.#offset + end.start, bytes }];
      }
      case 'malformed': {
        const bytes = this.#payload.subarray(end.at);
        const { clause, message } = end.error;
        const finding =
          this.#payload.length === 0
            ? violation('F8', 'an empty payload is not JSON')
            : violation(clause, `in the payload, ${message}`);
        return [
          {
            ...this.#atEnd('broken', printableBytes(bytes, SHOWN), [finding]),
            offset: this.#offset + end.at,
            bytes,
          },
        ];
      }
    }
  }

  #atEnd(label: string, meaning: string, findings: Finding[]): Part {
    const offset = this.#offset + this.#payload.length;
    return { offset, bytes: new Uint8Array(0), isMember: true, label, meaning, findings };
  }
}

function unknownField(bytes: Uint8Array): FieldValue {
  return { meaning: `unknown, ignored (M1): ${printableBytes(bytes, SHOWN)}`, findings: [] };
}

function isViolation({ findings }: Part): boolean {
  return findings.some(({ kind }) => kind === 'violation');
}
