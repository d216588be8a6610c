/**
 * Digests of 64 bits, of a case and of a set of cases. They show that two campaigns sent the same cases, and that a
 * candidate was tried before. A digest is computed for every case, so the hash is fast and not cryptographic.
 */

import { type Action, type Case, declaredLength } from './case.ts';

const MASK = (1n << 64n) - 1n;
const OFFSET = 0x811c9dc5;
const ACTIONS: readonly Action['do'][] = ['frame', 'bytes', 'pause', 'fin', 'reset'];

/**
 * The digest of what the case does on the wire, as 16 hex digits. How a declared length is defined does not matter, only its
 * value.
 */
export function digestOf({ arrangement, connections }: Case): string {
  const hash = new Hash();
  hash.number(arrangement === 'at-once' ? 0 : 1);
  for (const actions of connections) {
    hash.number(actions.length);
    for (const action of actions) addAction(hash, action);
  }
  return hash.hex();
}

function addAction(hash: Hash, action: Action): void {
  hash.number(ACTIONS.indexOf(action.do));
  switch (action.do) {
    case 'frame':
      hash.number(action.type);
      hash.number(declaredLength(action.declared, action.payload.length));
      hash.number(action.segmentBytes ?? 0);
      hash.bytes(action.payload);
      return;
    case 'bytes':
      hash.bytes(action.bytes);
      return;
    case 'pause':
      hash.number(action.ms);
      return;
    case 'fin':
    case 'reset':
      return;
  }
}

/** The digest of the union of two sets, from their digests in hex. Without leading zeros. */
export function addDigests(one: string, other: string): string {
  return ((BigInt(`0x${one}`) + BigInt(`0x${other}`)) & MASK).toString(16);
}

/** Two FNV-1a hashes of 32 bits with different multipliers, each mixed at the end. */
class Hash {
  #one = OFFSET;
  #other = OFFSET;

  number(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#byte((value >>> shift) & 0xff);
  }

  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    let [one, other] = [this.#one, this.#other];
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      one = Math.imul(one ^ byte, 0x01000193);
      other = Math.imul(other ^ byte, 0x9e3779b1);
    }
    this.#one = one;
    this.#other = other;
  }

  hex(): string {
    return [this.#one, this.#other ^ this.#one]
      .map((lane) => mixBits(lane).toString(16).padStart(8, '0'))
      .join('');
  }

  #byte(byte: number): void {
    this.#one = Math.imul(this.#one ^ byte, 0x01000193);
    this.#other = Math.imul(this.#other ^ byte, 0x9e3779b1);
  }
}

/** Spreads each bit over all 32 bits. */
function mixBits(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
