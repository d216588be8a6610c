/**
 * Bounds the memory that all connections hold together: the bytes of frames until they are served, and of answers until
 * they are sent. Each frame may have 16 MiB (F2), so a thousand half frames would otherwise take 16 GiB.
 */
import type { Logger } from '../support/logger.ts';

/**
 * Bytes of a connection that do not count, inclusive. So the frame of any legal SUBMIT without escapes is served, however
 * much memory the others hold.
 */
export const FREE_BYTES = 64 * 1024;

/** A connection, for FrameMemory. */
export interface Holder {
  /**
   * Whether it may be closed to free memory: it waits for its peer, to send or to read, or for a thread to begin with its frame.
   */
  readonly isClosable: boolean;
  /** Closes the connection, which then holds nothing. */
  closeForMemory(bytes: number): void;
}

export class FrameMemory {
  readonly #most: number;
  readonly #logger: Logger;
  /** The connections that hold more than FREE_BYTES, with what they hold. */
  readonly #held = new Map<Holder, number>();
  #total = 0;
  #isClosing = false;

  /** `most`: the most bytes that count, inclusive. */
  constructor(most: number, logger: Logger) {
    this.#most = most;
    this.#logger = logger;
  }

  /**
   * Call when a connection holds `bytes`, and with 0 when it holds none. If all hold too much, connections are closed until they do
   * not: the one that holds the most first, and of equals the one that went over FREE_BYTES first. One whose frame is being
   * read, or whose handler runs, is not closed.
   */
  hold(holder: Holder, bytes: number): void {
    const before = this.#held.get(holder) ?? 0;
    const after = bytes > FREE_BYTES ? bytes : 0;
    if (after === before) return;
    this.#total += after - before;
    if (after === 0) this.#held.delete(holder);
    else this.#held.set(holder, after);
    while (this.#total > this.#most) {
      const largest = this.#largest();
      if (largest === undefined) return;
      this.#close(...largest);
    }
    if (this.#total <= this.#most / 2) this.#isClosing = false;
  }

  #largest(): [holder: Holder, bytes: number] | undefined {
    let largest: [Holder, number] | undefined;
    for (const entry of this.#held) {
      if (entry[0].isClosable && entry[1] > (largest?.[1] ?? 0)) largest = entry;
    }
    return largest;
  }

  #close(holder: Holder, bytes: number): void {
    if (!this.#isClosing)
      // Logged once, until half of the memory is free.
      this.#logger.warn(
        { maxBufferedBytes: this.#most },
        'unfinished frames hold too much memory: closing the largest',
      );
    this.#isClosing = true;
    this.#held.delete(holder);
    this.#total -= bytes;
    holder.closeForMemory(bytes);
  }
}
