/**
 * What came back on a connection. All bytes are kept up to a bound, in one buffer that doubles in size when it is full. When
 * more come, the frames are read as they come, and only their beginnings are kept: a conforming target may answer with
 * 16 MiB, and others send without end on hundreds of connections.
 */

import { FrameReader, type FramesRead } from './frame-reader.ts';
import { measureFrames } from './frames.ts';
import { ReceiveBuffer } from './receive-buffer.ts';

/** Most bytes of a connection that are kept. */
export const KEPT_RECEIVED_BYTES = 128 * 1024;

export class ReceivedBytes {
  readonly #kept = new ReceiveBuffer();
  #length = 0;
  #frames = 0;
  #framesEnd = 0;
  #reader: FrameReader | undefined;

  /** Number of bytes received. */
  get length(): number {
    return this.#length;
  }

  /** Number of complete frames. */
  get frames(): number {
    return this.#reader?.count ?? this.#frames;
  }

  /** Whether a frame, and no part of another, has come last. False without a byte. */
  get endsWithFrame(): boolean {
    return this.#length > 0 && (this.#reader?.restBytes ?? this.#length - this.#framesEnd) === 0;
  }

  /** A view of the first bytes, at most `KEPT_RECEIVED_BYTES`; valid until the next chunk. */
  get bytes(): Buffer {
    return this.#kept.bytes;
  }

  /** The frames, if more came than `bytes` holds. */
  get read(): FramesRead | undefined {
    return this.#reader;
  }

  /** The caller must not change the chunk afterwards. */
  append(chunk: Buffer): void {
    const kept = chunk.subarray(0, KEPT_RECEIVED_BYTES - this.#kept.length);
    this.#kept.append(kept);
    this.#length += chunk.length;
    if (this.#reader) this.#reader.push(chunk);
    else if (kept.length === chunk.length) {
      const { count, end } = measureFrames(this.bytes, this.#framesEnd);
      this.#frames += count;
      this.#framesEnd = end;
    } else {
      this.#reader = new FrameReader();
      this.#reader.push(this.bytes);
      this.#reader.push(chunk.subarray(kept.length));
    }
  }
}
