/**
 * Load on a target. Closed loop: so many connections, each submitting as soon as it has its answer. Open loop: so many
 * submissions a second, however slow the answers are, and latency counts from when each was due.
 */

import { performance } from 'node:perf_hooks';
import { marginOfMedian, median } from '../measure/statistics.ts';
import { Submitter, type Target } from './exchange.ts';
import { Latencies } from './latency.ts';

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

export interface Load {
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

export async function load(options: LoadOptions): Promise<Load> {
  const warmUp = await phase({ ...options, seconds: options.seconds / 4 }, Number.POSITIVE_INFINITY);
  // In closed loop, a connection that is not held up submits as often as it did at the median.
  const expectedNs = options.rate === undefined ? warmUp.latencies.at(50) : Number.POSITIVE_INFINITY;
  return await phase(options, expectedNs || Number.POSITIVE_INFINITY);
}

async function phase(
  { target, connections, keepOpen, seconds, rate, signal, onSecond }: LoadOptions,
  expectedNs: number,
): Promise<Load> {
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
    const submitter = new Submitter(target, keepOpen, TIMEOUT_MS);
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
