/** What the programs have in common: their data as text, and the line about their use. */

import type { Plan } from './plan.ts';

/** The plan as JSON that may stand in a raw string of any of the languages: ASCII without quotes, accents and escapes of theirs. */
export function dataOf({ about: _, ...plan }: Plan): string {
  return JSON.stringify(plan).replaceAll(/[^ -~]|['`$\\]/g, (unit) =>
    unit === '\\' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The line that says how a program is used. */
export function USAGE(program: string, file: string): string {
  return (
    `Usage: ${program} ${file} HOST PORT [SECONDS], the deadline for a reaction (default 5). ` +
    'Exit status 1: the fault is there. 0: it is not. 2: cannot tell.'
  );
}
