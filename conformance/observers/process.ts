/** The usage of the target's process from /proc; on systems other than Linux it is undefined. */

import { readdir, readFile } from 'node:fs/promises';
import type { ProcessObserver, ProcessUsage } from './observer.ts';

/**
 * Observes a process with its descendants: a shell that starts the target, or a server that forks. A descendant whose
 * parent has ended is not counted. `pid` is called for each measurement, because a restarted target is another process.
 */
export function observeProcess(pid: () => number): ProcessObserver {
  return {
    usage: async () => {
      const [root, ...others] = await Promise.all((await family(pid())).map(usageOf));
      if (root === undefined) return undefined;
      const seen = [root, ...others.filter((usage) => usage !== undefined)];
      const sum = (part: keyof ProcessUsage): number => seen.reduce((total, usage) => total + usage[part], 0);
      return { memoryBytes: sum('memoryBytes'), descriptors: sum('descriptors'), threads: sum('threads') };
    },
  };
}

/** The process, first, and its descendants. */
export async function family(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const pids = children.join(' ').split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(pids.map(family))).flat()];
}

/** Undefined for a process that has ended, also if its parent has not waited for it yet. */
async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const residentKib = statusNumber(status, 'VmRSS');
    const threads = statusNumber(status, 'Threads');
    if (residentKib === undefined || threads === undefined) return undefined;
    const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
    // A hundred forked servers of 10 MiB each share nearly all of it: their resident sizes would add up to 1 GiB.
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    return { memoryBytes: 1024 * (statusNumber(rollup, 'Pss') ?? residentKib), descriptors, threads };
  } catch {
    return undefined;
  }
}

/** The number in a line of /proc/PID/status such as `VmRSS:    4132 kB`; undefined without such a line. */
export function statusNumber(text: string, name: string): number | undefined {
  const digits = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
