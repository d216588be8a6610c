/**
 * Load on a target. In a closed loop, each connection submits as soon as it has its answer. In an open loop, submissions
 * are due at a fixed rate, however slow the answers are, and latency counts from when each was due.
 */

import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { combinedSignal } from '../../conformance/util/combined-signal.ts';
import type { Address } from '../../reference/index.ts';
import { marginOfMedian, median } from '../measure/statistics.ts';
import { SubmitClient } from './submit-client.ts';

export interface LoadOptions {
  readonly target: Address;
  /** The number of connections at a time. An open loop uses no more; a submission that finds none free waits for it. */
  readonly connections: number;
  /** Whether a connection carries many submissions, or only one. */
  readonly keepOpen: boolean;
  /** How long the load is measured, after a warm-up of a quarter of that time. */
  readonly seconds: number;
  /** Submissions a second in an open loop; undefined for a closed loop. */
  readonly rate?: number | undefined;
  /** Milliseconds that submissions get after the end of the time; what has no answer then has failed. Default 5000. */
  readonly lateMs?: number | undefined;
  /** Ends the load, with the submissions that are in flight. */
  readonly signal?: AbortSignal | undefined;
  /** Is called about once a second with the rate so far. */
  readonly onSecond?: ((perSecond: number) => void) | undefined;
}

export interface LoadResult {
  /** Submissions with an answer, without those of the warm-up. */
  readonly submits: number;
  /** Submissions with an answer, with those of the warm-up. */
  readonly answered: number;
  /** Submissions that were answered with 400. */
  readonly rejected: number;
  /** Submissions without a legal answer. */
  readonly failed: number;
  readonly perSecond: number;
  /** How far that rate may be off, as a share of it. */
  readonly margin: number;
  readonly latencies: Latencies;
}

/** The number of equal parts of the time whose rates give the margin. */
const SLICES = 10;
const TIMEOUT_MS = 30_000;
/** As long as the deadline of an answer (S8). */
const DEFAULT_LATE_MS = 5000;
/** The pause after a failed submission: a target that refuses connections must not get them at full speed. */
const PAUSE_MS = 10;

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const warmUp = await runPhase({ ...options, seconds: options.seconds / 4 }, Number.POSITIVE_INFINITY);
  // In a closed loop, a connection that does not stall submits at the median interval.
  const expectedNs = options.rate === undefined ? warmUp.latencies.at(50) : Number.POSITIVE_INFINITY;
  const load = await runPhase(options, expectedNs || Number.POSITIVE_INFINITY);
  return { ...load, answered: warmUp.submits + load.submits };
}

async function runPhase(
  { target, connections, keepOpen, seconds, rate, lateMs = DEFAULT_LATE_MS, signal, onSecond }: LoadOptions,
  expectedNs: number,
): Promise<Omit<LoadResult, 'answered'>> {
  const latencies = new Latencies(expectedNs);
  const slices = Array.from({ length: SLICES }, () => 0);
  let submits = 0;
  let rejected = 0;
  let failed = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  let issued = 0;
  let lastReport = began;

  // One listener on the caller's signal, however many connections listen to it.
  const over = combinedSignal([signal], seconds * 1000 + lateMs);
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: over.signal }).catch(() => {});

  /** When the next submission is due; undefined when the phase is over. */
  const nextDue = (): number | undefined => {
    const due = rate === undefined ? performance.now() : began + (issued * 1000) / rate;
    if (due >= end || over.signal.aborted) return undefined;
    issued++;
    return due;
  };
  const worker = async (): Promise<void> => {
    const client = new SubmitClient(target, { keepOpen, timeoutMs: TIMEOUT_MS, signal: over.signal });
    for (let due = nextDue(); due !== undefined; due = nextDue()) {
      const wait = due - performance.now();
      if (wait > 0) await pause(wait);
      try {
        if ((await client.submit()) !== 200) rejected++;
        const now = performance.now();
        submits++;
        latencies.record((now - due) * 1e6);
        const slice = Math.floor(((now - began) / (end - began)) * SLICES);
        if (slice < SLICES) slices[slice] = (slices[slice] ?? 0) + 1;
        if (onSecond !== undefined && now - lastReport >= 1000) {
          lastReport = now;
          onSecond((submits * 1000) / (now - began));
        }
      } catch {
        failed++;
        await pause(PAUSE_MS);
      }
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  over.release();
  // In an open loop, those that were due and found no free connection.
  if (rate !== undefined && !signal?.aborted) failed += Math.max(0, Math.ceil(rate * seconds) - issued);
  const rates = slices.map((count) => (count * SLICES) / seconds);
  return { submits, rejected, failed, perSecond: median(rates), margin: marginOfMedian(rates), latencies };
}

/** An hour, in nanoseconds. */
const HIGHEST_NS = 3.6e12;

/**
 * A latency histogram of bounded size, exact to three digits, and corrected for coordinated omission: a sender that waits
 * for a slow answer sends nothing in that time, so the submissions that would have waited too are missing.
 */
export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 3 });
  readonly #expectedNs: number;

  /**
   * `expectedNs`: the time after which the sender would have sent the next submission. Infinity where latencies count from
   * the moment at which each submission was due, which needs no correction.
   */
  constructor(expectedNs: number) {
    this.#expectedNs = expectedNs;
  }

  /** For a latency above the expected time, also records those of the submissions that were not sent in that time. */
  record(ns: number): void {
    for (let waited = ns; waited > 0; waited -= this.#expectedNs) {
      this.#histogram.record(Math.min(Math.max(1, Math.round(waited)), HIGHEST_NS));
      if (waited < 2 * this.#expectedNs) break;
    }
  }

  /** Nanoseconds; 0 when nothing was recorded. `percentile` is above 0 and at most 100. */
  at(percentile: number): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.percentile(percentile);
  }

  get highest(): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.max;
  }
}
