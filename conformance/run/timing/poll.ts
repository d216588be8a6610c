/** Waiting for effects that the target does not announce. */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

/** Calls `check` at once and again after longer and longer waits, until it returns an empty list or `endsAt` has passed. */
export async function pollUntilEmpty<T>(
  check: () => Promise<readonly T[]>,
  endsAt: number,
  longestWaitMs: number,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  let missing = await check();
  for (let waitMs = 2; missing.length > 0 && performance.now() < endsAt && !signal?.aborted; waitMs *= 2) {
    await delay(Math.min(waitMs, longestWaitMs), signal);
    missing = await check();
  }
  return [...missing];
}

/** Resolves after `ms` milliseconds, or at once when the signal fires. */
export async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(ms, undefined, signal && { signal }).catch(() => {});
}
