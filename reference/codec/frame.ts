/**
 * Bytes ⇄ Frame. A frame is `[type: u32][length: u32][payload: length bytes]`, both integers big-endian (F1).
 *
 * Reading: chunk → `FrameDecoder.push` → one buffer → `FrameDecoder.next` → Frame → message.ts. Writing: message.ts →
 * Frame → `encodeFrame` → bytes. Neither uses a socket. `readFrame` and `writeFrame` do the same for one frame of a
 * Node stream.
 */
import { finished, type Readable, type Writable } from 'node:stream';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { Slab } from './slab.ts';

/** A payload with its type. Any u32 is a frame type, known or unknown (F6). A payload may be empty (F8). */
export interface Frame {
  /** An unsigned 32-bit integer. */
  readonly type: number;
  /** From 0 to MAX_PAYLOAD_BYTES bytes, inclusive (F2). */
  readonly payload: Uint8Array;
}

const EMPTY = Buffer.alloc(0);

/** A buffer of more bytes is not kept for a few pending ones, and its bytes do not move to a larger one at once. */
const SMALL_BUFFER = 64 * 1024;

/**
 * How many bytes move from a buffer to a larger one for each byte that arrives. Half of the larger buffer is free then, so a move
 * ends before it is full.
 */
const MOVED_PER_BYTE = 2;

/** The memory of encoded frames. */
const slab = new Slab();

/**
 * The bytes of a frame, header first. Throws a ProtocolError 'frame-too-large' when the payload is over
 * MAX_PAYLOAD_BYTES (F9), and a RangeError when the type is not an unsigned 32-bit integer.
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

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/**
 * Splits a stream into frames. The segmentation of the stream does not matter (F3). Push each chunk, then take frames
 * until there is none:
 *
 *     decoder.push(chunk);
 *     for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) handle(frame);
 *
 * Memory is at most twice the bytes that have arrived, and three times while they move to a larger buffer; it never follows a
 * declared length (F5). They move a few at a time: to fill 16 MiB of new memory at once takes long enough to delay other
 * connections (T3). A complete payload is not copied. It may be a view of the chunk that it arrived in, so a caller must not
 * modify a chunk after it was pushed.
 */
export class FrameDecoder {
  /** Holds the pending bytes from `#start` to `#end`. Payloads that were returned may be views of the bytes before. */
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether the decoder allocated `#bytes` and may write after `#end`. A pushed chunk is read only. */
  #owned = false;
  #isShared = false;
  /** The bytes that move to `#bytes`, which lacks those from `#moved` on. EMPTY when it has all. */
  #source: Buffer = EMPTY;
  #moved = 0;
  #fault: ProtocolError | undefined;

