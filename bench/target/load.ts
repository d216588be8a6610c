/**
 * Load on a target. Closed loop: so many connections, each submitting as soon as it has its answer. Open loop: so many
 * submissions a second, however slow the answers are, and latency counts from when each was due.
 */

import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { marginOfMedian, median } from '../measure/statistics.ts';
import { SubmitClient, type Target } from './submit-client.ts';

export interface LoadOptions {
  readonly target: Target;
  /** At a time. For open loop the most; submissions that find none free wait, and that counts. */
  readonly connections: number;
  /** Whether a connection carries many submissions, or one. */
  readonly keepOpen: boolean;
  /** How long to measure; a quarter of it is spent to warm up before. */
  readonly seconds: number;
  /** Submissions a second; undefined for closed loop. */
  readonly rate?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears of every second. */
  readonly onSecond?: ((perSecond: number) => void) | undefined;
}

export interface LoadResult {
  readonly submits: number;
  /** Answered with 400. */
  readonly rejected: number;
  /** Without a legal answer. */
  readonly failed: number;
  readonly perSecond: number;
  /** How far that may be off, as a share. */
  readonly margin: number;
  readonly latencies: Latencies;
}

/** Slices of the time by which the margin is told. */
const SLICES = 10;
const TIMEOUT_MS = 30_000;

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const warmUp = await phase({ ...options, seconds: options.seconds / 4 }, Number.POSITIVE_INFINITY);
  // In closed loop, a connection that is not held up submits as often as it did at the median.
  const expectedNs = options.rate === undefined ? warmUp.latencies.at(50) : Number.POSITIVE_INFINITY;
  return await phase(options, expectedNs || Number.POSITIVE_INFINITY);
}

async function phase(
  { target, connections, keepOpen, seconds, rate, signal, onSecond }: LoadOptions,
  expectedNs: number,
): Promise<LoadResult> {
  const latencies = new Latencies(expectedNs);
  const slices = Array.from({ length: SLICES }, () => 0);
  let submits = 0;
  let rejected = 0;
  let failed = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  let issued = 0;
  let told = began;

  /** When the next submission is due; undefined once there are no more. */
  const nextDue = (): number | undefined => {
    const due = rate === undefined ? performance.now() : began + (issued * 1000) / rate;
    if (due >= end || signal?.aborted) return undefined;
    issued++;
    return due;
  };
  const worker = async (): Promise<void> => {
    const submitter = new SubmitClient(target, keepOpen, TIMEOUT_MS);
    for (let due = nextDue(); due !== undefined; due = nextDue()) {
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        if ((await submitter.submit()) !== 200) rejected++;
        const now = performance.now();
        submits++;
        latencies.record((now - due) * 1e6);
        const slice = Math.floor(((now - began) / (end - began)) * SLICES);
        if (slice < SLICES) slices[slice] = (slices[slice] ?? 0) + 1;
        if (onSecond !== undefined && now - told >= 1000) {
          told = now;
          onSecond((submits * 1000) / (now - began));
        }
      } catch {
        failed++;
        // A target that refuses connections is not to be hammered at the speed of the loop.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    submitter.close();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const rates = slices.map((count) => (count * SLICES) / seconds);
  return { submits, rejected, failed, perSecond: median(rates), margin: marginOfMedian(rates), latencies };
}

/** An hour, in nanoseconds. */
const HIGHEST_NS = 3.6e12;

export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 3 });
  readonly #expectedNs: number;

  /**
   * `expectedNs`: in which time the sender would have sent the next; Infinity when latencies count from the moment at
   * which they were due, which needs no correction.
   */
  constructor(expectedNs: number) {
    this.#expectedNs = expectedNs;
  }

  /** For a latency beyond the expected time, also those that would have been sent, and have waited, meanwhile. */
  record(ns: number): void {
    for (let waited = ns; waited > 0; waited -= this.#expectedNs) {
      this.#histogram.record(Math.min(Math.max(1, Math.round(waited)), HIGHEST_NS));
      if (waited < 2 * this.#expectedNs) break;
    }
  }

  /** Nanoseconds; 0 when nothing was recorded. `percentile` is over 0 and at most 100. */
  at(percentile: number): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.percentile(percentile);
  }

  get highest(): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.max;
  }
}
