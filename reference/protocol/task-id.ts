/** Task ids (S10). */

import { randomBytes } from 'node:crypto';

/**
 * A new task id: 128 random bits in lower-case hex, grouped 8-4-4-4-12 like a UUID but without version bits (S10).
 * `random` gives that many bytes; default: the system's cryptographic source.
 */
export function generateTaskId(random: (byteCount: number) => Uint8Array = randomBytes): string {
  const hex = Buffer.from(random(16)).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