  /** Appends a chunk. It is ignored after `next` or `end` has thrown. */
  push(chunk: Uint8Array): void {
    if (this.#fault !== undefined || chunk.byteLength === 0) return;
    if (this.pendingBytes === 0) {
      this.#bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#start = 0;
      this.#end = chunk.byteLength;
      this.#owned = false;
      this.#isShared = false;
      return;
    }
    if (!this.#owned || this.#end + chunk.byteLength > this.#bytes.byteLength) this.#grow(chunk.byteLength);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.byteLength;
    const due = MOVED_PER_BYTE * (this.#end - this.#source.byteLength);
    if (due - this.#moved >= SMALL_BUFFER) this.#moveTo(due);
  }

  /**
   * The next complete frame; undefined while more bytes are needed. Throws a ProtocolError 'frame-too-large' as soon
   * as a header declares more than MAX_PAYLOAD_BYTES (F2), and again on each later call.
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
    this.#moveTo(this.#source.byteLength);
    const frame = {
      type: this.#bytes.readUInt32BE(this.#start),
      payload: asUint8Array(this.#bytes, payloadStart, length),
    };
    this.#start = payloadStart + length;
    if (this.#start === this.#end) this.#bytes = EMPTY;
    this.#isShared = this.pendingBytes > 0;
    if (this.#owned && this.#bytes.byteLength > SMALL_BUFFER) this.#leave();
    return frame;
  }

  /**
   * Reports the end of the stream. Call it after `next` has returned undefined. Throws a ProtocolError
   * 'frame-truncated' when the stream ended inside a header or a payload (F4), or the error that `next` threw.
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

  /** The number of bytes that were pushed and belong to no returned frame. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Whether pending bytes are in the memory of the last returned payload. */
  get sharesMemory(): boolean {
    return this.#isShared;
  }

  /** Leaves a buffer to its payloads when few bytes are pending: under a quarter of it, so a byte is rarely copied twice. */
  #leave(): void {
    if (this.pendingBytes > 0 && this.pendingBytes < this.#bytes.byteLength / 4)
      this.#replace(this.pendingBytes);
  }

  /** Begins to move the pending bytes to a buffer with room for `more` bytes. */
  #grow(more: number): void {
    const needed = this.pendingBytes + more;
    let capacity = 2 * needed;
    if (this.pendingBytes >= HEADER_BYTES) {
      // An incomplete frame never needs more than its own size: 16 MiB are held in 16 MiB, not in 32. Its size is halved as
      // often as possible, so that after each growth as many bytes are still to come as have to move.
      const whole = HEADER_BYTES + this.#declaredLength();
      if (needed <= whole) {
        capacity = whole;
        while (capacity / 2 >= needed) capacity = Math.ceil(capacity / 2);
      }
    }
    this.#replace(capacity);
  }

  /** Replaces the buffer. Few pending bytes move at once, of many only the header: `#declaredLength` needs it. */
  #replace(capacity: number): void {
    this.#moveTo(this.#source.byteLength);
    this.#source = this.#bytes.subarray(this.#start, this.#end);
    this.#moved = 0;
    this.#end -= this.#start;
    this.#start = 0;
    // Only bytes that were pushed are ever read from it.
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#owned = true;
    this.#isShared = false;
    this.#moveTo(this.#end <= SMALL_BUFFER ? this.#end : HEADER_BYTES);
  }

  /** Moves the bytes up to `end`. */
  #moveTo(end: number): void {
    if (this.#source === EMPTY) return;
    this.#source.copy(this.#bytes, this.#moved, this.#moved, end);
    this.#moved = end;
    if (end >= this.#source.byteLength) this.#source = EMPTY;
  }

  #declaredLength(): number {
    return this.#bytes.readUInt32BE(this.#start + 4);
  }
}

/**
 * Writes one frame. Resolves as `writeBytes` does. Rejects before the first byte as `encodeFrame` throws (F9), and
 * with the stream's error when the stream breaks; the stream also emits that as 'error'.
 */
export async function writeFrame(stream: Writable, frame: Frame): Promise<void> {
  await writeBytes(stream, encodeFrame(frame));
}

/**
 * Writes bytes. Resolves once the stream has passed all of them on, so a caller that awaits it needs no other
 * backpressure. Rejects with the error that broke the stream, or one of its own
 * if the stream was destroyed without an error. Leaves no listener on the stream.
 */
export function writeBytes(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      stream.off('close', onClose);
      // The callback may report only that the write was cut off; then `errored` is the reason. After a destroy without an
      // error, it may report nothing at all.
      const reason =
        stream.errored ??
        error ??
        (stream.destroyed ? new Error('the stream was closed during a write') : undefined);
      if (reason) reject(reason);
      else resolve();
    };
    // A stream that is destroyed during the write may never call back.
    const onClose = () => settle(new Error('the stream was closed during a write'));
    stream.once('close', onClose);
    stream.write(bytes, settle);
  });
}

/**
 * Reads one frame from a stream. Resolves to undefined when the stream ends before the first byte. Bytes after the
 * frame go back into the stream. Rejects with a ProtocolError 'frame-too-large' (F2) or 'frame-truncated' (F4), with
 * an AbortError when the signal fires, and with the error that broke the stream. A rejected call has lost the bytes
 * that it read, so destroy the stream. Only one call at a time may read a stream.
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

/** Always the plain class: `slice` and `toString` of a Buffer differ, so results would depend on the chunks. */
function asUint8Array(bytes: Buffer, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}

function tooLarge(length: number, clause: 'F2' | 'F9'): ProtocolError {
  const message = `a payload of ${length} bytes exceeds the cap of ${MAX_PAYLOAD_BYTES} bytes`;
  return new ProtocolError('frame-too-large', clause, message);
}
