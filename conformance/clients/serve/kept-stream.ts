/** What is kept of the stream of a client, which decides how much it sends: enough to judge a frame and to see what follows. */

import { HEADER_BYTES, KiB, PAYLOAD_CAP } from '../../scenario/bytes.ts';
import { readHeader } from '../../wire/frames.ts';
import { ReceiveBuffer } from '../../wire/receive-buffer.ts';

/** Most bytes that are kept after the first frame, or of a stream that is none: enough to see what they are. */
const KEPT_AFTER_FRAME = 64 * KiB;
/** Most bytes that are kept: those of one frame, and what follows it. */
const MOST_KEPT = HEADER_BYTES + PAYLOAD_CAP + KEPT_AFTER_FRAME;

/** The first frame and 64 KiB; where a further frame begins in these and ends after them, all of it, up to the size of one frame. */
export class KeptStream {
  readonly #received = new ReceiveBuffer();
  /** Offset at which the next header is expected; undefined if no further one is looked for. */
  #nextFrame: number | undefined = 0;
  #keptTo = HEADER_BYTES;

  /** A view, valid until the next chunk. */
  get bytes(): Buffer {
    return this.#received.bytes;
  }

  /** The caller must not change the chunk afterwards. */
  append(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) {
      const piece = rest.subarray(0, this.#keptTo - this.#received.length);
      if (piece.length === 0) return;
      this.#received.append(piece);
      rest = rest.subarray(piece.length);
      while (this.#nextFrame !== undefined) {
        const header = readHeader(this.bytes, this.#nextFrame);
        if (header === undefined) break;
        this.#take(this.#nextFrame, header.length);
      }
    }
  }

  #take(at: number, length: number): void {
    const end = length > PAYLOAD_CAP ? undefined : at + HEADER_BYTES + length;
    if (at === 0) this.#keptTo = (end ?? 0) + KEPT_AFTER_FRAME;
    const isWithin = end !== undefined && end <= this.#keptTo;
    if (end !== undefined && !isWithin && end <= MOST_KEPT) this.#keptTo = end;
    this.#nextFrame = isWithin ? end : undefined;
  }
}
