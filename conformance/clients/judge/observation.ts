/** What was seen of the starts of a play: the client's end and line, and the bytes that it sent. */

import type { Seen } from '../serve/server.ts';
import type { OutcomeLine } from './outcome-line.ts';

/** How one start of a client ended. */
export type ClientEnd =
  /** It kept to the interface. */
  | { readonly kind: 'reported'; readonly line: OutcomeLine }
  /** It ended without a line; `how` says how, and what it wrote, for a person. */
  | { readonly kind: 'died'; readonly how: string }
  /** It was ended after this time, in milliseconds. */
  | { readonly kind: 'not-ended'; readonly afterMs: number };

/** One start. */
export interface Start {
  readonly end: ClientEnd;
  readonly seen: Seen;
  /** From its start to its end. */
  readonly durationMs: number;
}

/** All starts of a play. */
export type ClientObservation = readonly [Start, ...Start[]];
