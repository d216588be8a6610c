/** What a connection waits for, since when, and whether that takes too long. Times are in milliseconds of `performance.now`. */
import { performance } from 'node:perf_hooks';
import { type DeadlineCode, overdue, rateLimitMs, type TimeLimits } from './deadlines.ts';

/**
 * - `reading`: the peer is to send.
 * - `deciding`: a frame is read in a thread, or a handler runs. No deadline runs.
 * - `writing`: the system is to take a frame, whose size is `bytes`.
 * - `lingering`: FIN is sent, and the peer is to close.
 */
export type Phase = 'reading' | 'deciding' | 'writing' | 'lingering';

/** For the peer to close after the last answer. */
interface LingerLimit {
  readonly lingerMs: number;
}

export class Pace {
  readonly #limits: TimeLimits & LingerLimit;
  #phase: Phase = 'reading';
  /** When the phase began, or the wait for the frame. */
  #begunAt = performance.now();
  #payloadAt: number | undefined;
  #chunkAt = this.#begunAt;
  /** Bytes of the frame that have come, or of the frame that is written. */
  bytes = 0;

  constructor(limits: TimeLimits & LingerLimit) {
    this.#limits = limits;
  }

  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#begunAt = performance.now();
    this.#chunkAt = this.#begunAt;
  }

  /** A chunk has come. */
  takeChunk(): void {
    this.#chunkAt = performance.now();
  }

  /** The last chunk was that with the end of the header, or a later one. */
  takeHeader(): void {
    this.#payloadAt ??= this.#chunkAt;
  }

  /** The frame has come as a whole. */
  takeFrame(): void {
    this.#payloadAt = undefined;
  }

  /** Which limit has passed at `nowMs`; undefined when there is none. */
  overdue(nowMs: number): DeadlineCode | 'linger-timeout' | undefined {
    const begunAt = this.#begunAt;
    const timeMs = nowMs - begunAt;
    switch (this.#phase) {
      case 'reading': {
        const progress = { begunAt, payloadAt: this.#payloadAt, chunkAt: this.#chunkAt, bytes: this.bytes };
        return overdue(progress, this.#limits, nowMs);
      }
      case 'deciding':
        return undefined;
      case 'writing':
        if (timeMs >= this.#limits.frameTimeoutMs) return 'frame-timeout';
        return timeMs >= rateLimitMs(this.bytes, this.#limits) ? 'rate-timeout' : undefined;
      case 'lingering':
        return timeMs >= this.#limits.lingerMs ? 'linger-timeout' : undefined;
    }
  }
}
