/** The task ids that the kit sends. */

import { randomBytes } from 'node:crypto';

/** A fresh id: the documented form, all 128 bits random, so that a receiver that insists on UUID versions shows (S10). */
export function randomTaskId(): string {
  return randomBytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
