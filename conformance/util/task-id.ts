/** Task ids in the documented form (S10): the ids that the kit sends, and a pattern for any id in a text. */

import { randomBytes } from 'node:crypto';

/** Source of a regular expression; lower case only, not anchored. */
export const TASK_ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** A fresh id in the documented form with 128 random bits, because no UUID version is required (S10). */
export function newTaskId(): string {
  return randomBytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
