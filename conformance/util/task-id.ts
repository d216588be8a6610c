/** Task ids in the documented form (S10): the ids that the kit sends, and a pattern for any id in a text. */

import { randomBytes } from 'node:crypto';

/** Source of a regular expression; lower case only, not anchored. */
export const TASK_ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/**
 * A fresh id in the documented form with 128 random bits, because no UUID version is required (S10). `fraction` returns
 * numbers from 0, inclusive, to 1, exclusive. Default: the system's random source.
 */
export function newTaskId(fraction?: () => number): string {
  const bytes = fraction
    ? Buffer.from(Array.from({ length: 16 }, () => Math.floor(256 * fraction())))
    : randomBytes(16);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
