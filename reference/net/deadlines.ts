/**
 * The deadlines of all connections of a server, checked by one timer. A timer for each connection would cost a SUBMIT on a
 * new connection several starts and stops.
 */
import { performance } from 'node:perf_hooks';

/** Limits of the time of a connection. Durations are in milliseconds. */
export interface TimeLimits {
  /** From the connection, or from the previous frame, until the 8 bytes of the header have arrived. Default 10 000. */
  readonly headerTimeoutMs: number;
  /** The longest pause between two chunks of a payload (T6). Default 30 000. */
  readonly idleTimeoutMs: number;
  /**
   * Once a payload, or an answer that is sent, takes longer than `idleTimeoutMs`: the bytes that have to have passed for each
   * further second, on average. Default 1024: a modem of 9600 bit/s is faster only with compression, and a SUBMIT of 16 KiB needs 550
   * in the first 30 s.
   */
  readonly minBytesPerSecond: number;
  /** To read a whole frame, and also to write one. Default 600 000: 16 MiB at 28 KiB/s. */
  readonly frameTimeoutMs: number;
}

/** Which limit has passed. */
export type DeadlineCode = 'header-timeout' | 'idle-timeout' | 'rate-timeout' | 'frame-timeout';

/** How far a frame has come. Times are in milliseconds of any clock. */
export interface FrameProgress {
  /** When the wait for the frame began. */
  readonly begunAt: number;
  /** When the last byte of the header came. Undefined before. */
  readonly payloadAt: number | undefined;
  /** When the last chunk came. */
  readonly chunkAt: number;
  /** Bytes of the frame that have come. */
  readonly bytes: number;
}

/** The limit that a frame that is being read has passed at `nowMs`; undefined when there is none. */
export function overdue(
  { begunAt, payloadAt, chunkAt, bytes }: FrameProgress,
  limits: TimeLimits,
  nowMs: number,
): DeadlineCode | undefined {
  if (nowMs - begunAt >= limits.frameTimeoutMs) return 'frame-timeout';
  if (payloadAt === undefined)
    return nowMs - begunAt >= limits.headerTimeoutMs ? 'header-timeout' : undefined;
  if (nowMs - chunkAt >= limits.idleTimeoutMs) return 'idle-timeout';
  return nowMs - payloadAt >= rateLimitMs(bytes, limits) ? 'rate-timeout' : undefined;
}

/** How long `bytes` may take at the least permitted rate. */
export function rateLimitMs(bytes: number, { idleTimeoutMs, minBytesPerSecond }: TimeLimits): number {
  return idleTimeoutMs + (1000 * bytes) / minBytesPerSecond;
}

/** Has deadlines. */
export interface Timed {
  /** Ends what is overdue at `nowMs`, a time of `performance.now`. */
  checkTime(nowMs: number): void;
}

/** Checks are at most this far apart. In milliseconds. */
const LONGEST_INTERVAL_MS = 250;
const SHORTEST_INTERVAL_MS = 5;

/** Checks everything that was added, until it is removed. */
export class Deadlines {
  readonly #all: ReadonlySet<Timed>;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;

  /**
   * `all`: what is checked; call `start` when something was added. `shortestMs`: the shortest limit. A
   * limit is noticed late by at most a tenth of `shortestMs`, but at least 5 ms and at most 250 ms.
   */
  constructor(all: ReadonlySet<Timed>, shortestMs: number) {
    this.#all = all;
    this.#intervalMs = Math.min(LONGEST_INTERVAL_MS, Math.max(SHORTEST_INTERVAL_MS, shortestMs / 10));
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#check(), this.#intervalMs).unref();
  }

  #check(): void {
    if (this.#all.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    // After the sockets were read: what came while this thread was busy came in time.
    setImmediate(() => {
      const nowMs = performance.now();
      for (const timed of this.#all) timed.checkTime(nowMs);
    });
  }
}
