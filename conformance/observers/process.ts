/** The target's process as /proc tells of it (Linux); elsewhere nothing is seen. */

import { readdir, readFile } from 'node:fs/promises';
import type { ProcessObserver, ProcessUsage } from './observer.ts';

/**
 * Observes a process with its descendants: a shell that starts the target, or a server that forks. `pid` is asked each
 * time, since a target that is started again is another process.
 */
export function observeProcess(pid: () => number): ProcessObserver {
  return {
    usage: async () => {
      const usages = await Promise.all((await family(pid())).map(usageOf));
      const seen = usages.filter((usage) => usage !== undefined);
      if (seen.length === 0) return undefined;
      const sum = (part: keyof ProcessUsage): number => seen.reduce((total, usage) => total + usage[part], 0);
      return { memoryBytes: sum('memoryBytes'), descriptors: sum('descriptors'), threads: sum('threads') };
    },
  };
}

/** The process and its descendants. */
async function family(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const pids = children.join(' ').split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(pids.map(family))).flat()];
}

async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
    return { memoryBytes: 1024 * field('VmRSS'), descriptors, threads: field('Threads') };
  } catch {
    return undefined;
  }
}
