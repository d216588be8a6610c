/**
 * Splits bytes into frames, and each frame into parts with findings. Unlike a receiver it continues after an illegal frame,
 * as long as the start of the next frame is known.
 *
 * bytes → header (F1, F2, F6) → payload, as far as it is present (F4) → message.ts → Dissected → dump.ts
 */

import { counted } from '../../conformance/util/counted.ts';
import { printableBytes } from '../../conformance/util/printable.ts';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, TYPE_RESULT, typeName } from '../../reference/index.ts';
import { type Finding, note, violation } from './content.ts';
import { dissectMessage } from './message.ts';
import { recogniseOpening } from './openings.ts';
import type { Part } from './part.ts';
import { MESSAGES } from './table.ts';

export interface Dissected {
  /** Counts from 1. */
  readonly index: number;
  /** Position of the header in the whole input, in bytes. */
  readonly offset: number;
  /** Absent when the header is incomplete. */
  readonly header?: { readonly type: number; readonly length: number };
  /** Bytes of the payload that the input holds. */
  readonly present: number;
  /** What the bytes seem to be instead of a frame. */
  readonly opening?: string;
  /** Name of the message that the payload is read as. */
  readonly message?: string;
  /** Whether the payload is in the canonical encoding (M12). Absent unless the message is legal. */
  readonly isCanonical?: boolean;
  readonly parts: readonly Part[];
  /** Number of members of the payload that are not in `parts`. */
  readonly hidden: number;
  /** Bytes after the header that cannot be split into frames. */
  readonly unread: number;
}

/** Whether no part of the frame has a violation. */
export function isLegal({ parts }: Dissected): boolean {
  return violationsOf(parts).length === 0;
}

export function violationsOf(parts: readonly Part[]): Finding[] {
  return parts.flatMap(({ findings }) => findings).filter(({ kind }) => kind === 'violation');
}

/** Yields at least one frame, unless the input is empty. */
export function* dissect(input: Uint8Array): Generator<Dissected> {
  for (let offset = 0, index = 1; offset < input.length; index += 1) {
    const frame = { index, ...dissectFrame(input, offset) };
    yield frame;
    offset += HEADER_BYTES + frame.present + frame.unread;
  }
}

function dissectFrame(input: Uint8Array, offset: number): Omit<Dissected, 'index'> {
  const bytes = Buffer.from(input.buffer, input.byteOffset + offset, input.length - offset);
  const present = bytes.length - HEADER_BYTES;
  if (present < 0) {
    const finding = violation('F4', `the input ends inside the header, ${bytesOf(-present)} short`);
    const type = bytes.length < 4 ? '' : `: type ${nameOf(bytes.readUInt32BE(0))}, and an incomplete length`;
    const meaning = `${bytes.length} of the ${HEADER_BYTES} bytes of a header${type}`;
    const part = framePart(offset, bytes, 'header', meaning, [finding]);
    return { offset, present: 0, ...openingOf(bytes), parts: [part], hidden: 0, unread: 0 };
  }
  const header = { type: bytes.readUInt32BE(0), length: bytes.readUInt32BE(4) };
  const { type, length } = header;
  const typePart = framePart(offset, bytes.subarray(0, 4), 'type', nameOf(type), judgeType(bytes));
  const lengthFindings = judgeLength(bytes);
  const there = `${length}, ${present < length ? `of which ${present} are present` : 'all present'}`;
  const lengthPart = framePart(offset + 4, bytes.subarray(4, HEADER_BYTES), 'length', there, lengthFindings);
  const isReadable = present >= length && length <= MAX_PAYLOAD_BYTES;
  const common = { offset, header, ...(isReadable ? {} : openingOf(bytes)) };
  if (length > MAX_PAYLOAD_BYTES) {
    return { ...common, present: 0, parts: [typePart, lengthPart], hidden: 0, unread: present };
  }
  const payload = bytes.subarray(HEADER_BYTES, HEADER_BYTES + length);
  const { parts, ...rest } = dissectPayload(header, payload, offset + HEADER_BYTES);
  return { ...common, present: payload.length, unread: 0, ...rest, parts: [typePart, lengthPart, ...parts] };
}

function dissectPayload(
  { type, length }: { type: number; length: number },
  payload: Buffer,
  offset: number,
): Pick<Dissected, 'message' | 'isCanonical' | 'parts' | 'hidden'> {
  const dissected = dissectMessage(type, payload, { offset, isWhole: payload.length === length });
  if (dissected === undefined) {
    return {
      parts: [framePart(offset, payload, 'payload', printableBytes(payload, 72) || 'empty')],
      hidden: 0,
    };
  }
  const { row, because, parts, ...rest } = dissected;
  const ofType2 = row.type === type ? [] : [note('S1', 'a response should have type 1')];
  const part = framePart(offset, payload, 'payload', row.name + because, ofType2);
  return { message: row.name, ...rest, parts: [part, ...parts] };
}

function judgeType(header: Buffer): Finding[] {
  const type = header.readUInt32BE(0);
  if (type === TYPE_RESULT)
    return [note('F7', 'only a client accepts it; a server closes the connection without an answer')];
  if (isKnown(type)) return [];
  const swapped = header.readUInt32LE(0);
  if (isKnown(swapped)) {
    const text = `in little-endian order it is ${swapped} ${typeName(swapped)}; a header is big-endian`;
    return [violation('F1', text)];
  }
  const isTruncation = isKnown(type & 0xff);
  return [
    isTruncation
      ? violation('F6', `unknown type: all 32 bits count, not only the last 8, which are ${type & 0xff}`)
      : violation('F7', 'unknown type; the types are 1 to 4'),
  ];
}

function nameOf(type: number): string {
  return isKnown(type) ? `${type} ${typeName(type)}` : typeName(type);
}

function isKnown(type: number): boolean {
  return MESSAGES.some((row) => row.type === type);
}

/** Compares the declared length with the cap and with the bytes that are present. */
function judgeLength(bytes: Buffer): Finding[] {
  const length = bytes.readUInt32BE(4);
  const missing = length - (bytes.length - HEADER_BYTES);
  if (length > MAX_PAYLOAD_BYTES) return [violation('F2', overCap(bytes))];
  if (missing <= 0) return [];
  return [violation('F4', `the input ends inside the payload, ${bytesOf(missing)} short`)];
}

/** For bytes that cannot be read as a frame. */
function openingOf(bytes: Uint8Array): { opening?: string } {
  const opening = recogniseOpening(bytes);
  return opening === undefined ? {} : { opening };
}

function overCap(header: Buffer): string {
  const swapped = header.readUInt32LE(4);
  const hint =
    swapped <= MAX_PAYLOAD_BYTES
      ? `; in little-endian order it is ${swapped}, and a header is big-endian (F1)`
      : '';
  return `over the cap of ${MAX_PAYLOAD_BYTES}; a receiver closes the connection without reading the payload${hint}`;
}

function bytesOf(count: number): string {
  return counted(count, 'byte');
}

function framePart(
  offset: number,
  bytes: Uint8Array,
  label: string,
  meaning: string,
  findings: Finding[] = [],
): Part {
  return { offset, bytes, isMember: false, label, meaning, findings };
}
