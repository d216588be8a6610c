/** Broken clients and conforming variants as data. */

import type { Parts } from './client.ts';

/** A client with one fault. */
export interface ClientMutant {
  /** Permanent, in kebab case, and unique. */
  readonly name: string;
  /** The clause of docs/protocol.md that the fault violates. */
  readonly clause: string;
  /** One sentence whose subject is the client. */
  readonly fault: string;
  /** Ids of the scenarios that must fail. `*` matches any text, and every match must fail. */
  readonly fails: readonly string[];
  readonly breaks: Partial<Parts>;
}

/** A client that uses a freedom of the protocol. No scenario of level MUST or SHOULD may fail on it. */
export interface ClientVariant {
  /** Permanent, in kebab case, and unique. */
  readonly name: string;
  /** One sentence whose subject is the client. */
  readonly freedom: string;
  readonly does: Partial<Parts>;
}
