/**
 * Times functions side by side, so that whatever else the machine does meanwhile meets them alike: in every round each
 * runs for a moment, and what is compared is their ratio within a round. What is timed is computing, not waiting, so the
 * clock is the processor time of this process: it stands still while others have the processor.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bench } from 'tinybench';
import { marginOfMedian, median } from './statistics.ts';

export interface Effort {
  readonly rounds: number;
  /** For each function in each round, at least; a slow one runs three times. */
  readonly sliceMs: number;
}

export interface Timing {
  /** For one call: the median, the 99th percentile, and how far the median may be off, as a share. */
  readonly ns: number;
  readonly p99Ns: number;
  readonly margin: number;
}

export interface SideBySide {
  readonly timings: readonly Timing[];
  /** Of the first function to the second. */
  readonly ratio: number;
  readonly ratioMargin: number;
}

/** The clock ticks in microseconds and costs one, so calls are timed together until they take this long. */
const BATCH_MS = 0.2;

/** Milliseconds that this process has spent on a processor. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times at least two functions. */
export async function sideBySide(
  functions: readonly (() => unknown)[],
  { rounds, sliceMs }: Effort,
): Promise<SideBySide> {
  const batches = functions.map((run) => ({
    run,
    size: batchSize(run),
    p50: [] as number[],
    p99: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({
      time: sliceMs,
      iterations: 3,
      warmup: false,
      throws: true,
      now: processorMs,
    });
    for (const [index, { run, size }] of batches.entries()) bench.add(String(index), repeated(run, size));
    await bench.run();
    for (const [index, { size, p50, p99 }] of batches.entries()) {
      const result = bench.tasks[index]?.result;
      if (result === undefined || !('latency' in result)) throw new Error('a function was not timed');
      p50.push((result.latency.p50 * 1e6) / size);
      p99.push((result.latency.p99 * 1e6) / size);
    }
  }
  const [first = [], second = []] = batches.map(({ p50 }) => p50);
  const ratios = first.map((ns, round) => ns / (second[round] ?? ns));
  return {
    timings: batches.map(({ p50, p99 }) => ({
      ns: median(p50),
      p99Ns: median(p99),
      margin: marginOfMedian(p50),
    })),
    ratio: median(ratios),
    ratioMargin: marginOfMedian(ratios),
  };
}

/** Long enough for the compiler to be done with the function. */
const WARM_UP_MS = 40;

/** Warms the function up, and finds how many calls make a batch. */
function batchSize(run: () => unknown): number {
  const until = processorMs() + WARM_UP_MS;
  while (processorMs() < until) run();
  for (let size = 1; ; size *= 2) {
    const batch = repeated(run, size);
    const times = Array.from({ length: 3 }, () => {
      const began = processorMs();
      batch();
      return processorMs() - began;
    });
    // The shortest: that a collection of memory falls into one makes no batch long enough.
    if (Math.min(...times) >= BATCH_MS) return size;
  }
}

function repeated(run: () => unknown, size: number): () => unknown {
  return () => {
    let result: unknown;
    for (let call = 0; call < size; call++) result = run();
    return result;
  };
}

/** Frees what is not in use, so that memory in use can be compared. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

const ALLOCATION_ROUNDS = 5;

/** Bytes that a call takes from the heap and from outside of it; null when memory is collected during each call. */
export function allocationOf(run: () => unknown): number | null {
  const size = Math.min(batchSize(run), 64);
  const rounds = Array.from({ length: ALLOCATION_ROUNDS }, () => {
    collectGarbage();
    const before = process.memoryUsage();
    for (let call = 0; call < size; call++) run();
    const after = process.memoryUsage();
    return (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / size;
  }).filter((bytes) => bytes > 0);
  return rounds.length === 0 ? null : median(rounds);
}
