/**
 * Times functions in turns, so that other work of the machine affects all of them alike. The clock is the processor time of
 * this process, which stands still while other processes have the processor.
 */

import { Bench } from 'tinybench';
import { processorMs } from './processor-time.ts';
import { median } from './statistics.ts';

export interface Timing {
  /** The time of one call: the median over all batches. */
  readonly ns: number;
  /** The time of one call: the mean of each batch. */
  readonly samplesNs: readonly number[];
}

/** How many turns each function has. */
const TURNS = 3;
/** How many batches of calls of the least duration fit in one turn of a function. */
const BATCHES = 40;
/** The fewest batches in one turn, for a function whose single call takes longer than such a batch. */
const FEWEST_BATCHES = 2;
/** The least duration of a batch, in ticks of the clock, so that the clock is exact to 5 %. */
const TICKS = 20;
/** The least duration of a batch where the clock ticks fast. */
const LEAST_BATCH_MS = 0.2;

/** The time from one value of the clock to the next: microseconds on Linux, 15 ms on Windows. */
function tickMs(): number {
  const next = (from: number): number => {
    let now = from;
    while (now === from) now = processorMs();
    return now;
  };
  const from = next(processorMs());
  return next(from) - from;
}

/** Times each function; the result has the timings in the order of the functions. */
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

/**
 * The warm-up ends when `spansWithoutGain` spans in a row were not faster than the fastest span before them by the factor
 * `gain`, and in any case after `mostMs`.
 */
const WARM_UP = { spanMs: 15, spansWithoutGain: 5, gain: 0.97, mostMs: 1500 };

/** Calls the function until the compiler no longer makes it faster, and gives the number of calls in a batch. */
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
