/** The bytes of one direction as lines for people: frame by frame, field by field, with the part that matters in brackets. */

import { HEADER_BYTES, PAYLOAD_CAP, TYPE_NAMES } from '../scenario/bytes.ts';
import { counted } from '../util/counted.ts';
import { printableBytes } from '../util/printable.ts';
import { readHeader } from '../wire/frames.ts';
import type { SentSpan, Span } from './span.ts';

/** Frames that are shown. */
const SHOWN_FRAMES = 3;

/** What a report says about the marked part of a direction. */
export interface Marked {
  /** The name of the line that shows it. */
  readonly name: 'differs' | 'fault';
  readonly span: SentSpan | undefined;
}

/** The bytes as frames, one line per field: offset, hex, meaning. `total` counts bytes that are not in `bytes` too. */
export function annotateBytes(bytes: Uint8Array, total: number, { name, span }: Marked): string[] {
  const lines: string[] = [];
  const markLine = (begin: number): string[] =>
    span && span.offset <= total ? markedLine(name, bytes, span, begin) : [];
  let isShown = span === undefined;
  let at = 0;
  for (let frames = 0; at < bytes.length && frames < SHOWN_FRAMES; frames += 1) {
    const header = readHeader(bytes, at);
    if (header === undefined) {
      if (bytes.length < total) break;
      const part = `${bytes.length - at} of the 8 bytes of a header`;
      const isMarked = span !== undefined && span.offset >= at && span.offset <= bytes.length;
      lines.push(line(at, bytes.subarray(at), isMarked ? `⟦${part}⟧` : part));
      return lines;
    }
    const { type, length } = header;
    const overCap = length > PAYLOAD_CAP ? `, over the cap of ${PAYLOAD_CAP}` : '';
    const field = (offset: number, label: string, value: string): string => {
      const isMarked = span !== undefined && overlaps(span, offset, 4);
      if (isMarked) isShown = true;
      return line(offset, bytes.subarray(offset, offset + 4), label + (isMarked ? `⟦${value}⟧` : value));
    };
    lines.push(field(at, 'type    ', `${type} ${TYPE_NAMES[type] ?? 'UNKNOWN'}`));
    lines.push(field(at + 4, 'length  ', `${length}${overCap}`));
    at += HEADER_BYTES;
    const present = Math.min(length, total - at);
    if (present > 0) {
      const payload = bytes.subarray(at, at + Math.min(present, bytes.length - at));
      const isHere = !isShown && span !== undefined && isInside(span, at, present, present < length);
      if (isHere && payload.length === present && present <= SHOWN_PAYLOAD) {
        const inside = { offset: span.offset - at, bytes: Math.min(span.bytes, at + present - span.offset) };
        lines.push(line(at, payload, `payload ${withMark(payload, inside)}`));
      } else {
        lines.push(line(at, payload, `payload ${cut(payload, present, isHere ? SHORT_BEGIN : SHOWN_BEGIN)}`));
        if (isHere) lines.push(...markLine(at));
      }
      isShown ||= isHere;
    }
    if (present < length) {
      const missing = `${counted(length - present, 'byte of the payload is', 'bytes of the payload are')} missing`;
      const isMarked = span?.bytes === 0 && span.offset === at + present;
      isShown ||= isMarked;
      lines.push(`  ${' '.repeat(6)}${isMarked ? `⟦${missing}⟧` : missing}`);
    }
    at += present;
  }
  if (!isShown) lines.push(...markLine(0));
  if (at < total) lines.push(`  ${' '.repeat(6)}${counted(total - at, 'more byte')}`);
  return lines;
}

/** Whether the span begins in these bytes. What is missing at their end counts too, unless they end too early. */
function isInside({ offset, bytes }: Span, from: number, length: number, isCut: boolean): boolean {
  return offset >= from && (offset < from + length || (offset === from + length && bytes === 0 && !isCut));
}

/** Bytes that continue a frame, as one line. */
export function annotateRest(bytes: Uint8Array): string {
  return line(0, bytes, `more    ${cut(bytes, bytes.length, SHOWN_BEGIN)}`).trimStart();
}

function overlaps({ offset, bytes }: Span, from: number, length: number): boolean {
  return offset < from + length && offset + bytes > from;
}

/** Most bytes of a payload that is shown whole. */
const SHOWN_PAYLOAD = 120;
/** Bytes that are shown at the beginning and at the end of a longer one; less above a line with its marked part. */
const SHOWN_BEGIN = 80;
const SHORT_BEGIN = 48;
const SHOWN_END = 24;

/** The payload, or its beginning and its end. Of a payload of which `payload` holds only a part, the end is unknown. */
function cut(payload: Uint8Array, present: number, limit: number): string {
  if (payload.length < present) return printableBytes(payload, limit);
  if (present <= SHOWN_PAYLOAD) return printableBytes(payload);
  const [begin, end] = [boundary(payload, limit), boundary(payload, present - SHOWN_END)];
  return `${printableBytes(payload.subarray(0, begin))} …${end - begin} bytes… ${printableBytes(payload.subarray(end))}`;
}

/** Bytes that are shown before and after the marked part, and of it. */
const CONTEXT = { before: 40, inside: 72, after: 24 };

/** The marked part with the bytes around it, from offset `begin` on; no line if a report does not hold them. */
function markedLine(name: Marked['name'], bytes: Uint8Array, span: SentSpan, begin: number): string[] {
  const { before, inside, after } = CONTEXT;
  const kept = span.around
    ? { offset: span.around.offset, bytes: Uint8Array.from(Buffer.from(span.around.hex, 'hex')) }
    : { offset: 0, bytes };
  const start = span.offset - kept.offset;
  if (start < 0 || start > kept.bytes.length) return [];
  const end = Math.min(start + span.bytes, kept.bytes.length);
  const first = Math.max(0, begin - kept.offset);
  const from = boundary(kept.bytes, Math.max(first, start - before));
  const to = Math.max(end, boundary(kept.bytes, end + after));
  const text = withMark(kept.bytes.subarray(from, to), { offset: start - from, bytes: span.bytes }, inside);
  const [left, right] = [from + kept.offset > begin ? '… ' : '', to < kept.bytes.length ? ' …' : ''];
  return [line(span.offset, kept.bytes.subarray(start, end), `${name.padEnd(7)} ${left}${text}${right}`)];
}

/** The text of the bytes with brackets around the span. The middle of a span that is longer than `limit` is left out. */
function withMark(bytes: Uint8Array, { offset, bytes: length }: Span, limit = SHOWN_PAYLOAD): string {
  const [before, after] = [bytes.subarray(0, offset), bytes.subarray(offset + length)];
  const inside = bytes.subarray(offset, offset + length);
  const middle =
    length <= limit
      ? printableBytes(inside) || 'missing'
      : `${printableBytes(inside.subarray(0, boundary(inside, Math.floor(limit / 2))))} …${length} bytes…`;
  return `${printableBytes(before)}⟦${middle}⟧${length <= limit ? printableBytes(after) : ''}`;
}

/** The offset, or a smaller one so that no character of UTF-8 is cut. */
function boundary(bytes: Uint8Array, at: number): number {
  let start = Math.min(at, bytes.length);
  while (start > 0 && at - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}

function line(offset: number, bytes: Uint8Array, meaning: string): string {
  const hex = Buffer.from(bytes.subarray(0, 8)).toString('hex').replace(/../g, '$& ').trimEnd();
  return `  ${offset.toString(16).padStart(6, '0')}  ${(hex + (bytes.length > 8 ? ' …' : '')).padEnd(26)} ${meaning}`;
}
