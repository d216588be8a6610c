/** Whether a process computes, by two looks at it. */

import type { ProcessLook } from '../../conformance/observers/observer.ts';

/** Of one core: what a loop would have on a free machine. A server that waits has next to none. */
const RUNNABLE_SHARE = 0.5;

/**
 * Whether the process had more than this share of one core within the milliseconds between the looks, or would have had half of
 * one on a free machine.
 */
export function computes(before: ProcessLook, after: ProcessLook, ms: number, share: number): boolean {
  const [cpuMs, runnableMs] = [after.cpuMs - before.cpuMs, after.runnableMs - before.runnableMs];
  return cpuMs > share * ms || runnableMs > RUNNABLE_SHARE * ms;
}
