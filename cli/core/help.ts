/**
 * The help of the command as a whole, kept as a file by the build (write-help.ts): to lay it out takes longer than to
 * start Node, and it is what people ask for most.
 */

import { readFileSync } from 'node:fs';

/** It is laid out for a terminal of this width, and for what is no terminal. */
export const HELP_COLUMNS = 110;

export const HELP_FILE = new URL('../../help.txt', import.meta.url);

/** Undefined where it has to be laid out: on a narrower terminal, and in the sources, of which there is no build. */
export function keptHelp(columns: number | undefined): string | undefined {
  if (columns !== undefined && columns < HELP_COLUMNS) return undefined;
  try {
    return readFileSync(HELP_FILE, 'utf8');
  } catch {
    return undefined;
  }
}
