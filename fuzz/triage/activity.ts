/** What a process does that does not react: it computes, or it waits. Two hangs that differ in it have two causes. */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import { computes } from '../target/cpu-use.ts';
import type { Target } from '../target/target.ts';
import { hasEnded } from './crash/cause.ts';

/** Part of ids: permanent. */
export type Activity = 'computes' | 'waits';

/** Longest time between the two looks at a process that does not react, and how often it is looked at meanwhile. */
const LOOK_MS = 1000;
const POLL_MS = 100;
/** Of one core. */
const COMPUTING_SHARE = 0.05;

/** What the process does while `work` runs; undefined if it cannot be observed. */
export async function activityDuring(
  process: ProcessObserver | undefined,
  work: () => Promise<unknown>,
): Promise<Activity | undefined> {
  const before = await process?.look?.();
  const beganAt = performance.now();
  await work();
  const after = await process?.look?.();
  if (before === undefined || after === undefined) return undefined;
  return computes(before, after, performance.now() - beganAt, COMPUTING_SHARE) ? 'computes' : 'waits';
}

/** What the process does now; undefined if it cannot be observed. */
export async function activityOf(process: ProcessObserver | undefined): Promise<Activity | undefined> {
  const before = await process?.look?.();
  if (before === undefined) return undefined;
  const until = performance.now() + LOOK_MS;
  while (performance.now() < until) {
    await setTimeout(POLL_MS);
    const after = await process?.look?.();
    if (after === undefined) return undefined;
    if (computes(before, after, LOOK_MS, COMPUTING_SHARE)) return 'computes';
  }
  return 'waits';
}

/** The target, and what its process did when it hung and was asked for its end. It is asked before a restart. */
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
      describeEnd: async (reaction = 'hangs') => {
        const end = await describeEnd();
        last = hasEnded(end) || reaction !== 'hangs' ? undefined : await activityOf(process);
        return end;
      },
    },
    activityAtEnd: () => last,
  };
}
