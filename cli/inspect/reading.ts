/** What the readers of all kinds of files have in common. */

import type { Inspected, Inspection } from '../../conformance/inspect/inspection.ts';

/** A kind of file. */
export interface Source {
  /** Reads the next bytes of the file. Throws a CaptureError, or a UsageError. */
  push(bytes: Buffer): void;
  /** Reads the end. Returns lines for a person: how much it held, and what is missing. Throws likewise. */
  end(): readonly string[];
}

export interface Reading {
  readonly inspection: Inspection;
  /** Called for each conversation that is over. */
  readonly onConversation: (inspected: Inspected) => void;
  /** Ports of receivers that count in a capture; empty: 1003, or the only port that connections are to. */
  readonly ports: readonly number[];
  readonly onProgress: (bytes: number, of: number) => void;
  readonly signal: AbortSignal;
}
