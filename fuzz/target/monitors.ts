/**
 * What shows only beside the wire, and only over many cases: resources of the process that grow and do not come back, and
 * files where none belong. Looked at between shifts, when no connection is open.
 */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ProcessObserver, ProcessUsage } from '../../conformance/observers/observer.ts';
import { printable } from '../../conformance/util/printable.ts';
import { INVARIANTS, type InvariantId, type Symptom } from '../oracle/invariants.ts';

export interface Monitor {
  /** Before anything is thrown. */
  begin(): Promise<void>;
  /** Between shifts: what is wrong, if anything is. */
  look(): Promise<Symptom | undefined>;
}

/** Looks that have to show growth, each more than the one before. */
const SAMPLES = 5;
/** Shifts between two looks at resources. */
const BATCHES_PER_SAMPLE = 16;
/** Growth within these bounds is nobody's fault: buffers, caches, a garbage collector that waits. */
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

/** Resources of the target that have grown at each of several looks, and by more than is free. */
export function resourceMonitor(process: ProcessObserver): Monitor {
  const seen: ProcessUsage[] = [];
  let shifts = 0;
  const take = async (): Promise<void> => {
    const usage = await process.usage();
    if (usage !== undefined) seen.push(usage);
  };
  return {
    begin: take,
    look: async () => {
      shifts += 1;
      if (shifts % BATCHES_PER_SAMPLE !== 0) return undefined;
      await take();
      return growthIn(seen);
    },
  };
}

/** What has grown without end, by the looks so far, oldest first. */
export function growthIn(seen: readonly ProcessUsage[]): Symptom | undefined {
  const [first] = seen;
  const last = seen.slice(-SAMPLES);
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

/** Names that appear beside the store, or in it outside of its folders. */
export function storeMonitor(tasksDir: string): Monitor {
  const parent = dirname(tasksDir);
  let strangers = new Set<string>();
  const names = async (): Promise<string[]> => {
    const [around, within] = await Promise.all([namesIn(parent), namesIn(tasksDir)]);
    return [
      ...around.filter((name) => name !== basename(tasksDir)).map((name) => join('..', name)),
      ...within.filter((name) => !FOLDERS.includes(name)),
    ];
  };
  return {
    begin: async () => {
      strangers = new Set(await names());
    },
    look: async () => {
      const fresh = (await names()).filter((name) => !strangers.has(name));
      for (const name of fresh) strangers.add(name);
      if (fresh.length === 0) return undefined;
      const shown = fresh.slice(0, 5).map((name) => printable(name));
      return symptomOf(
        'keeps-to-store',
        `outside the store's folders appeared ${shown.join(', ')}`,
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
