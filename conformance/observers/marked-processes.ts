/**
 * The processes of a target that left its process group: daemons, and children of setsid. They are found by a variable that
 * every process inherits in its environment. Linux only; elsewhere none is found.
 */

import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

const VARIABLE = 'CONFORM_TARGET';

/** A variable of the environment that marks a process and all that it starts. */
export interface Mark {
  readonly env: Readonly<Record<string, string>>;
  /** As it stands in /proc/PID/environ. */
  readonly text: string;
}

export function newMark(): Mark {
  const id = randomUUID();
  return { env: { [VARIABLE]: id }, text: `${VARIABLE}=${id}` };
}

/** Process ids of the running processes with this mark. Those of other users cannot be seen. */
export async function processesWith({ text }: Mark): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.includes(text) ? [pid] : [];
    }),
  );
  return marked.flat();
}

/** The command line of a process; empty if it has ended. */
export async function commandLineOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ').trim();
}
