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
  /** What follows all that the segments of this side, and the numbers of those without bytes, show to be sent. */
  #sent: number | undefined;
  /** What the other side expects next. */
  #acknowledged: number | undefined;
  /** Whether bytes are missing and cannot come: a segment is cut, or more waits than is kept. */
  isBroken = false;
  heldBytes = 0;
  #held: Held[] = [];

  /** Whether all bytes up to the FIN have come. */
  get isComplete(): boolean {
    return this.#end !== undefined && this.#end === this.next;
  }

  /** Whether the other side has acknowledged what has not come. */
  get lacksAcknowledged(): boolean {
    return this.#lacks(this.#acknowledged);
  }

  /** Whether anything that was sent has not come. */
  get isMissing(): boolean {
    const isHole = this.#held.length > 0 || (this.next !== undefined && this.#lacks(this.#sent));
    return isHole || this.isBroken || this.lacksAcknowledged;
  }

  /** The other side expects this byte next. */
  acknowledge(next: number): void {
    this.#acknowledged = later(this.#acknowledged, next);
  }

  /** The bytes that are next, once the segment has come. They are valid until the next packet. */
  *push({ sequence, isFirst, isLast, isCut, bytes }: Segment): Generator<Uint8Array, void> {
    // A SYN takes one number itself.
    const at = (sequence + Number(isFirst)) >>> 0;
    if (isFirst && this.begin === undefined) {
      this.begin = sequence;
      this.next = at;
    }
    const end = (at + bytes.length) >>> 0;
    this.#sent = later(this.#sent, end);
    if (isCut) this.isBroken = true;
    else if (isLast) this.#end = end;
    if (bytes.length > 0) {
      const isEarly = this.next === undefined || isAfter(at, this.next);
      if (isEarly) this.#hold(at, bytes);
      else yield* this.#give(at, bytes);
    }
    yield* this.#drain();
  }

  /** Frees what waits. */
  release(): void {
    this.#held = [];
    this.heldBytes = 0;
  }

  #lacks(end: number | undefined): boolean {
    if (end === undefined) return false;
    if (this.next === undefined) return true;
    // A FIN takes one number itself.
    return isAfter(end, (this.next + Number(this.isComplete)) >>> 0);
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
      this.isBroken = true;
      return;
    }
    this.#held.push({ sequence, bytes: Uint8Array.from(bytes) });
    this.heldBytes += bytes.length;
  }
}

/** Whether a sequence number comes after another one, modulo 2 to the power of 32. */
function isAfter(sequence: number, other: number): boolean {
  return ((sequence - other) | 0) > 0;
}

function later(one: number | undefined, other: number): number {
  return one === undefined || isAfter(other, one) ? other : one;
}
