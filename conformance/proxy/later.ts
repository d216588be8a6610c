/**
 * Does the work that connections cause after their bytes were passed on: in the order of the calls, in slices between which sockets are
 * served. So the judgement of a large payload delays no other connection.
 *
 * What waits is bounded: beyond the bound, the oldest work is done at once. A thread of its own is not worth its cost: reading the payload
 * of a result takes less than a fifth of the time that the system takes to pass it on.
 */

import { performance } from 'node:perf_hooks';

/** Milliseconds after which sockets are served again. One piece of work may take longer. */
const SLICE_MS = 2;
/** Bytes that may wait, together. */
const MOST_BYTES = 64 * 1024 * 1024;

interface Work {
  readonly bytes: number;
  readonly run: () => void;
}

export class Later {
  readonly #mostBytes: number;
  #waiting: Work[] = [];
  /** The index of the oldest work that waits. */
  #next = 0;
  #bytes = 0;
  #isPlanned = false;

  /** `mostBytes`: inclusive, default 64 MiB. */
  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** Plans work that keeps `bytes` in memory until then. What it throws is an error of the process. */
  push(bytes: number, run: () => void): void {
    this.#waiting.push({ bytes, run });
    this.#bytes += bytes;
    while (this.#bytes > this.#mostBytes) this.#one();
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => this.#slice());
  }

  /** Does all that waits. */
  flush(): void {
    while (this.#next < this.#waiting.length) this.#one();
  }

  #slice(): void {
    this.#isPlanned = false;
    const endsAt = performance.now() + SLICE_MS;
    while (this.#next < this.#waiting.length && performance.now() < endsAt) this.#one();
    if (this.#next < this.#waiting.length) {
      this.#isPlanned = true;
      setImmediate(() => this.#slice());
    }
  }

  #one(): void {
    const work = this.#waiting[this.#next];
    if (work === undefined) return;
    this.#next += 1;
    // Work that is done is dropped in large parts, so that each costs the same.
    if (this.#next === this.#waiting.length || this.#next === 4096) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    this.#bytes -= work.bytes;
    work.run();
  }
}
