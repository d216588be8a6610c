/**
 * The messages from the receiver of a task to its submitter: address and message → one connection → Delivery. The
 * outbox does not repeat a failed message, because the protocol has no answer to it (U1, R1) and the submitter has
 * its own timeouts (L1).
 *
 * The submitter chose the address. It may never answer, so the outbox limits its connections and the messages that
 * wait for one. It may belong to a third party, so `dialBack` decides which hosts are called.
 */

import type { Client } from '../net/client.ts';
import { type Address, parseAddress } from '../protocol/address.ts';
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

/** The most connections at a time. */
const MAX_CONNECTIONS = 32;
/** The most messages that wait for a connection. */
const MAX_WAITING = 4096;

export class Outbox {
  readonly #dialBack: DialBack | undefined;
  readonly #logger: Logger;
  readonly #waiting: (() => void)[] = [];
  readonly #sending = new Set<Promise<Delivery>>();
  #connections = 0;

  constructor(dialBack: DialBack | undefined, logger: Logger) {
    this.#dialBack = dialBack;
    this.#logger = logger;
  }

  /** Sends a message: connects to the address and runs `call`. Never rejects. A failure is logged. */
  async send(to: string, call: (client: Awaited<ReturnType<DialBack>>) => Promise<void>): Promise<Delivery> {
    const address = parseAddress(to);
    if (address === undefined || this.#dialBack === undefined) return { kind: 'not-addressable' };
    const sending = this.#deliver(address, this.#dialBack, call);
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

  async #deliver(
    address: Address,
    dialBack: DialBack,
    call: (client: Awaited<ReturnType<DialBack>>) => Promise<void>,
  ): Promise<Delivery> {
    try {
      await this.#acquireConnection();
      try {
        const client = await dialBack(address);
        try {
          await call(client);
        } finally {
          client.close();
        }
      } finally {
        this.#releaseConnection();
      }
      return { kind: 'delivered' };
    } catch (error) {
      this.#logger.warn({ ...address, err: error }, 'message to the submitter failed');
      return { kind: 'failed', error };
    }
  }

  async #acquireConnection(): Promise<void> {
    if (this.#connections < MAX_CONNECTIONS) {
      this.#connections += 1;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING)
      throw new Error('too many messages are waiting for a connection');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Passes the connection to the message that waits longest. */
  #releaseConnection(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#connections -= 1;
    else next();
  }
}
