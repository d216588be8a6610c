/**
 * The messages from the receiver of a task to its submitter: address and message → one connection → Delivery. The
 * outbox does not repeat a failed message, because the protocol has no answer to it (U1, R1) and the submitter has
 * its own timeouts (L1).
 *
 * The submitter chose the address. It may never answer, so the outbox limits its connections and the messages that
 * wait for one, in all and for each address. After a failed connection, updates to the address fail without another
 * one for a while; so one dead address does not delay the messages to the others. It may belong to a third party, so
 * `dialBack` decides which hosts are called.
 */

import type { Client } from '../net/client.ts';
import { type Address, formatAddress, parseAddress } from '../protocol/address.ts';
import type { Logger } from '../support/logger.ts';

/** Connects to a submitter. `dial` is such a function. It may throw to refuse an address. */
export type DialBack = (
  address: Address,
) => Promise<Pick<Client, 'sendStatusUpdate' | 'sendResults' | 'close'>>;

/** The outcome of a message to a submitter. */
export type Delivery =
  /** The whole message was sent. Whether the submitter accepted it is unknown (U1, R1). */
  | { readonly kind: 'delivered' }
  /** The address is not `host:port`, or there is no `dialBack`. Nothing was sent. */
  | { readonly kind: 'not-addressable' }
  /** The connection or the message failed. `error` is what `dialBack` or the client threw. */
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * How a message is sent while its address is paused after a failed connection: an `update` fails at once, `results`, which
 * are worth the attempt, are sent.
 */
export type Urgency = 'update' | 'results';

/** Limits of an Outbox. All are inclusive; durations are in milliseconds. */
export interface OutboxLimits {
  /** The most connections at a time. Default 32. */
  readonly maxConnections: number;
  /** The most connections at a time to one address. Default 8. */
  readonly maxConnectionsPerAddress: number;
  /** The most messages that wait for a connection. Default 4096. */
  readonly maxWaiting: number;
  /** The most messages that wait for a connection to one address. Default 1024. */
  readonly maxWaitingPerAddress: number;
  /** How long an address is paused after its first failed connection. Each further one doubles it. Default 1000. */
  readonly firstPauseMs: number;
  /** The longest pause. Default 60 000. */
  readonly longestPauseMs: number;
}

const DEFAULT_LIMITS: OutboxLimits = {
  maxConnections: 32,
  maxConnectionsPerAddress: 8,
  maxWaiting: 4096,
  maxWaitingPerAddress: 1024,
  firstPauseMs: 1000,
  longestPauseMs: 60_000,
};

/** The most addresses whose failures are remembered. The oldest is forgotten first. */
const MAX_FAILED = 4096;

type Call = (client: Awaited<ReturnType<DialBack>>) => Promise<void>;

/** A message that waits for a connection. */
interface Waiting {
  readonly key: string;
  readonly urgency: Urgency;
  readonly begin: () => void;
  readonly fail: (error: Error) => void;
}

/** The failed connections to an address in a row. */
interface Failures {
  readonly count: number;
  /** Runs while the address is paused. */
  timer: NodeJS.Timeout | undefined;
}

export class Outbox {
  readonly #dialBack: DialBack | undefined;
  readonly #logger: Logger;
  readonly #limits: OutboxLimits;
  readonly #waiting = new Set<Waiting>();
  readonly #sending = new Set<Promise<Delivery>>();
  /** By address, the connections that are open or being opened. */
  readonly #connections = new Counts();
  /** By address, the messages in `#waiting`. */
  readonly #waitingPerAddress = new Counts();
  readonly #failures = new Map<string, Failures>();
  #total = 0;

