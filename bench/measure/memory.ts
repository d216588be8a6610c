/** The memory that a function allocates. Only subprocesses (subprocess.ts) can measure it, because they can collect garbage. */

import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { median } from './statistics.ts';

/** Frees all unused memory. Throws in a process that was started without `--expose-gc`. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('memory is measured in a subprocess with --expose-gc');
  // The second call waits for the memory outside of the heap that the first call frees in the background.
  globalThis.gc();
  globalThis.gc();
}

/** The memory that the process holds in its heap and in buffers outside of it, in bytes. */
export function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const ALLOCATION_ROUNDS = 5;
/** The most memory that the calls of one round allocate, so that few rounds meet a garbage collection. */
const ROUND_BYTES = 64 * 1024;

/**
 * The memory that one call allocates, in bytes; null when every round of calls met a garbage collection. `expectedBytes` is
 * an estimate of it.
 */
export async function allocationOf(run: () => unknown, expectedBytes: number): Promise<number | null> {
  const calls = Math.max(1, Math.floor(ROUND_BYTES / expectedBytes));
  let collections = 0;
  const observer = new PerformanceObserver((entries) => {
    collections += entries.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  const rounds: number[] = [];
  for (let round = 0; round < ALLOCATION_ROUNDS; round++) {
    collectGarbage();
    // The observer is called one turn of the event loop after a collection.
    await setImmediate();
    await setImmediate();
    const collectionsBefore = collections;
    const before = heldBytes();
    for (let call = 0; call < calls; call++) run();
    const after = heldBytes();
    await setImmediate();
    await setImmediate();
    if (collections === collectionsBefore) rounds.push((after - before) / calls);
  }
  observer.disconnect();
  return rounds.length === 0 ? null : median(rounds);
}
