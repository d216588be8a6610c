/** TCP segments of one direction, in the order of a capture → its bytes, in order, each once. Memory is bounded. */

import type { Segment } from './segment.ts';

/** What may wait until what precedes it comes. */
const MAX_HELD = 256;
const MAX_HELD_BYTES = 1024 * 1024;

/** A segment that waits; its bytes are a copy. */
interface Held {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export class SegmentOrder {
  /** The sequence number of the SYN; undefined before it. */
  begin: number | undefined;
  /** The sequence number of the next byte; undefined before the SYN. */
  next: number | undefined;
  /** Where the stream ends; undefined before a FIN. */
  #end: number | undefined;
  /** Whether more waits than is kept: then bytes are missing. */
  isOverfull = false;
  heldBytes = 0;
  #held: Held[] = [];

  /** Whether all bytes up to the FIN have come. */
  get isComplete(): boolean {
    return this.#end !== undefined && this.#end === this.next;
  }

  /** The bytes that are next, once the segment has come. They are valid until the next packet. */
  *push({ sequence, isFirst, isLast, bytes }: Segment): Generator<Uint8Array, void> {
    // A SYN takes one number itself.
    const at = (sequence + Number(isFirst)) >>> 0;
    if (isFirst && this.begin === undefined) {
      this.begin = sequence;
      this.next = at;
    }
    if (isLast) this.#end = (at + bytes.length) >>> 0;
    if (bytes.length > 0) {
      const isEarly = this.next === undefined || isAfter(at, this.next);
      if (isEarly) this.#hold(at, bytes);
      else yield* this.#give(at, bytes);
    }
    yield* this.#drain();
  }

  /** Frees what waits. Returns whether anything did. */
  release(): boolean {
    const waited = this.#held.length > 0;
    this.#held = [];
    this.heldBytes = 0;
    return waited;
  }

  /** What is held and follows. */
  *#drain(): Generator<Uint8Array, void> {
    for (;;) {
      const { next } = this;
      if (next === undefined || this.#held.length === 0) return;
      const found = this.#held.findIndex(({ sequence }) => !isAfter(sequence, next));
      if (found < 0) return;
      const [{ sequence, bytes } = { sequence: 0, bytes: new Uint8Array() }] = this.#held.splice(found, 1);
      this.heldBytes -= bytes.length;
      yield* this.#give(sequence, bytes);
    }
  }

  /** The part of the bytes that is new. `sequence` is not after the next one. */
  *#give(sequence: number, bytes: Uint8Array): Generator<Uint8Array, void> {
    const { next = sequence } = this;
    const fresh = bytes.subarray((next - sequence) | 0);
    this.next = (next + fresh.length) >>> 0;
    if (fresh.length > 0) yield fresh;
  }

  #hold(sequence: number, bytes: Uint8Array): void {
    if (this.#held.length >= MAX_HELD || this.heldBytes + bytes.length > MAX_HELD_BYTES) {
      this.isOverfull = true;
      return;
    }
    this.#held.push({ sequence, bytes: Uint8Array.from(bytes) });
    this.heldBytes += bytes.length;
  }
}

/** Whether a sequence number comes after another one, modulo 2 to the power of 32. */
export function isAfter(sequence: number, other: number): boolean {
  return ((sequence - other) | 0) > 0;
}