  constructor(dialBack: DialBack | undefined, logger: Logger, limits: Partial<OutboxLimits> = {}) {
    this.#dialBack = dialBack;
    this.#logger = logger;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Sends a message: connects to the address and runs `call`. Never rejects. A failure is logged. */
  async send(to: string, call: Call, urgency: Urgency = 'update'): Promise<Delivery> {
    const address = parseAddress(to);
    if (address === undefined || this.#dialBack === undefined) return { kind: 'not-addressable' };
    const sending = this.#deliver(address, this.#dialBack, call, urgency);
    this.#sending.add(sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  /** Resolves when no message is being sent or waits. */
  async idle(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  /** Lets every message fail that waits for a connection. Those that are being sent go on. */
  dropWaiting(): void {
    this.#dropWhere(() => true, new Error('the receiver is being closed'));
  }

  async #deliver(address: Address, dialBack: DialBack, call: Call, urgency: Urgency): Promise<Delivery> {
    const key = formatAddress(address);
    try {
      await this.#acquireConnection(key, urgency);
      try {
        const client = await dialBack(address).catch((error: unknown) => {
          this.#pause(key, error);
          throw error;
        });
        this.#resume(key);
        try {
          await call(client);
        } finally {
          client.close();
        }
      } finally {
        this.#releaseConnection(key);
      }
      return { kind: 'delivered' };
    } catch (error) {
      if (!(error instanceof PausedError))
        this.#logger.warn({ ...address, err: error }, 'message to the submitter failed');
      return { kind: 'failed', error };
    }
  }

  async #acquireConnection(key: string, urgency: Urgency): Promise<void> {
    if (urgency === 'update' && this.#failures.get(key)?.timer !== undefined) throw new PausedError();
    if (this.#isFree(key)) {
      this.#take(key);
      return;
    }
    const { maxWaiting, maxWaitingPerAddress } = this.#limits;
    if (this.#waiting.size >= maxWaiting || this.#waitingPerAddress.of(key) >= maxWaitingPerAddress)
      throw new Error('too many messages are waiting for a connection');
    await new Promise<void>((resolve, reject) => {
      this.#waiting.add({ key, urgency, begin: resolve, fail: reject });
      this.#waitingPerAddress.add(key, 1);
    });
  }

  #isFree(key: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    return this.#total < maxConnections && this.#connections.of(key) < maxConnectionsPerAddress;
  }

  #take(key: string): void {
    this.#total += 1;
    this.#connections.add(key, 1);
  }

  /** Passes the connection to the message that waits longest, of those whose address is below its limit. */
  #releaseConnection(key: string): void {
    this.#total -= 1;
    this.#connections.add(key, -1);
    for (const next of this.#waiting) {
      if (!this.#isFree(next.key)) continue;
      this.#remove(next);
      this.#take(next.key);
      next.begin();
      return;
    }
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    this.#waitingPerAddress.add(waiting.key, -1);
  }

  /** Pauses an address, and lets the updates fail that wait for it. A failure during a pause does not extend it. */
  #pause(key: string, error: unknown): void {
    const before = this.#failures.get(key);
    if (before?.timer !== undefined) return;
    const { firstPauseMs, longestPauseMs } = this.#limits;
    const count = (before?.count ?? 0) + 1;
    const failures: Failures = { count, timer: undefined };
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (count - 1));
    failures.timer = setTimeout(() => {
      failures.timer = undefined;
    }, pauseMs);
    failures.timer.unref();
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    for (const [oldest] of this.#failures) {
      if (this.#failures.size <= MAX_FAILED) break;
      this.#resume(oldest);
    }
    this.#dropWhere((waiting) => waiting.key === key && waiting.urgency === 'update', new PausedError(error));
  }

  #resume(key: string): void {
    clearTimeout(this.#failures.get(key)?.timer);
    this.#failures.delete(key);
  }

  #dropWhere(isDropped: (waiting: Waiting) => boolean, error: Error): void {
    for (const waiting of this.#waiting) {
      if (!isDropped(waiting)) continue;
      this.#remove(waiting);
      waiting.fail(error);
    }
  }
}

/** A number for each key, without the keys whose number is 0. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, change: number): void {
    const count = this.of(key) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

/** The address did not answer a moment ago. Not logged, because the failed connection was. */
class PausedError extends Error {
  constructor(cause?: unknown) {
    super('the submitter could not be reached a moment ago', { cause });
  }
}
