/** A limit of the rate at which the kit opens connections, shared by runs against many targets. */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

/** Awaited before the kit opens this many connections. Resolves when they are due, and at once when the signal has fired. */
export type BeforeConnections = (count: number, signal: AbortSignal | undefined) => Promise<void>;

/**
 * Spreads connections over time: after `count` connections the next ones are due `count / perSecond` seconds later, in the order
 * of the calls. Nothing is saved up, so an idle time is followed by no burst.
 */
export class ConnectionRate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** `perSecond`: more than 0. `now`: milliseconds of a clock that never goes back. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Milliseconds until these connections are due, which are counted from now on. */
  delayFor(count: number): number {
    const now = this.#now();
    const dueAt = Math.max(now, this.#nextAt);
    this.#nextAt = dueAt + (1000 * count) / this.#perSecond;
    return dueAt - now;
  }

  readonly wait: BeforeConnections = async (count, signal) => {
    const delayMs = this.delayFor(count);
    if (delayMs > 0) await setTimeout(delayMs, undefined, signal && { signal }).catch(() => {});
  };
}
