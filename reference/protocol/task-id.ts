import { randomBytes } from 'node:crypto';

/**
 * A new task id (S10): 128 random bits in lower-case hex, grouped 8-4-4-4-12 like a UUID, but without version bits.
 * `random` returns the given number of bytes. Default: the cryptographic source of the system.
 */
export function generateTaskId(random: (byteCount: number) => Uint8Array = randomBytes): string {
  const hex = Buffer.from(random(16)).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
