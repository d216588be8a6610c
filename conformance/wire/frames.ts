/** Frames in a stream of bytes: a header and as many payload bytes as it declares, at most the cap (F1, F2). */

import { type ResponseView, viewAsResponse } from '../payload/response-view.ts';
import { HEADER_BYTES, PAYLOAD_CAP } from '../scenario/bytes.ts';

export interface FrameHeader {
  readonly type: number;
  /** The declared length of the payload in bytes; it can exceed the cap. */
  readonly length: number;
}

export interface Frame {
  readonly type: number;
  /** A view of the stream. */
  readonly payload: Uint8Array;
  /** Present if `payload` is only the beginning: the size of the whole payload, which was read as it came. */
  readonly whole?: { readonly bytes: number; readonly response: ResponseView };
}

/** The number of bytes of the payload. */
export function payloadBytes({ payload, whole }: Frame): number {
  return whole?.bytes ?? payload.length;
}

const responses = new WeakMap<Frame, ResponseView>();

/** The payload as a SubmitResponse. Read once for each frame. */
export function responseOf(frame: Frame): ResponseView {
  const known = frame.whole?.response ?? responses.get(frame);
  if (known !== undefined) return known;
  const response = viewAsResponse(frame.payload);
  responses.set(frame, response);
  return response;
}

/** Where the complete frames of a stream end. */
export interface FrameExtent {
  /** Complete frames. */
  readonly count: number;
  /** Offset of the first byte after the last complete frame. */
  readonly end: number;
  /** What follows there: no byte, a header over the cap, which begins no frame, or the beginning of a frame. */
  readonly tail: 'none' | 'over-cap' | 'incomplete';
}

/** The header at offset `at`; undefined if fewer than 8 bytes are there. */
export function readHeader(bytes: Uint8Array, at = 0): FrameHeader | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  return { type: view.getUint32(0), length: view.getUint32(4) };
}

/** Finds the complete frames from offset `from` on, where a frame begins. Allocates nothing per frame. */
export function measureFrames(bytes: Uint8Array, from = 0): FrameExtent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  let end = from;
  while (end + HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(end + 4);
    if (length > PAYLOAD_CAP) return { count, end, tail: 'over-cap' };
    if (end + HEADER_BYTES + length > bytes.length) break;
    end += HEADER_BYTES + length;
    count += 1;
  }
  return { count, end, tail: end < bytes.length ? 'incomplete' : 'none' };
}

/** As `measureFrames`, with the frames themselves in order. */
export function readFrames(bytes: Uint8Array, from = 0): FrameExtent & { readonly frames: readonly Frame[] } {
  const extent = measureFrames(bytes, from);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Frame[] = [];
  for (let at = from; at < extent.end; ) {
    const end = at + HEADER_BYTES + view.getUint32(at + 4);
    frames.push({ type: view.getUint32(at), payload: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return { ...extent, frames };
}
