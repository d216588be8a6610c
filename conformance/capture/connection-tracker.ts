/**
 * TCP segments in the order of a capture → what both sides of each connection did, in that order. Bytes are given when all that
 * precede them have come. Where bytes are missing, a gap is given, and then no more of that side. Memory is bounded, whatever
 * the capture holds.
 */

import type { Segment } from './segment.ts';
import { SegmentOrder } from './segment-order.ts';

/** The sender opened the connection. */
type Side = 'sender' | 'receiver';

/** A connection of a capture. */
export interface CapturedConnection {
  /** Counts from 1, in the order in which connections begin. */
  readonly index: number;
  /** As host:port. */
  readonly sender: string;
  readonly receiver: string;
  /** Milliseconds since 1970. */
  readonly beganMs: number;
}

/** What one side did, or that the connection is over, or not followed any longer. */
export type CapturedEvent = { readonly connection: CapturedConnection; readonly atMs: number } & (
  | { readonly kind: 'begin' }
  /** `bytes` are valid until the next packet. */
  | { readonly kind: 'bytes'; readonly from: Side; readonly bytes: Uint8Array }
  | { readonly kind: 'fin' | 'reset' | 'gap'; readonly from: Side }
  /** `isOpen`: neither side had reset it, nor both ended it. */
  | { readonly kind: 'end'; readonly isOpen: boolean }
);

/** Connections that are followed at a time, and ended ones that are remembered because of retransmissions. */
const MOST_OPEN = 4096;
const MOST_ENDED = 4096;

interface Direction {
  readonly order: SegmentOrder;
  hasGap: boolean;
  ended: 'fin' | 'reset' | undefined;
}

interface Tracked {
  readonly connection: CapturedConnection;
  readonly directions: Readonly<Record<Side, Direction>>;
  lastMs: number;
}

export class ConnectionTracker {
  /** The oldest first. */
  readonly #open = new Map<string, Tracked>();
  /** The numbers of the SYNs of ended connections. */
  readonly #ended = new Map<string, readonly (number | undefined)[]>();
  #count = 0;

  /** Connections that are open. */
  get open(): number {
    return this.#open.size;
  }

  *push(segment: Segment, atMs: number): Generator<CapturedEvent, void> {
    const key = [segment.from, segment.to].sort().join(' ');
    let tracked = this.#open.get(key);
    if (tracked !== undefined && isAnother(tracked, segment)) {
      yield* this.#finish(key, tracked);
      tracked = undefined;
    }
    if (tracked === undefined) {
      if (isLate(this.#ended.get(key), segment)) return;
      tracked = this.#begin(key, segment, atMs);
      yield { kind: 'begin', connection: tracked.connection, atMs };
    }
    yield* this.#follow(tracked, segment, atMs);
    const { sender, receiver } = tracked.directions;
    const isReset = sender.ended === 'reset' || receiver.ended === 'reset';
    if (isReset || (sender.ended && receiver.ended)) yield* this.#finish(key, tracked);
    for (const [oldest, one] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break;
      yield* this.#finish(oldest, one);
    }
  }

  /** The connections that had not ended, at the end of the capture. */
  *end(atMs: number): Generator<CapturedEvent, void> {
    for (const [key, tracked] of this.#open) {
      tracked.lastMs = Math.max(tracked.lastMs, atMs);
      yield* this.#finish(key, tracked);
    }
  }

  #begin(key: string, segment: Segment, atMs: number): Tracked {
    const isSender = segment.isFirst ? segment.isClient : segment.toPort < segment.fromPort;
    const [sender, receiver] = isSender ? [segment.from, segment.to] : [segment.to, segment.from];
    this.#count += 1;
    const direction = (): Direction => ({ order: new SegmentOrder(), hasGap: false, ended: undefined });
    const tracked: Tracked = {
      connection: { index: this.#count, sender, receiver, beganMs: atMs },
      directions: { sender: direction(), receiver: direction() },
      lastMs: atMs,
    };
    this.#open.set(key, tracked);
    this.#ended.delete(key);
    return tracked;
  }

  *#follow(tracked: Tracked, segment: Segment, atMs: number): Generator<CapturedEvent, void> {
    const { connection, directions } = tracked;
    tracked.lastMs = atMs;
    const from: Side = segment.from === connection.sender ? 'sender' : 'receiver';
    const other: Side = from === 'sender' ? 'receiver' : 'sender';
    const [mine, theirs] = [directions[from], directions[other]];
    const gap = (side: Side): CapturedEvent => {
      directions[side].hasGap = true;
      directions[side].order.release();
      return { kind: 'gap', connection, from: side, atMs };
    };
    if (segment.acknowledged !== undefined) theirs.order.acknowledge(segment.acknowledged);
    const isOfNote = segment.bytes.length > 0 || segment.isCut || segment.isLast || segment.isReset;
    // What a side has acknowledged precedes what it sends then. Packets without bytes may be in another order.
    const isMissing = segment.isReset ? theirs.order.isMissing : isOfNote && theirs.order.lacksAcknowledged;
    if (!segment.isFirst && !theirs.hasGap && isMissing) yield gap(other);
    if (!mine.hasGap) {
      if (!segment.isFirst && mine.order.begin === undefined && !segment.isReset) yield gap(from);
      else {
        for (const bytes of mine.order.push(segment)) yield { kind: 'bytes', connection, from, atMs, bytes };
        if (segment.isReset ? mine.order.isMissing : mine.order.isBroken) yield gap(from);
      }
    }
    if (mine.ended !== undefined) return;
    if (segment.isReset) mine.ended = 'reset';
    else if (mine.hasGap ? segment.isLast : mine.order.isComplete) mine.ended = 'fin';
    if (mine.ended !== undefined) yield { kind: mine.ended, connection, from, atMs };
  }

  *#finish(key: string, tracked: Tracked): Generator<CapturedEvent, void> {
    const { connection, directions, lastMs: atMs } = tracked;
    this.#open.delete(key);
    const begins = Object.values(directions).map(({ order }) => order.begin);
    this.#ended.set(key, begins);
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= MOST_ENDED) break;
      this.#ended.delete(oldest);
    }
    let isOpen = false;
    for (const from of ['sender', 'receiver'] as const) {
      const direction = directions[from];
      if (direction.order.isMissing && !direction.hasGap) yield { kind: 'gap', connection, from, atMs };
      direction.order.release();
      isOpen ||= direction.ended === undefined;
    }
    const isReset = Object.values(directions).some(({ ended }) => ended === 'reset');
    yield { kind: 'end', connection, atMs, isOpen: isOpen && !isReset };
  }
}

/** Whether the segment opens another connection with the same ports. */
function isAnother({ directions, connection }: Tracked, { isFirst, from, sequence }: Segment): boolean {
  if (!isFirst) return false;
  const { order } = directions[from === connection.sender ? 'sender' : 'receiver'];
  return order.begin === undefined ? order.heldBytes > 0 : order.begin !== sequence;
}

/** Whether the segment belongs to a connection that has ended. */
function isLate(begins: readonly (number | undefined)[] | undefined, segment: Segment): boolean {
  return begins !== undefined && (!segment.isFirst || begins.includes(segment.sequence));
}
