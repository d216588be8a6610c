/** The usage of the target's process from /proc, which Linux has. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessLook, ProcessObserver } from './observer.ts';

/**
 * Observes a process with its descendants: a shell that starts the target, or a server that forks. A descendant whose
 * parent has ended is not counted. `pid` is called for each measurement, because a restarted target is another process.
 * Undefined on a system without /proc, where the scenarios that need it are skipped. `proc`: for tests.
 */
export function observeProcess(pid: () => number, proc = '/proc'): ProcessObserver | undefined {
  if (!existsSync(join(proc, 'self', 'status'))) return undefined;
  const look = async (): Promise<ProcessLook | undefined> => {
    const [root, ...others] = await Promise.all(family(pid()).map(lookAt));
    if (root === undefined) return undefined;
    const seen = [root, ...others.filter((one) => one !== undefined)];
    const sum = (part: keyof ProcessLook): number => seen.reduce((total, one) => total + one[part], 0);
    return {
      memoryBytes: sum('memoryBytes'),
      descriptors: sum('descriptors'),
      threads: sum('threads'),
      anonymousBytes: sum('anonymousBytes'),
      quarantineBytes: sum('quarantineBytes'),
      cpuMs: sum('cpuMs'),
      runnableMs: sum('runnableMs'),
    };
  };
  const usage: ProcessObserver['usage'] = async () => {
    const seen = await look();
    if (seen === undefined) return undefined;
    const { memoryBytes, descriptors, threads } = seen;
    return { memoryBytes, descriptors, threads };
  };
  return { usage, look };
}

/** The process, first, and its descendants. */
export function family(pid: number): number[] {
  const children = ofEachThread(pid, 'children').join(' ').split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(family)];
}

/**
 * What a small file of each thread of the process holds; nothing of a thread, or a process, that has ended. Linux makes these
 * files from what it has in memory, and a look reads dozens of them: to wait for each takes far more time than to read it.
 */
function ofEachThread(pid: number, file: 'children' | 'schedstat'): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
      try {
        return readFileSync(`/proc/${pid}/task/${task}/${file}`, 'utf8');
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** Undefined for a process that has ended, also if its parent has not waited for it yet. */
async function lookAt(pid: number): Promise<ProcessLook | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const residentKib = statusNumber(status, 'VmRSS');
    const threads = statusNumber(status, 'Threads');
    if (residentKib === undefined || threads === undefined) return undefined;
    const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
    // A hundred forked servers of 10 MiB each share nearly all of it: their resident sizes would add up to 1 GiB.
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const anonymousKib = statusNumber(rollup, 'Pss_Anon') ?? statusNumber(status, 'RssAnon') ?? residentKib;
    const swappedKib = statusNumber(rollup, 'SwapPss') ?? 0;
    const cpuMs = cpuMsOf(await readFile(`/proc/${pid}/stat`, 'utf8'));
    return {
      memoryBytes: 1024 * (statusNumber(rollup, 'Pss') ?? residentKib),
      descriptors,
      threads,
      anonymousBytes: 1024 * (anonymousKib + swappedKib),
      quarantineBytes: await quarantineBytesOf(pid, status),
      cpuMs,
      runnableMs: runnableMsOf(pid) ?? cpuMs,
    };
  } catch {
    return undefined;
  }
}

/** Its shadow memory is larger than the address space of most other processes. */
const LEAST_SHADOW_KIB = 2 ** 31;
/** Where its shadow begins: on x86-64 the low and the high part, and on ARM64. */
const SHADOW = /^0*(?:7fff7000|2008fff7000|1000000000)-/m;
const DEFAULT_QUARANTINE_MIB = 256;

/** What the variable ASAN_OPTIONS says for this process, or the default of AddressSanitizer. */
async function quarantineBytesOf(pid: number, status: string): Promise<number> {
  if ((statusNumber(status, 'VmSize') ?? 0) < LEAST_SHADOW_KIB) return 0;
  if (!SHADOW.test(await readFile(`/proc/${pid}/maps`, 'utf8'))) return 0;
  const variables = (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0');
  const options = variables.find((variable) => variable.startsWith('ASAN_OPTIONS=')) ?? '';
  const said = [...options.matchAll(/\bquarantine_size_mb=(\d+)/g)].at(-1)?.[1];
  return 1024 * 1024 * Number(said ?? DEFAULT_QUARANTINE_MIB);
}

/** Linux counts the CPU time of a process in hundredths of a second, whatever its clock is. */
const TICK_MS = 10;

/** The CPU time in /proc/PID/stat, of the process in user and kernel mode. The name in parentheses may hold anything. */
function cpuMsOf(stat: string): number {
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return TICK_MS * ((user ?? 0) + (system ?? 0));
}

/** Undefined where the system keeps no such times. Each thread has a line: nanoseconds on a CPU, nanoseconds of waiting for one. */
function runnableMsOf(pid: number): number | undefined {
  const known = ofEachThread(pid, 'schedstat');
  if (known.length === 0) return undefined;
  const nanoseconds = known.flatMap((line) => line.split(' ', 2).map(Number));
  return nanoseconds.reduce((total, one) => total + one, 0) / 1e6;
}

/** The number in a line of /proc/PID/status such as `VmRSS:    4132 kB`; undefined without such a line. */
export function statusNumber(text: string, name: string): number | undefined {
  const digits = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
