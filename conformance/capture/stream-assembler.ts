/**
 * TCP segments in the order of a capture → what each side of each connection sent, in order. Survives retransmissions and
 * segments that were captured out of order. Memory is bounded, whatever the capture holds.
 */

import type { Segment } from './segment.ts';
import { SegmentOrder } from './segment-order.ts';

/** What one side of a connection sent. */
export interface CapturedStream {
  /** As host:port. */
  readonly from: string;
  readonly to: string;
  readonly toPort: number;
  /** Whether this side opened the connection. */
  readonly isClient: boolean;
  readonly bytes: Buffer;
  /**
   * Whether `bytes` are all that was sent until the capture or the connection ended. Otherwise a segment is not in the
   * capture, or a limit was reached, and `bytes` are what precedes it.
   */
  readonly isWhole: boolean;
}

export interface AssemblerLimits {
  /** Bytes of a stream that are kept, inclusive. Default 1 MiB. */
  readonly streamBytes?: number;
  /** Bytes of all streams together. The oldest streams then end. Default 64 MiB. */
  readonly totalBytes?: number;
  /** Streams that are followed at a time. The oldest one then ends. Default 4096. */
  readonly streams?: number;
}

class Stream {
  readonly #first: Segment;
  readonly order = new SegmentOrder();
  isClient = false;
  /** Whether a limit was reached. */
  isCut = false;
  /** Whether it has been given out. It stays, so that retransmissions begin no other stream. */
  isDone = false;
  length = 0;
  #bytes = Buffer.alloc(0);

  constructor(first: Segment) {
    this.#first = first;
  }

  /** Bytes of memory that it holds. */
  get size(): number {
    return this.#bytes.length + this.order.heldBytes;
  }

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#bytes.length) {
      const room = Buffer.alloc(2 * length);
      this.#bytes.copy(room, 0, 0, this.length);
      this.#bytes = room;
    }
    this.#bytes.set(bytes, this.length);
    this.length = length;
  }

  /** Ends it, and frees its memory. Undefined if it is done, has no bytes, or its beginning is not in the capture. */
  finish(): CapturedStream | undefined {
    if (this.isDone) return undefined;
    const isWhole = !this.order.isMissing && !this.isCut;
    this.order.release();
    const bytes = Buffer.from(this.#bytes.subarray(0, this.length));
    this.isDone = true;
    this.#bytes = Buffer.alloc(0);
    if (this.order.begin === undefined || this.length === 0) return undefined;
    const { from, to, toPort } = this.#first;
    return { from, to, toPort, isClient: this.isClient, bytes, isWhole };
  }
}

export class StreamAssembler {
  readonly #limits: Required<AssemblerLimits>;
  /** The oldest first. */
  readonly #streams = new Map<string, Stream>();
  #size = 0;
  /** Streams that began before the capture, and are not given out. */
  headless = 0;

  constructor(limits: AssemblerLimits = {}) {
    this.#limits = {
      streamBytes: limits.streamBytes ?? 1024 * 1024,
      totalBytes: limits.totalBytes ?? 64 * 1024 * 1024,
      streams: limits.streams ?? 4096,
    };
  }

  /** The streams that end with the segment, or because of a limit. */
  *push(segment: Segment): Generator<CapturedStream, void> {
    const key = `${segment.from} ${segment.to}`;
    const before = this.#streams.get(key);
    const begin = before?.order.begin;
    const isNew = begin !== undefined && segment.isFirst && segment.sequence !== begin;
    // A new connection may have the ports of an earlier one.
    if (before !== undefined && isNew) yield* this.#finish(key, before);
    const stream = isNew ? undefined : before;
    const current = stream ?? new Stream(segment);
    if (stream === undefined) this.#streams.set(key, current);
    if (!current.isDone) {
      this.#size -= current.size;
      this.#take(current, segment);
      this.#size += current.size;
      if (current.isCut || current.order.isComplete) yield* this.#give(current);
    }
    yield* this.#keepLimits();
  }

  /** The streams that had not ended. */
  *end(): Generator<CapturedStream, void> {
    for (const [key, stream] of this.#streams) yield* this.#finish(key, stream);
  }

  *#keepLimits(): Generator<CapturedStream, void> {
    for (const [key, stream] of this.#streams) {
      if (this.#streams.size <= this.#limits.streams && this.#size <= this.#limits.totalBytes) return;
      yield* this.#finish(key, stream);
    }
  }

  *#finish(key: string, stream: Stream): Generator<CapturedStream, void> {
    this.#streams.delete(key);
    yield* this.#give(stream);
  }

  *#give(stream: Stream): Generator<CapturedStream, void> {
    if (stream.order.begin === undefined && stream.order.heldBytes > 0) this.headless += 1;
    this.#size -= stream.size;
    const given = stream.finish();
    if (given !== undefined) yield given;
  }

  #take(stream: Stream, segment: Segment): void {
    if (segment.isFirst && stream.order.begin === undefined) stream.isClient = segment.isClient;
    for (const bytes of stream.order.push(segment)) {
      const room = this.#limits.streamBytes - stream.length;
      stream.append(bytes.subarray(0, room));
      stream.isCut ||= bytes.length > room;
    }
    stream.isCut ||= stream.order.isBroken;
  }
}
