/**
 * Times functions side by side, so that whatever else the machine does meanwhile meets them alike. What is timed is
 * computing, not waiting, so the clock is the processor time of this process: it stands still while others have the
 * processor. For processes of their own (apart.ts), which let us collect garbage.
 */

import { Bench } from 'tinybench';
import { processorMs } from './processor-time.ts';
import { median } from './statistics.ts';

export interface Timing {
  /** For one call, the median. */
  readonly ns: number;
  /** For one call, each the mean of a batch. */
  readonly samplesNs: readonly number[];
}

/** Functions take turns so often. */
const TURNS = 3;
/** In each turn a function runs for so many batches, at least. */
const BATCHES = 40;
/** A function so slow that these take longer than that has fewer, but no less than this. */
const FEWEST_BATCHES = 2;
/** Of the clock, in a batch: it is to be that exact. */
const TICKS = 20;
const LEAST_BATCH_MS = 0.2;

/** From one value of the clock to the next: microseconds on Linux, 15 ms on Windows. */
function tickMs(): number {
  const next = (from: number): number => {
    let now = from;
    while (now === from) now = processorMs();
    return now;
  };
  const from = next(processorMs());
  return next(from) - from;
}

/** Times each function. */
export async function timeInTurns<Functions extends readonly (() => unknown)[]>(
  functions: readonly [...Functions],
): Promise<{ readonly [Index in keyof Functions]: Timing }> {
  const batchMs = Math.max(LEAST_BATCH_MS, TICKS * tickMs());
  const batches = functions.map((run) => {
    const size = batchSize(run, batchMs);
    return { run: repeated(run, size), size, medians: [] as number[], samples: [] as number[] };
  });
  for (let turn = 0; turn < TURNS; turn++) {
    const bench = new Bench({
      time: BATCHES * batchMs,
      iterations: FEWEST_BATCHES,
      warmup: false,
      throws: true,
      retainSamples: true,
      now: processorMs,
    });
    for (const [index, { run }] of batches.entries()) bench.add(String(index), run);
    await bench.run();
    for (const [index, { size, medians, samples }] of batches.entries()) {
      const result = bench.tasks[index]?.result;
      if (result === undefined || !('latency' in result)) throw new Error('a function was not timed');
      const ns = (result.latency.samples ?? []).map((ms) => (ms * 1e6) / size);
      medians.push(median(ns));
      samples.push(...ns);
    }
  }
  const timings = batches.map(
    ({ medians, samples }): Timing => ({ ns: median(medians), samplesNs: samples }),
  );
  return timings as { [Index in keyof Functions]: Timing };
}

/** Warm-up ends when so many spans in a row were no faster than the fastest before, or after the most. */
const WARM_UP = { spanMs: 15, spansWithoutGain: 5, gain: 0.97, mostMs: 1500 };

/** Calls the function until the compiler is done with it, and finds how many calls make a batch. */
function batchSize(run: () => unknown, batchMs: number): number {
  const spanMs = Math.max(WARM_UP.spanMs, batchMs);
  const began = processorMs();
  let best = Number.POSITIVE_INFINITY;
  let spansWithoutGain = 0;
  while (spansWithoutGain < WARM_UP.spansWithoutGain && processorMs() - began < WARM_UP.mostMs) {
    const from = processorMs();
    let calls = 0;
    do {
      run();
      calls++;
    } while (processorMs() - from < spanMs);
    const callMs = (processorMs() - from) / calls;
    if (callMs < WARM_UP.gain * best) spansWithoutGain = 0;
    else spansWithoutGain++;
    best = Math.min(best, callMs);
  }
  return Math.max(1, Math.ceil(batchMs / best));
}

function repeated(run: () => unknown, size: number): () => unknown {
  return () => {
    let result: unknown;
    for (let call = 0; call < size; call++) result = run();
    return result;
  };
}
