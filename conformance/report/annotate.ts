/**
 * A transcript as lines for people: the events of the connection, then the bytes of each direction, field by field. The
 * bytes of a direction are decoded as one stream, because the segments do not show where frames begin.
 */

import { HEADER_BYTES, PAYLOAD_CAP, TYPE_NAMES } from '../scenario/bytes.ts';
import { printable, printableBytes } from '../util/printable.ts';
import { readHeader } from '../wire/frames.ts';
import type { TranscriptEntry } from '../wire/transcript.ts';
import type { Marks, SentSpan, Span } from './span.ts';

/** Frames that are shown in each direction. */
const SHOWN_FRAMES = 3;
const INDENT = ' '.repeat(12);

/**
 * An entry of a transcript, or of a report. A report keeps only the first `bytes` of the `total` bytes that were
 * received, in `pieces` reads.
 */
export type Shown =
  | Exclude<TranscriptEntry, { readonly kind: 'received' }>
  | (Extract<TranscriptEntry, { readonly kind: 'received' }> & {
      readonly total?: number;
      readonly pieces?: number;
    });

/**
 * The transcript as lines without colours or line ends. `→` marks what the kit did, `←` what the target did. Everything
 * that the target sent is escaped and cut to a bounded length. What the marks name is in ⟦brackets⟧. Empty for an empty
 * transcript.
 */
export function annotate(transcript: readonly Shown[], marks: Marks = {}): string[] {
  const sent = transcript.filter((entry) => entry.kind === 'sent');
  // Only the beginning of a long send is kept. The offsets of later sends are therefore unknown.
  const cut = sent.findIndex(({ head, total }) => head.length < total);
  const known = cut < 0 ? sent : sent.slice(0, cut + 1);
  const received = transcript.filter((entry) => entry.kind === 'received');
  const gap = received.findIndex(({ bytes, total }) => bytes.length < (total ?? bytes.length));
  const kept = gap < 0 ? received : received.slice(0, gap + 1);
  return [
    ...annotateEvents(transcript),
    ...annotateStream(
      '→ sent in total',
      Buffer.concat(known.map(({ head, total }) => head.subarray(0, total))),
      sent.reduce((sum, { total }) => sum + total, 0),
      { name: 'differs', span: marks.sent },
    ),
    ...annotateStream(
      '← received in total',
      Buffer.concat(kept.map(({ bytes }) => bytes)),
      received.reduce((sum, { bytes, total = bytes.length }) => sum + total, 0),
      { name: 'fault', span: marks.received },
    ),
  ];
}

/** One line per event. Consecutive reads are one event, because a target can send any number of pieces. */
function annotateEvents(transcript: readonly Shown[]): string[] {
  const events: { readonly first: Shown; bytes: number; pieces: number }[] = [];
  for (const entry of transcript) {
    const last = events.at(-1);
    const { total: bytes, pieces } = entry.kind === 'received' ? sizeOf(entry) : { total: 0, pieces: 1 };
    if (last && entry.kind === 'received' && last.first.kind === 'received') {
      last.bytes += bytes;
      last.pieces += pieces;
    } else {
      events.push({ first: entry, bytes, pieces });
    }
  }
  return events.map(({ first, bytes, pieces }) => {
    const what =
      first.kind === 'received' ? `← received ${bytes} bytes${inPieces(pieces)}` : describeEntry(first);
    return `${first.atMs.toFixed(1).padStart(8)} ms ${what}`;
  });
}

function sizeOf({ bytes, total = bytes.length, pieces = 1 }: Extract<Shown, { kind: 'received' }>) {
  return { total, pieces };
}

function describeEntry(entry: Exclude<TranscriptEntry, { kind: 'received' }>): string {
  switch (entry.kind) {
    case 'connected':
      return '→ connected';
    case 'connect-failed':
      return `← no connection: ${printable(entry.code)}`;
    case 'sent': {
      const short = entry.total < entry.asked ? ` of ${entry.asked}: the target accepted no more` : '';
      return `→ sent ${entry.total} bytes${inPieces(entry.segments)}${short}`;
    }
    case 'sent-reset':
      return '→ reset the connection';
    case 'sent-fin':
      return '→ sent FIN, still reading';
    case 'fin':
      return '← FIN: the target closed the connection';
    case 'reset':
      return `← reset: ${printable(entry.code)}`;
    case 'quiet':
      return `  silence for ${entry.ms} ms, the connection is open`;
    case 'deadline':
      return `  stopped waiting after ${Math.round(entry.ms)} ms, the connection is open`;
    case 'flood':
      return `← more than ${entry.keptBytes} bytes: stopped reading`;
    case 'aborted':
      return '  interrupted';
  }
}

function inPieces(count: number): string {
  return count > 1 ? ` in ${count} pieces` : '';
}

/** What a report says about the marked part of a direction. */
interface Marked {
  /** The name of the line that shows it. */
  readonly name: 'differs' | 'fault';
  readonly span: SentSpan | undefined;
}

/** The bytes of one direction; no line when there are none. */
function annotateStream(title: string, bytes: Uint8Array, total: number, marked: Marked): string[] {
  if (total === 0) return [];
  return [`${title}: ${total} bytes`, ...annotateFrames(bytes, total, marked)].map((line) => INDENT + line);
}

/** The bytes as frames, one line per field: offset, hex, meaning. `total` counts bytes that are not in `bytes` too. */
function annotateFrames(bytes: Uint8Array, total: number, { name, span }: Marked): string[] {
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
      const missing = `${length - present} bytes of the payload are missing`;
      const isMarked = span?.bytes === 0 && span.offset === at + present;
      isShown ||= isMarked;
      lines.push(`  ${' '.repeat(6)}${isMarked ? `⟦${missing}⟧` : missing}`);
    }
    at += present;
  }
  if (!isShown) lines.push(...markLine(0));
  if (at < total) lines.push(`  ${' '.repeat(6)}${total - at} more bytes`);
  return lines;
}

/** Whether the span begins in these bytes. What is missing at their end counts too, unless they end too early. */
function isInside({ offset, bytes }: Span, from: number, length: number, isCut: boolean): boolean {
  return offset >= from && (offset < from + length || (offset === from + length && bytes === 0 && !isCut));
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
