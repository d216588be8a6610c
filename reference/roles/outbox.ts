/**
 * What the receiver of a task tells its submitter: a message and the address it goes to → one connection, and how it
 * went. The protocol has no answer to these messages (U1, R1) and the submitter has timeouts of its own (L1), so nothing
 * is tried again here.
 *
 * The address is whatever the submitter wrote. It may be one that never answers, so connections are few and the line for
 * them is bounded; and it may be a third party's, so `dialBack` is the place to decide which hosts may be called.
 */

import type { Client } from '../net/client.ts';
import { type Address, parseAddress } from '../protocol/address.ts';
import type { Logger } from '../support/logger.ts';

/** Connects to a submitter; `dial` is one. Throw to call nobody. */
export type DialBack = (
  address: Address,
) => Promise<Pick<Client, 'sendStatusUpdate' | 'sendResults' | 'close'>>;

/** What became of a message. */
export type Delivery =
  /** It was handed over whole. What the submitter made of it is not for us to know. */
  | { readonly kind: 'delivered' }
  /** The address is not host:port, or there is no way to dial: nothing was sent. */
  | { readonly kind: 'not-addressable' }
  | { readonly kind: 'failed'; readonly error: unknown };

const MAX_CONNECTIONS = 32;
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

  /** Never rejects. A failure is logged. */
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

  /** Resolves when nothing is on its way. */
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
      this.#logger.warn({ ...address, err: error }, 'submitter not told');
      return { kind: 'failed', error };
    }
  }

  async #acquireConnection(): Promise<void> {
    if (this.#connections < MAX_CONNECTIONS) {
      this.#connections += 1;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) throw new Error('too many messages wait to be sent');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the connection to the next in line. */
  #releaseConnection(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#connections -= 1;
    else next();
  }
}
