/**
 * The stream of one side, read into frames as the bytes come. What is kept is bounded, whatever the stream holds: the
 * beginning of the present payload, and its fields.
 */

import { ObjectReader, type ObjectReading } from '../payload/object-reader.ts';
import { HEADER_BYTES, PAYLOAD_CAP, TYPE_NAMES } from '../scenario/bytes.ts';
import { type FrameHeader, readHeader } from '../wire/frames.ts';
import { ReceiveBuffer } from '../wire/receive-buffer.ts';
import { KEPT_PAYLOAD_BYTES, type Side, type TrafficFrame } from './conversation.ts';

/** The fields of all messages. */
const NAMES: ReadonlySet<string> = new Set([
  ...['task_id', 'task_description', 'from_addr', 'to_addr', 'status', 'message', 'justification'],
  ...['result_type', 'result_text', 'filename', 'file_data', 'completed_at'],
  ...['time_idle_ms', 'time_staged_ms', 'time_cpu_ms'],
]);
/** Most UTF-16 units of a string that are kept: more than the bounds of all strings but those of results. */
const KEPT_UNITS = 20 * 1024;

/** What follows the last complete frame: no byte, a header over the cap (F2), or the beginning of a frame (F4). */
export type Tail =
  | { readonly kind: 'none' }
  | { readonly kind: 'over-cap'; readonly header: FrameHeader; readonly headerBytes: Uint8Array }
  | {
      readonly kind: 'incomplete';
      /** Bytes of the header and the payload that came. */
      readonly bytes: number;
      /** Absent when the header is incomplete. */
      readonly header?: FrameHeader;
      /** What came of the payload, read as if it were all. Absent without a header, and for a type that is unknown. */
      readonly object?: ObjectReading;
    };

/** A frame of which the header is complete. */
interface Begun {
  readonly header: FrameHeader;
  readonly payload: ReceiveBuffer;
  readonly object: ObjectReader | undefined;
  came: number;
}

export class FrameStream {
  readonly #from: Side;
  #header: Buffer = Buffer.alloc(0);
  #begun: Begun | undefined;
  #beganMs = 0;
  #overCap: Extract<Tail, { kind: 'over-cap' }> | undefined;
  /** Complete frames. */
  count = 0;
  /** Bytes of the stream. */
  total = 0;
  /** Where the present frame begins. */
  #offset = 0;

  constructor(from: Side) {
    this.#from = from;
  }

  /** Whether a header over the cap has come: what follows is not read. */
  get isOverCap(): boolean {
    return this.#overCap !== undefined;
  }

  /** The bytes of a frame that is not complete; 0 after a complete one. */
  get restBytes(): number {
    return this.total - this.#offset;
  }

  /** Reads what follows the last complete frame. Ends the reading: no bytes may be pushed afterwards. */
  tail(): Tail {
    if (this.#overCap) return this.#overCap;
    if (this.restBytes === 0) return { kind: 'none' };
    const object = this.#begun?.object?.end();
    return {
      ...{ kind: 'incomplete', bytes: this.restBytes },
      ...(this.#begun && { header: this.#begun.header }),
      ...(object && { object }),
    };
  }

  /** The frames that the bytes complete. The caller may reuse the bytes afterwards. */
  push(bytes: Uint8Array, atMs: number): readonly TrafficFrame[] {
    const frames: TrafficFrame[] = [];
    this.total += bytes.length;
    for (let at = 0; at < bytes.length && !this.#overCap; ) {
      if (this.#begun === undefined) {
        if (this.#header.length === 0) this.#beganMs = atMs;
        at += this.#head(bytes.subarray(at));
      }
      if (this.#begun === undefined) continue;
      at += this.#payload(this.#begun, bytes.subarray(at));
      if (this.#begun.came === this.#begun.header.length) frames.push(this.#end(this.#begun, atMs));
    }
    return frames;
  }

  /** Reads a part of a header. Returns the number of bytes taken. */
  #head(bytes: Uint8Array): number {
    const part = bytes.subarray(0, HEADER_BYTES - this.#header.length);
    this.#header = Buffer.concat([this.#header, part]);
    const header = readHeader(this.#header);
    if (header === undefined) return part.length;
    if (header.length > PAYLOAD_CAP) this.#overCap = { kind: 'over-cap', header, headerBytes: this.#header };
    else {
      const isKnown = TYPE_NAMES[header.type] !== undefined;
      const object = isKnown ? new ObjectReader({ names: NAMES, units: KEPT_UNITS }) : undefined;
      this.#begun = { header, payload: new ReceiveBuffer(), object, came: 0 };
    }
    this.#header = Buffer.alloc(0);
    return part.length;
  }

  /** Reads a part of a payload. Returns the number of bytes taken. */
  #payload(begun: Begun, bytes: Uint8Array): number {
    const part = bytes.subarray(0, begun.header.length - begun.came);
    const room = KEPT_PAYLOAD_BYTES - begun.payload.length;
    if (room > 0 && part.length > 0) begun.payload.append(Buffer.from(part.subarray(0, room)));
    begun.object?.push(part);
    begun.came += part.length;
    return part.length;
  }

  #end({ header, payload, object }: Begun, atMs: number): TrafficFrame {
    const offset = this.#offset;
    this.#begun = undefined;
    this.count += 1;
    this.#offset += HEADER_BYTES + header.length;
    return {
      ...{ from: this.#from, index: this.count, offset, ...header, payload: payload.bytes },
      ...(object && { object: object.end() }),
      ...{ beganMs: this.#beganMs, endedMs: atMs },
    };
  }
}
