/**
 * Joins requests for a liveness probe: requests that arrive while a probe waits to begin share it. A probe that begins after
 * a request shows as much for it as one of its own would.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

export class SharedProbe<T> {
  readonly #probe: () => Promise<T>;
  /** Least time between the beginnings of two probes, in milliseconds. */
  readonly #apartMs: () => number;
  #beganAt = Number.NEGATIVE_INFINITY;
  #next: Promise<T> | undefined;
  #running = 0;

  constructor(probe: () => Promise<T>, apartMs: () => number) {
    this.#probe = probe;
    this.#apartMs = apartMs;
  }

  /** The value of a probe that has not begun before the call. */
  request(): Promise<T> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  async #begin(): Promise<T> {
    const waitMs = this.#running === 0 ? 0 : this.#beganAt + this.#apartMs() - performance.now();
    // At least one turn, so that all requests of this turn share the probe.
    await setTimeout(Math.max(0, waitMs));
    this.#next = undefined;
    this.#beganAt = performance.now();
    this.#running += 1;
    try {
      return await this.#probe();
    } finally {
      this.#running -= 1;
    }
  }
}
