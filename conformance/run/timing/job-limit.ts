/**
 * How many scenarios run at a time: latencies under load in, a limit out. The limit grows while the target answers as fast as
 * without load, and is halved when answers take several times as long, so it follows what the target can do. Pure.
 */

export interface JobBounds {
  /** At the beginning; at least 1, or 0 if the most is 0. */
  readonly initial: number;
  /** The most, inclusive. The least is 1, or 0 if the most is 0. */
  readonly cap: number;
}

/** Up to this multiple of the latency without load, the target keeps up. */
const KEEPS_UP = 2;
/** Above this multiple, it does not. */
const OVERLOADED = 4;
/** Latencies below these many milliseconds are scheduling, not load. */
const NOISE_MS = { keepsUp: 50, overloaded: 250 };
/** A target that answers within this time, in milliseconds, is overloaded only above another bound: it has time to spare. */
const FAST = { latencyMs: 20, overloadedMs: 1000 };
/** By how much the limit grows. */
const GROWTH = 4;

export class JobLimit {
  #bounds: JobBounds;
  readonly #latencyMs: number;
  #limit: number;
  /** Answers in a row that kept up. */
  #quick = 0;
  /** Answers that are still an effect of the limit before. */
  #earlier = 0;

  /** `latencyMs` is the latency without load, in milliseconds. */
  constructor(bounds: JobBounds, latencyMs: number) {
    this.#bounds = bounds;
    this.#latencyMs = latencyMs;
    this.#limit = bounds.initial;
  }

  /** Whether no two scenarios ever run at a time. */
  get isOne(): boolean {
    return this.#bounds.cap === 1;
  }

  get now(): number {
    return this.#limit;
  }

  /** Takes the latency of an answer that was measured while scenarios ran. */
  observe(latencyMs: number): void {
    if (this.#earlier > 0) {
      this.#earlier -= 1;
      return;
    }
    const noiseMs = this.#latencyMs <= FAST.latencyMs ? FAST.overloadedMs : NOISE_MS.overloaded;
    if (latencyMs > Math.max(OVERLOADED * this.#latencyMs, noiseMs)) {
      this.shrink();
      return;
    }
    const keepsUp = latencyMs <= Math.max(KEEPS_UP * this.#latencyMs, NOISE_MS.keepsUp);
    this.#quick = keepsUp ? this.#quick + 1 : 0;
    if (this.#quick > this.#limit) this.#change(Math.min(this.#bounds.cap, this.#limit + GROWTH));
  }

  /** Halves the limit, because the target is overloaded. */
  shrink(): void {
    this.#change(Math.max(Math.min(1, this.#bounds.cap), Math.floor(this.#limit / 2)));
  }

  /** Halves the limit for good, because this machine can open no more connections. */
  lower(): void {
    this.shrink();
    this.#bounds = { ...this.#bounds, cap: this.#limit };
  }

  #change(limit: number): void {
    this.#earlier = limit === this.#limit ? 0 : this.#limit;
    this.#limit = limit;
    this.#quick = 0;
  }
}
