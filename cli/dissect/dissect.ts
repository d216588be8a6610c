/**
 * Bytes → frames in a row, each part by part with what the protocol says of it. Unlike a receiver it goes on behind a
 * frame that breaks a rule, as long as it is plain where the next one begins.
 *
 * bytes → header (F1, F2, F6) → payload, as far as it is there (F4) → message.ts → Dissected → dump.ts
 */

import { printableBytes } from '../../conformance/util/printable.ts';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, TYPE_RESULT, typeName } from '../../reference/index.ts';
import { type Finding, note, violation } from './content.ts';
import { dissectMessage } from './message.ts';
import { recogniseOpening } from './openings.ts';
import type { Part } from './part.ts';
import { MESSAGES } from './table.ts';

export interface Dissected {
  /** From 1. */
  readonly index: number;
  /** Of the header, in the whole input. */
  readonly offset: number;
  /** Absent when the header is not all there. */
  readonly header?: { readonly type: number; readonly length: number };
  /** Bytes of the payload that are there. */
  readonly present: number;
  /** What the bytes are instead of a frame, when they begin like that. */
  readonly opening?: string;
  /** The message that the payload was taken for. */
  readonly message?: string;
  /** Whether the payload is as a canonical encoder writes it (M12); absent unless the message is legal. */
  readonly isCanonical?: boolean;
  readonly parts: readonly Part[];
  /** Members of the payload that are not among the parts. */
  readonly hidden: number;
  /** Bytes behind the frame that cannot be told apart into frames any more. */
  readonly unread: number;
}

/** Nothing in the frame breaks a rule. */
export function isLegal({ parts }: Dissected): boolean {
  return violationsOf(parts).length === 0;
}

export function violationsOf(parts: readonly Part[]): Finding[] {
  return parts.flatMap(({ findings }) => findings).filter(({ kind }) => kind === 'violation');
}

/** Yields at least one frame unless there are no bytes. */
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
    const type = bytes.length < 4 ? '' : `: type ${nameOf(bytes.readUInt32BE(0))}, and no whole length`;
    const meaning = `${bytes.length} of the ${HEADER_BYTES} bytes of a header${type}`;
    const part = framePart(offset, bytes, 'header', meaning, [finding]);
    return { offset, present: 0, ...openingOf(bytes), parts: [part], hidden: 0, unread: 0 };
  }
  const header = { type: bytes.readUInt32BE(0), length: bytes.readUInt32BE(4) };
  const { type, length } = header;
  const typePart = framePart(offset, bytes.subarray(0, 4), 'type', nameOf(type), judgeType(bytes));
  const lengthFindings = judgeLength(bytes);
  const there = `${length}, ${present < length ? `of which ${present} are here` : 'all here'}`;
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
  if (type === TYPE_RESULT) return [note('F7', 'for a client; a server closes without an answer')];
  if (isKnown(type)) return [];
  const swapped = header.readUInt32LE(0);
  if (isKnown(swapped)) {
    const text = `little-endian it would be ${swapped} ${typeName(swapped)}; the header is big-endian`;
    return [violation('F1', text)];
  }
  const isTruncation = isKnown(type & 0xff);
  return [
    isTruncation
      ? violation('F6', `no such type: all 32 bits count, not only the last 8, which are ${type & 0xff}`)
      : violation('F7', 'no such type; the types are 1 to 4'),
  ];
}

function nameOf(type: number): string {
  return isKnown(type) ? `${type} ${typeName(type)}` : typeName(type);
}

function isKnown(type: number): boolean {
  return MESSAGES.some((row) => row.type === type);
}

/** The length as declared, against the cap and against the bytes that there are. */
function judgeLength(bytes: Buffer): Finding[] {
  const length = bytes.readUInt32BE(4);
  const missing = length - (bytes.length - HEADER_BYTES);
  if (length > MAX_PAYLOAD_BYTES) return [violation('F2', overCap(bytes))];
  if (missing <= 0) return [];
  return [violation('F4', `the input ends inside the payload, ${bytesOf(missing)} short`)];
}

/** For a frame that cannot be read as one. */
function openingOf(bytes: Uint8Array): { opening?: string } {
  const opening = recogniseOpening(bytes);
  return opening === undefined ? {} : { opening };
}

function overCap(header: Buffer): string {
  const swapped = header.readUInt32LE(4);
  const hint =
    swapped <= MAX_PAYLOAD_BYTES
      ? `; little-endian it would be ${swapped}, the header is big-endian (F1)`
      : '';
  return `over the cap of ${MAX_PAYLOAD_BYTES} (16 MiB); a receiver closes without reading the payload${hint}`;
}

function bytesOf(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
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
