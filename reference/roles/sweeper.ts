/**
 * The timer of the timeouts (L1, L4): at fixed intervals each role sweeps its tasks at the time that the clock gives.
 * A sweep starts again only after it has ended. A failed sweep is logged and repeated after the next interval.
 */

import type { Clock, Instant } from '../protocol/time.ts';
import { assertLimit } from '../support/limits.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import type { Receiver } from './receiver.ts';
import type { Submitter } from './submitter.ts';

/** Options of a Sweeper. Each interval is a whole number from 1 to 2^31 − 1. */
export interface SweeperOptions {
  readonly clock: Clock;
  /** Default: no sweeps of received tasks. */
  readonly receiver?: Pick<Receiver, 'cancelOverdue' | 'expireHead'>;
  /** Default: no sweeps of submitted tasks. */
  readonly submitter?: Pick<Submitter, 'expireStalled'>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Milliseconds between two sweeps for the accept timeout (L4). Default 10 000. */
  readonly acceptIntervalMs?: number;
  /** Milliseconds between two sweeps for the stall timeout (L4). Default 10 000. */
  readonly stallIntervalMs?: number;
  /** Milliseconds between two sweeps for the timeout of the head of the queue (L4). Default 30 000. */
  readonly headIntervalMs?: number;
}

interface SweepJob {
  readonly name: string;
  readonly intervalMs: number;
  readonly sweep: (now: Instant, signal: AbortSignal) => Promise<unknown>;
}

/** Sweeps from its construction until `stop`. The first sweeps are one interval after the construction. */
export class Sweeper {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timers = new Map<SweepJob, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  /** Throws a RangeError for an interval outside its range. */
  constructor(options: SweeperOptions) {
    const { clock, receiver, submitter, logger = silentLogger } = options;
    const { acceptIntervalMs = 10_000, stallIntervalMs = 10_000, headIntervalMs = 30_000 } = options;
    const intervals = { acceptIntervalMs, stallIntervalMs, headIntervalMs };
    for (const [name, value] of Object.entries(intervals)) assertLimit(name, value);
    this.#clock = clock;
    this.#logger = logger;
    if (receiver !== undefined) {
      this.#schedule({
        name: 'accept',
        intervalMs: acceptIntervalMs,
        sweep: (now, signal) => receiver.cancelOverdue(now, signal),
      });
      this.#schedule({
        name: 'head',
        intervalMs: headIntervalMs,
        sweep: (now, signal) => receiver.expireHead(now, signal),
      });
    }
    if (submitter !== undefined) {
      this.#schedule({
        name: 'stall',
        intervalMs: stallIntervalMs,
        sweep: (now, signal) => submitter.expireStalled(now, signal),
      });
    }
  }

  /**
   * Starts no more sweeps, and ends those that are running after the tasks that they are reading. Resolves when no sweep is
   * running.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #schedule(job: SweepJob): void {
    if (this.#stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      const running = this.#run(job).finally(() => {
        this.#running.delete(running);
        this.#schedule(job);
      });
      this.#running.add(running);
    }, job.intervalMs);
    this.#timers.set(job, timer);
  }

  async #run({ name, sweep }: SweepJob): Promise<void> {
    try {
      await sweep(this.#clock(), this.#stopping.signal);
    } catch (err) {
      if (err !== this.#stopping.signal.reason) this.#logger.warn({ sweep: name, err }, 'sweep failed');
    }
  }
}
