/**
 * Times functions side by side, so that whatever else the machine does meanwhile meets them alike. What is timed is
 * computing, not waiting, so the clock is the processor time of this process: it stands still while others have the
 * processor.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Bench } from 'tinybench';
import { median } from './statistics.ts';

/** For one call: the median and the 99th percentile. */
export interface Timing {
  readonly ns: number;
  readonly p99Ns: number;
}

/** They take turns so often. */
const TURNS = 3;
/** For each function in each turn, at least. */
const SLICE_MS = 8;
/** A slow function runs so often in each turn, at least. */
const ITERATIONS = 2;
/** The clock ticks in microseconds and costs one, so calls are timed together until they take this long. */
const BATCH_MS = 0.2;

/** Milliseconds that this process has spent on a processor. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times each function. */
export async function sideBySide<Functions extends readonly (() => unknown)[]>(
  functions: readonly [...Functions],
): Promise<{ readonly [Index in keyof Functions]: Timing }> {
  const batches = functions.map((run) => ({
    run,
    size: batchSize(run),
    p50: [] as number[],
    p99: [] as number[],
  }));
  for (let turn = 0; turn < TURNS; turn++) {
    const bench = new Bench({
      time: SLICE_MS,
      iterations: ITERATIONS,
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
  const timings = batches.map(({ p50, p99 }): Timing => ({ ns: median(p50), p99Ns: median(p99) }));
  return timings as { [Index in keyof Functions]: Timing };
}

/** Warm-up ends when so many spans in a row were no faster than the fastest before, or after the most. */
const WARM_UP = { spanMs: 15, spansWithoutGain: 5, gain: 0.97, mostMs: 1500 };

/** Calls the function until the compiler is done with it, and finds how many calls make a batch. */
function batchSize(run: () => unknown): number {
  const began = processorMs();
  let best = Number.POSITIVE_INFINITY;
  let spansWithoutGain = 0;
  while (spansWithoutGain < WARM_UP.spansWithoutGain && processorMs() - began < WARM_UP.mostMs) {
    const from = processorMs();
    let calls = 0;
    do {
      run();
      calls++;
    } while (processorMs() - from < WARM_UP.spanMs);
    const callMs = (processorMs() - from) / calls;
    if (callMs < WARM_UP.gain * best) spansWithoutGain = 0;
    else spansWithoutGain++;
    best = Math.min(best, callMs);
  }
  return Math.max(1, Math.ceil(BATCH_MS / best));
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
  const collect: () => void = runInNewContext('gc');
  // What the first one finds outside of the heap is freed in the background, for which the second one waits.
  collect();
  collect();
}

const ALLOCATION_ROUNDS = 5;
const ALLOCATION_CALLS = 8;

/** Bytes that a call takes from the heap and from outside of it; null when memory is collected during each call. */
export function allocationOf(run: () => unknown): number | null {
  const rounds = Array.from({ length: ALLOCATION_ROUNDS }, () => {
    collectGarbage();
    const before = process.memoryUsage();
    for (let call = 0; call < ALLOCATION_CALLS; call++) run();
    const after = process.memoryUsage();
    return (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / ALLOCATION_CALLS;
  }).filter((bytes) => bytes > 0);
  return rounds.length === 0 ? null : median(rounds);
}
