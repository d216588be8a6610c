/** The memory that a function takes. For subprocesses, which may collect garbage (subprocess.ts). */

import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { median } from './statistics.ts';

/** Frees what is not in use, so that memory in use can be compared. Throws where that is not allowed. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('to be measured in a process of its own');
  // What the first one finds outside of the heap is freed in the background, for which the second one waits.
  globalThis.gc();
  globalThis.gc();
}

/** What the process holds in its heap and in buffers outside of it, in bytes. */
export function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const ALLOCATION_ROUNDS = 5;
/** Calls of which memory is told together take no more than this, so that hardly any collection falls into them. */
const ROUND_BYTES = 64 * 1024;

/** Bytes that a call takes, about `expectedBytes`; null when memory was collected during every round of calls. */
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
    // Collections are told of a turn later.
    await setImmediate();
    await setImmediate();
    const told = collections;
    const before = heldBytes();
    for (let call = 0; call < calls; call++) run();
    const after = heldBytes();
    await setImmediate();
    await setImmediate();
    if (collections === told) rounds.push((after - before) / calls);
  }
  observer.disconnect();
  return rounds.length === 0 ? null : median(rounds);
}
