/** Growth of the target's process during an attempt: usage before and after in, mismatches in words out. */

import { performance } from 'node:perf_hooks';
import type { ProcessObserver, ProcessUsage } from '../observers/observer.ts';
import type { GrowthBounds } from '../scenario/scenario.ts';
import { pollUntilEmpty } from './poll.ts';
import type { Deadlines } from './preflight.ts';

/** Each with its name and its unit as a divisor. */
const RESOURCES = {
  memoryBytes: ['MiB of resident memory', 1024 * 1024],
  descriptors: ['file descriptors', 1],
  threads: ['threads', 1],
} as const satisfies Record<keyof ProcessUsage, readonly [name: string, unit: number]>;

type Resource = keyof typeof RESOURCES;

interface GrowthWatch {
  /**
   * One line for each resource that grew by more than its bound. Polls for up to the answer deadline, because a garbage
   * collector or a late close can still free resources.
   */
  readonly mismatches: (deadlines: Deadlines, signal: AbortSignal | undefined) => Promise<readonly string[]>;
}

/** Call before the attempt. Undefined if the process cannot be measured. */
export async function watchGrowth(
  process: ProcessObserver,
  bounds: GrowthBounds,
): Promise<GrowthWatch | undefined> {
  const before = await process.usage();
  if (before === undefined) return undefined;
  const measure = async (): Promise<string[]> => {
    const after = await process.usage();
    return after === undefined ? [] : growths(before, after, bounds);
  };
  return {
    mismatches: ({ answerMs, quietMs }, signal) =>
      pollUntilEmpty(measure, performance.now() + answerMs, quietMs, signal),
  };
}

/** Each bound in words. */
export function describeGrowth(bounds: GrowthBounds): string[] {
  return resourcesOf(bounds).map(([resource, most]) => `grows by at most ${amount(resource, most)}`);
}

function growths(before: ProcessUsage, after: ProcessUsage, bounds: GrowthBounds): string[] {
  return resourcesOf(bounds)
    .filter(([resource, most]) => after[resource] - before[resource] > most)
    .map(([resource, most]) => {
      const growth = amount(resource, after[resource] - before[resource]);
      return `the process grew by ${growth}; ${amount(resource, most)} is the most`;
    });
}

function resourcesOf(bounds: GrowthBounds): [resource: Resource, most: number][] {
  const resources: readonly Resource[] = ['memoryBytes', 'descriptors', 'threads'];
  return resources.flatMap((resource) => {
    const most = bounds[resource];
    return most === undefined ? [] : [[resource, most]];
  });
}

function amount(resource: Resource, value: number): string {
  const [name, unit] = RESOURCES[resource];
  return `${Number((value / unit).toFixed(1))} ${name}`;
}
