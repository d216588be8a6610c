/** The task ids that the kit sends. */

import { randomBytes } from 'node:crypto';

/**
 * A fresh id in the documented form, all 128 bits random, so that a receiver that insists on UUID versions shows (S10).
 * `fraction` gives numbers from 0 to 1 for ids that can be repeated; default: the system's source.
 */
export function newTaskId(fraction?: () => number): string {
  const bytes = fraction
    ? Buffer.from(Array.from({ length: 16 }, () => Math.floor(256 * fraction())))
    : randomBytes(16);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
