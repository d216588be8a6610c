/**
 * Monitors check what the wire does not show, and only many cases show: resources of the process that grow and are not
 * freed, and files outside the folders of the store. They run between batches, when no connection is open.
 */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ProcessObserver, ProcessUsage } from '../../conformance/observers/observer.ts';
import { printable } from '../../conformance/util/printable.ts';
import { INVARIANTS, type InvariantId, type Symptom } from '../oracle/invariants.ts';

export interface Monitor {
  /** Before the first case. */
  start(): Promise<void>;
  /** Between two batches. Undefined if nothing is wrong. */
  check(): Promise<Symptom | undefined>;
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

const FOLDERS = ['received', 'submitted', 'results'];

/** Monitors the names that appear next to the store, and in it outside of its folders. */
export function storeMonitor(tasksDir: string): Monitor {
  const parent = dirname(tasksDir);
  let known = new Set<string>();
  const names = async (): Promise<string[]> => {
    const [around, within] = await Promise.all([namesIn(parent), namesIn(tasksDir)]);
    return [
      ...around.filter((name) => name !== basename(tasksDir)).map((name) => join('..', name)),
      ...within.filter((name) => !FOLDERS.includes(name)),
    ];
  };
  return {
    start: async () => {
      known = new Set(await names());
    },
    check: async () => {
      const added = (await names()).filter((name) => !known.has(name));
      for (const name of added) known.add(name);
      if (added.length === 0) return undefined;
      const shown = added.slice(0, 5).map((name) => printable(name));
      return symptomOf(
        'keeps-to-store',
        `files appeared outside the folders of the store: ${shown.join(', ')}`,
        'a file',
      );
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function symptomOf(invariant: InvariantId, detail: string, symptom: string): Symptom {
  const { clause } = INVARIANTS[invariant];
  return { invariant, clause, detail, symptom: `${invariant} ${clause}: ${symptom}` };
}
