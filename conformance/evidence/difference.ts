/** What a scenario sends that its control does not: two streams of bytes in, a span of the first out. Pure. */

import { HEADER_BYTES, PAYLOAD_CAP } from '../scenario/bytes.ts';
import { readHeader } from '../wire/frames.ts';
import type { Span } from './span.ts';

/**
 * The part of `sent` that differs from `usual`; undefined if nothing differs. Frames are compared field by field, because a
 * longer payload also changes the length in the header. A span without bytes marks where something is missing.
 */
export function difference(sent: Uint8Array, usual: Uint8Array): Span | undefined {
  const [header, usualHeader] = [readHeader(sent), readHeader(usual)];
  if (header === undefined || usualHeader === undefined) return contiguous(sent, usual);
  const payload = contiguous(sent.subarray(HEADER_BYTES), usual.subarray(HEADER_BYTES));
  const hasType = header.type === usualHeader.type;
  const hasLength = header.length === usualHeader.length;
  if (payload === undefined) {
    if (hasType) return hasLength ? undefined : LENGTH;
    return hasLength ? TYPE : HEADER;
  }
  if (!hasType) return HEADER;
  const isLengthAtFault =
    header.length !== sent.length - HEADER_BYTES || header.length === 0 || header.length > PAYLOAD_CAP;
  if (isLengthAtFault && !hasLength) return LENGTH;
  return { ...payload, offset: HEADER_BYTES + payload.offset };
}

const HEADER: Span = { offset: 0, bytes: HEADER_BYTES };
const TYPE: Span = { offset: 0, bytes: 4 };
const LENGTH: Span = { offset: 4, bytes: 4 };

/** What is left of `sent` without the beginning and the end that both have in common. */
function contiguous(sent: Uint8Array, usual: Uint8Array): Span | undefined {
  const shorter = Math.min(sent.length, usual.length);
  let start = 0;
  while (start < shorter && sent[start] === usual[start]) start += 1;
  if (start === shorter && sent.length === usual.length) return undefined;
  // One continues where the other one ends.
  if (start === shorter) return { offset: start, bytes: sent.length - start };
  let [end, usualEnd] = [sent.length, usual.length];
  while (end > start && usualEnd > start && sent[end - 1] === usual[usualEnd - 1]) {
    end -= 1;
    usualEnd -= 1;
  }
  if (end === start) return { offset: start - slide(usual, start, usualEnd), bytes: 0 };
  if (usualEnd === start) {
    const slid = slide(sent, start, end);
    return wholeCharacters(sent, start - slid, end - slid);
  }
  return wholeCharacters(sent, tokenStart(sent, start), tokenEnd(sent, end));
}

const OPENING = [...Buffer.from('{[')];
const COMMA = 0x2c;
const FARTHEST_SLIDE = 64;
const DELIMITERS = [...Buffer.from('"{}[],: \t\r\n')];

/**
 * How many bytes to the left an insertion can be read as well so that it is a whole member: `{"task_` + `id":1,"task_` is
 * also `{` + `"task_id":1,`. 0 if there is no such place.
 */
function slide(bytes: Uint8Array, start: number, end: number): number {
  for (let by = 0; by <= Math.min(start, FARTHEST_SLIDE); by += 1) {
    if (OPENING.includes(bytes[start - by - 1] ?? 0) || bytes[start - by] === COMMA) return by;
    if (bytes[start - by - 1] !== bytes[end - by - 1]) return 0;
  }
  return 0;
}

/** The beginning of the JSON token that holds the byte at `at`. */
function tokenStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && !DELIMITERS.includes(bytes[start - 1] ?? 0)) start -= 1;
  return start;
}

/** The end of the JSON token that ends at or after `at`. */
function tokenEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && !DELIMITERS.includes(bytes[end] ?? 0)) end += 1;
  return end;
}

/** The span from `start` to `end`, widened so that it cuts no character of UTF-8. */
function wholeCharacters(bytes: Uint8Array, start: number, end: number): Span {
  let [from, to] = [start, end];
  while (from > 0 && start - from < 3 && isContinuation(bytes[from])) from -= 1;
  if ((bytes[from] ?? 0) < 0xc0) from = start;
  while (to < bytes.length && to - end < 3 && isContinuation(bytes[to])) to += 1;
  return { offset: from, bytes: to - from };
}

function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}
