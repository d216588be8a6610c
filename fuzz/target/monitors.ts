/**
 * Monitors check what the wire does not show. They run between batches, when no connection is open. The monitor of the
 * resources of the process, which grow and are not freed, is here; that of the store is next to this file.
 */

import type { ProcessObserver, ProcessUsage } from '../../conformance/observers/observer.ts';
import type { Case } from '../case/case.ts';
import { INVARIANTS, type InvariantId, type Symptom } from '../oracle/invariants.ts';

/** A breach, with the case that caused it if that is known. */
export interface MonitorBreach extends Symptom {
  readonly value?: Case;
}

export interface Monitor {
  /** Before the first case. */
  start(): Promise<void>;
  /** Between two batches. `cases` are those sent shortly before. Undefined if nothing is wrong. */
  check(cases: () => readonly Case[]): Promise<MonitorBreach | undefined>;
}

/** Samples in a row that have to grow, each above the one before. */
const SAMPLES = 5;
/** Batches between two samples. */
const BATCHES_PER_SAMPLE = 16;
/** Growth up to these bounds is normal: buffers, caches, a garbage collector that waits. */
const TOLERATED: Readonly<Record<keyof ProcessUsage, number>> = {
  memoryBytes: 512 * 1024 * 1024,
  descriptors: 64,
  threads: 64,
};
const NAMES: Readonly<Record<keyof ProcessUsage, string>> = {
  memoryBytes: 'resident memory',
  descriptors: 'the number of descriptors',
  threads: 'the number of threads',
};

/** Monitors the resources of the target's process. */
export function resourceMonitor(process: ProcessObserver): Monitor {
  const samples: ProcessUsage[] = [];
  let batches = 0;
  const take = async (): Promise<void> => {
    const usage = await process.usage();
    if (usage !== undefined) samples.push(usage);
  };
  return {
    start: take,
    check: async () => {
      batches += 1;
      if (batches % BATCHES_PER_SAMPLE !== 0) return undefined;
      await take();
      return growthIn(samples);
    },
  };
}

/** A resource that grew in each of the last samples, and by more than the tolerated amount in all. Oldest sample first. */
export function growthIn(samples: readonly ProcessUsage[]): Symptom | undefined {
  const [first] = samples;
  const last = samples.slice(-SAMPLES);
  if (first === undefined || last.length < SAMPLES) return undefined;
  for (const part of ['descriptors', 'threads', 'memoryBytes'] as const) {
    const isRising = last.every((usage, at) => at === 0 || usage[part] > (last[at - 1]?.[part] ?? 0));
    const from = first[part];
    const to = last.at(-1)?.[part] ?? 0;
    if (isRising && to - from > TOLERATED[part])
      return symptomOf('frees-resources', `${NAMES[part]} grew from ${from} to ${to}`, NAMES[part]);
  }
  return undefined;
}

/** The symptom of a breach that a monitor saw. */
export function symptomOf(invariant: InvariantId, detail: string, symptom: string): Symptom {
  const { clause } = INVARIANTS[invariant];
  return { invariant, clause, detail, symptom: `${invariant} ${clause}: ${symptom}` };
}
