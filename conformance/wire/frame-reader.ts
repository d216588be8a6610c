/**
 * Reads the frames of a stream as the bytes come. What it keeps is bounded, whatever the stream holds: the beginning of each
 * payload, and the fields of a SubmitResponse.
 */

import { ResponseReader } from '../payload/response-view.ts';
import { HEADER_BYTES, PAYLOAD_CAP } from '../scenario/bytes.ts';
import { type Frame, readFrames, readHeader } from './frames.ts';

/** What a stream holds so far. */
export interface FramesRead {
  /** The complete frames, in order. */
  readonly frames: readonly Frame[];
  /** Bytes after the last complete frame. */
  readonly restBytes: number;
}

/** Reads a stream that is kept as a whole. */
export function readStream(bytes: Uint8Array): FramesRead {
  const { frames, end } = readFrames(bytes);
  return { frames, restBytes: bytes.length - end };
}

/** Most frames that are kept; more are only counted. */
const KEPT_FRAMES = 128;
/** Of the first frames, more is kept than of the others: bytes of the payload, UTF-16 units of each field. */
const FIRST = { frames: 4, bytes: 4096, units: 4096 };
const LATER = { bytes: 128, units: 128 };

/** A frame of which the header is complete. */
interface Begun {
  readonly type: number;
  readonly bytes: number;
  readonly kept: Uint8Array[];
  readonly mostKept: number;
  readonly reader: ResponseReader;
  /** Bytes of the payload so far. */
  came: number;
}

export class FrameReader implements FramesRead {
  readonly frames: Frame[] = [];
  /** Complete frames, also those that are not kept. */
  count = 0;
  restBytes = 0;
  #header = Buffer.alloc(0);
  #begun: Begun | undefined;
  #isOverCap = false;

  /** Reads the next bytes. The caller may reuse them afterwards. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#isOverCap)
      at += this.#begun ? this.#payload(this.#begun, bytes.subarray(at)) : this.#head(bytes.subarray(at));
    this.restBytes += bytes.length - at;
  }

  /** Reads a part of a header. Returns the number of bytes taken. */
  #head(bytes: Uint8Array): number {
    const part = bytes.subarray(0, HEADER_BYTES - this.#header.length);
    this.#header = Buffer.concat([this.#header, part]);
    this.restBytes += part.length;
    const header = readHeader(this.#header);
    if (header === undefined) return part.length;
    this.#header = Buffer.alloc(0);
    this.#isOverCap = header.length > PAYLOAD_CAP;
    const { bytes: mostKept, units } = this.count < FIRST.frames ? FIRST : LATER;
    const reader = new ResponseReader(units);
    const { type, length } = header;
    if (length === 0) this.#end({ type, bytes: 0, kept: [], mostKept, reader, came: 0 });
    else if (!this.#isOverCap) this.#begun = { type, bytes: length, kept: [], mostKept, reader, came: 0 };
    return part.length;
  }

  /** Reads a part of a payload. Returns the number of bytes taken. */
  #payload(begun: Begun, bytes: Uint8Array): number {
    const part = bytes.subarray(0, begun.bytes - begun.came);
    if (begun.came < begun.mostKept)
      begun.kept.push(Uint8Array.from(part.subarray(0, begun.mostKept - begun.came)));
    begun.came += part.length;
    this.restBytes += part.length;
    if (this.count < KEPT_FRAMES) begun.reader.push(part);
    if (begun.came === begun.bytes) this.#end(begun);
    return part.length;
  }

  #end({ type, bytes, kept, reader }: Begun): void {
    this.#begun = undefined;
    this.count += 1;
    this.restBytes = 0;
    if (this.count > KEPT_FRAMES) return;
    const payload = Buffer.concat(kept);
    const isWhole = payload.length === bytes;
    this.frames.push({ type, payload, ...(!isWhole && { whole: { bytes, response: reader.end() } }) });
  }
}
