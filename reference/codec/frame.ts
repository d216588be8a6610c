/**
 * Bytes ⇄ Frame. A frame is `[type: u32][length: u32][payload: length bytes]`, both integers big-endian (F1).
 *
 * Reading: chunk → `FrameDecoder.push` → one buffer → `next()` → Frame. Writing: Frame → `encodeFrame` → bytes.
 * Neither knows a socket. `readFrame` and `writeFrame` are the same for one frame of a Node stream.
 */
import { finished, type Readable, type Writable } from 'node:stream';
import {
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  TYPE_RESULT,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
} from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { Slab } from './slab.ts';

/** A typed payload. Any u32 is a frame type, known or not (F6), and a payload may be empty (F8). */
export interface Frame {
  /** An unsigned 32-bit integer. */
  readonly type: number;
  readonly payload: Uint8Array;
}

const EMPTY = Buffer.alloc(0);

/** The memory of encoded frames. */
const slab = new Slab();

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE_SUBMIT, 'SUBMIT'],
  [TYPE_RESULT, 'RESULT'],
  [TYPE_STATUS_UPDATE, 'STATUS_UPDATE'],
  [TYPE_SEND_RESULTS, 'SEND_RESULTS'],
]);

/** 'SUBMIT', 'RESULT', 'STATUS_UPDATE' or 'SEND_RESULTS'; any other type is 'UNKNOWN(n)', in decimal (F6). */
export function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `UNKNOWN(${type})`;
}

/**
 * The bytes of a frame, header first. Throws a ProtocolError 'frame-too-large' when the payload is over
 * MAX_PAYLOAD_BYTES (F9) and a RangeError when the type is no unsigned 32-bit integer.
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const { type, payload } = frame;
  if (type >>> 0 !== type) throw new RangeError(`a frame type is an unsigned 32-bit integer, not ${type}`);
  if (payload.byteLength > MAX_PAYLOAD_BYTES) throw tooLarge(payload.byteLength, 'F9');
  const bytes = slab.allocate(HEADER_BYTES + payload.byteLength);
  writeUint32(bytes, 0, type);
  writeUint32(bytes, 4, payload.byteLength);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Big-endian. */
function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/**
 * Takes a stream apart, whatever its segmentation (F3). Push what arrives, then take frames until there are none:
 *
 *     decoder.push(chunk);
 *     for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) handle(frame);
 *
 * Memory grows with the bytes that have arrived, at most twofold, and never with a declared length (F5). Payloads
 * are not copied once they are complete: one whose bytes all arrived in a chunk that was pushed while nothing was
 * pending is a view of that very chunk, so a pushed chunk belongs to the decoder and must not be modified any more.
 */
export class FrameDecoder {
  /** Holds the pending bytes at `#start` to `#end`. Bytes below `#start` may be in use by payloads handed out. */
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether the room behind `#end` is ours to write to; that of a pushed chunk is not. */
  #owned = false;
  #fault: ProtocolError | undefined;

  /** Appends what has arrived. Once the stream is known to be broken it is ignored. */
  push(chunk: Uint8Array): void {
    if (this.#fault !== undefined || chunk.byteLength === 0) return;
    if (this.pendingBytes === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#start = 0;
      this.#end = chunk.byteLength;
      this.#owned = false;
      return;
    }
    if (!this.#owned || this.#end + chunk.byteLength > this.#bytes.byteLength) this.#grow(chunk.byteLength);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.byteLength;
  }

  /**
   * The next complete frame, or undefined when that takes more bytes. Throws a ProtocolError 'frame-too-large' as
   * soon as a header declares more than MAX_PAYLOAD_BYTES (F2), and again on each later call.
   */
  next(): Frame | undefined {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.pendingBytes < HEADER_BYTES) return undefined;
    const length = this.#declaredLength();
    if (length > MAX_PAYLOAD_BYTES) {
      this.#fault = tooLarge(length, 'F2');
      throw this.#fault;
    }
    const payloadStart = this.#start + HEADER_BYTES;
    if (this.#end - payloadStart < length) return undefined;
    const frame = {
      type: this.#bytes.readUInt32BE(this.#start),
      payload: asUint8Array(this.#bytes, payloadStart, length),
    };
    this.#start = payloadStart + length;
    if (this.#start === this.#end) this.#bytes = EMPTY;
    return frame;
  }

  /**
   * The stream has ended. Call it once `next()` has given undefined: throws a ProtocolError 'frame-truncated' when
   * that leaves the stream inside a header or a payload (F4), and what `next()` threw if it did.
   */
  end(): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.pendingBytes === 0) return;
    const expected = this.pendingBytes < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + this.#declaredLength();
    this.#fault = new ProtocolError(
      'frame-truncated',
      'F4',
      `the stream ended ${this.pendingBytes} bytes into a frame of at least ${expected}`,
    );
    throw this.#fault;
  }

  /** Bytes that were pushed and that no frame has taken yet. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Moves the pending bytes to a buffer with room for `more`. */
  #grow(more: number): void {
    const needed = this.pendingBytes + more;
    let capacity = 2 * needed;
    if (this.pendingBytes >= HEADER_BYTES) {
      // A frame that is still incomplete never needs more than its own size: 16 MiB are held in 16 MiB, not 32.
      const whole = HEADER_BYTES + this.#declaredLength();
      if (needed <= whole) capacity = Math.min(capacity, whole);
    }
    const bytes = Buffer.from(new ArrayBuffer(capacity));
    this.#bytes.copy(bytes, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = bytes;
    this.#owned = true;
  }

