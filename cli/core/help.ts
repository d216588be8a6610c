/**
 * The text of `conform --help`. The build writes it to a file (write-help.ts), because users ask for it most, and laying it
 * out takes longer than starting Node.
 */

import { readFileSync } from 'node:fs';

/** The width of the text in characters, also for output that is not a terminal. */
export const HELP_COLUMNS = 110;

export const HELP_FILE = new URL('../../help.txt', import.meta.url);

/** Undefined when the text must be laid out: for a narrower terminal, and before the build has written the file. */
export function builtHelp(columns: number | undefined): string | undefined {
  if (columns !== undefined && columns < HELP_COLUMNS) return undefined;
  try {
    return readFileSync(HELP_FILE, 'utf8');
  } catch {
    return undefined;
  }
}
