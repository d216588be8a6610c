/**
 * When the timeouts of L1 are looked at: every so often each role is asked to sweep its tasks at the time that the clock
 * gives. A sweep that is still running is not started again, and one that fails is logged and comes round again.
 */

import type { Clock, Instant } from '../protocol/time.ts';
import { assertLimit } from '../support/limits.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import type { Receiver } from './receiver.ts';
import type { Submitter } from './submitter.ts';

export interface SweeperOptions {
  readonly clock: Clock;
  readonly receiver?: Pick<Receiver, 'cancelOverdue' | 'expireHead'>;
  readonly submitter?: Pick<Submitter, 'expireStalled'>;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Milliseconds between two sweeps for the accept timeout. Default 10 000 (L4). */
  readonly acceptIntervalMs?: number;
  /** Milliseconds between two sweeps for the stall timeout. Default 10 000 (L4). */
  readonly stallIntervalMs?: number;
  /** Milliseconds between two looks at the head of the queue. Default 30 000 (L4). */
  readonly headIntervalMs?: number;
}

interface SweepJob {
  readonly name: string;
  readonly intervalMs: number;
  readonly sweep: (now: Instant) => Promise<unknown>;
}

/** Sweeps from construction on, first after one interval, until `stop`. */
export class Sweeper {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timers = new Map<SweepJob, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  /** Throws a RangeError for an interval that would not hold. */
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
        sweep: (now) => receiver.cancelOverdue(now),
      });
      this.#schedule({ name: 'head', intervalMs: headIntervalMs, sweep: (now) => receiver.expireHead(now) });
    }
    if (submitter !== undefined) {
      this.#schedule({
        name: 'stall',
        intervalMs: stallIntervalMs,
        sweep: (now) => submitter.expireStalled(now),
      });
    }
  }

  /** Resolves when no sweep is running any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #schedule(round: SweepJob): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      const running = this.#run(round).finally(() => {
        this.#running.delete(running);
        this.#schedule(round);
      });
      this.#running.add(running);
    }, round.intervalMs);
    this.#timers.set(round, timer);
  }

  async #run({ name, sweep }: SweepJob): Promise<void> {
    try {
      await sweep(this.#clock());
    } catch (err) {
      this.#logger.warn({ sweep: name, err }, 'sweep failed');
    }
  }
}