  #declaredLength(): number {
    return this.#bytes.readUInt32BE(this.#start + 4);
  }
}

/**
 * Writes one frame. Resolves as `writeBytes` does. Rejects before the first byte as `encodeFrame` throws (F9), and with
 * the stream's error when the stream breaks; the stream also emits that as 'error'.
 */
export async function writeFrame(stream: Writable, frame: Frame): Promise<void> {
  await writeBytes(stream, encodeFrame(frame));
}

/**
 * Writes bytes. Resolves once the stream has passed all of them on, so a caller that awaits it needs no other
 * backpressure. Rejects with the error that broke the stream. Leaves no listener on the stream.
 */
export function writeBytes(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      stream.off('close', onClose);
      // The callback may report only that the write was cut off; `errored` is the reason.
      if (error) reject(stream.errored ?? error);
      else resolve();
    };
    // A stream that is destroyed during the write may never call back.
    const onClose = () => settle(new Error('the stream was closed during a write'));
    stream.once('close', onClose);
    stream.write(bytes, settle);
  });
}

/**
 * Reads one frame; resolves to undefined when the stream ends before its first byte. What follows the frame goes
 * back into the stream. Rejects with a ProtocolError 'frame-too-large' (F2) or 'frame-truncated' (F4), with an
 * AbortError when the signal fires, and with the stream's own error when that breaks. What a rejected call has read
 * is lost, so destroy the stream. One reader at a time.
 */
export function readFrame(
  stream: Readable,
  options: { signal?: AbortSignal } = {},
): Promise<Frame | undefined> {
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder();
    const settle = (error: unknown, frame?: Frame) => {
      stream.off('readable', onReadable);
      stopWatching();
      if (error) reject(error);
      else resolve(frame);
    };
    const onReadable = () => {
      try {
        const frame = takeFrame(stream, decoder);
        if (frame !== undefined) settle(undefined, frame);
      } catch (error) {
        settle(error);
      }
    };
    const stopWatching = finished(stream, { ...options, writable: false }, (error) => {
      try {
        if (!error) decoder.end();
        settle(error);
      } catch (truncated) {
        settle(truncated);
      }
    });
    stream.on('readable', onReadable);
  });
}

function takeFrame(stream: Readable, decoder: FrameDecoder): Frame | undefined {
  for (let chunk: Uint8Array | null = stream.read(); chunk !== null; chunk = stream.read()) {
    decoder.push(chunk);
    const frame = decoder.next();
    if (frame === undefined) continue;
    if (decoder.pendingBytes > 0) stream.unshift(chunk.subarray(-decoder.pendingBytes));
    return frame;
  }
  return undefined;
}

/** Always the plain class: a Buffer's `slice` and `toString` differ, and which one it is would depend on the stream. */
function asUint8Array(bytes: Buffer, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}

function tooLarge(length: number, clause: 'F2' | 'F9'): ProtocolError {
  const message = `a payload of ${length} bytes is over the ${MAX_PAYLOAD_BYTES} that a frame may carry`;
  return new ProtocolError('frame-too-large', clause, message);
}
