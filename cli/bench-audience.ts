/** Tells whoever waits at a terminal what is being measured. */

import type { Io } from './io.ts';

/** `onRow` shows a text in place of the one before; an empty one takes that away. */
export function audienceOf(io: Io): { readonly onRow: (row: string) => void; readonly signal: AbortSignal } {
  const onRow = (row: string): void => {
    if (io.isTerminal) io.err(`\r\u001b[K${row}`);
  };
  return { onRow, signal: io.interrupted };
}
