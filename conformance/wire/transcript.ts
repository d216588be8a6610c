/**
 * The events on one connection, in order. All code before the transcript does I/O, all code after it is pure, so a saved
 * transcript can be judged again.
 */

import type { FramesRead } from './frame-reader.ts';

export type WireEvent =
  | { readonly kind: 'connected' }
  /** The connection failed; `code` is the system's (ECONNREFUSED, ENOTFOUND, …) or 'ETIMEDOUT'. */
  | { readonly kind: 'connect-failed'; readonly code: string }
  /** The kernel took `total` of the `asked` bytes in `segments` writes within `tookMs`; `head` holds the first of them. */
  | {
      readonly kind: 'sent';
      readonly head: Uint8Array;
      readonly total: number;
      readonly asked: number;
      readonly segments: number;
      readonly tookMs: number;
    }
  | { readonly kind: 'sent-fin' }
  /** The kit reset the connection, as a step of the scenario. */
  | { readonly kind: 'sent-reset' }
  | Received
  /** The target ended its sending side. */
  | { readonly kind: 'fin' }
  /** The target (or the network) reset the connection. */
  | { readonly kind: 'reset'; readonly code: string }
  /** No byte came for `ms`, as expected; the connection is still open. */
  | { readonly kind: 'quiet'; readonly ms: number }
  /** An expected event did not come within `ms`; the connection is still open. */
  | { readonly kind: 'deadline'; readonly ms: number }
  /** The target sent more than the kit keeps. */
  | { readonly kind: 'flood'; readonly keptBytes: number }
  /** The run was interrupted. */
  | { readonly kind: 'aborted' };

/** Bytes from the target: `pieces` reads of the socket, one after another; default 1. The time is that of the first. */
export interface Received {
  readonly kind: 'received';
  readonly bytes: Uint8Array;
  readonly pieces?: number;
  /** Present where more came than `bytes` holds: how many more, and all frames of the connection so far. */
  readonly more?: { readonly bytes: number; readonly read: FramesRead };
}

/** `atMs`: milliseconds since the kit began to connect. */
export type TranscriptEntry = WireEvent & { readonly atMs: number };

/** The events on one connection, in order. */
export type Transcript = readonly TranscriptEntry[];
