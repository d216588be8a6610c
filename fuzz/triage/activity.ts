/** What a process does that does not react: it computes, or it waits. Two hangs that differ in it have two causes. */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import type { Target } from '../target/target.ts';
import { hasEnded } from './crash/cause.ts';

/** Part of ids: permanent. */
export type Activity = 'computes' | 'waits';

/** Between two looks at a process that does not react. */
const LOOK_MS = 200;
/** Of one core. A loop has more, even where other programs use the machine, and a server that waits has next to none. */
const COMPUTING_SHARE = 0.15;

/** What the process does while `work` runs, or for a moment; undefined if it cannot be observed. */
export async function activityOf(
  process: ProcessObserver | undefined,
  work: () => Promise<unknown> = () => setTimeout(LOOK_MS),
): Promise<Activity | undefined> {
  const before = await process?.look?.();
  const beganAt = performance.now();
  await work();
  const elapsedMs = performance.now() - beganAt;
  const after = await process?.look?.();
  if (before?.cpuMs === undefined || after?.cpuMs === undefined) return undefined;
  return (after.cpuMs - before.cpuMs) / elapsedMs > COMPUTING_SHARE ? 'computes' : 'waits';
}

/** The target, and what its process did when it was asked for its end and had none. It is asked before a restart. */
export function withActivity(target: Target): {
  readonly target: Target;
  readonly activityAtEnd: () => Activity | undefined;
} {
  const { process, describeEnd } = target;
  let last: Activity | undefined;
  if (describeEnd === undefined) return { target, activityAtEnd: () => undefined };
  return {
    target: {
      ...target,
      describeEnd: async () => {
        const end = await describeEnd();
        last = hasEnded(end) ? undefined : await activityOf(process);
        return end;
      },
    },
    activityAtEnd: () => last,
  };
}
