/**
 * The processes of a target that left its process group: daemons, and children of setsid. They are found by a variable that
 * every process inherits in its environment, and one that cleared its environment by the port on which it listens. Linux
 * only; elsewhere none is found.
 */

import { randomUUID } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';

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
  return processesThat(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    return environment.includes(text);
  });
}

/** Process ids of the running processes that listen on a TCP port, on any address. Those of other users cannot be seen. */
export async function processesListeningOn(port: number): Promise<readonly number[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'latin1').catch(() => '')),
  );
  const sockets = tables.flatMap((table) => listeningSockets(table, port));
  if (sockets.length === 0) return [];
  return processesThat(async (pid) => {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(
      descriptors.map((descriptor) => readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')),
    );
    return links.some((link) => sockets.includes(link));
  });
}

/** State of a listening socket in /proc/net/tcp. */
const LISTENS = '0A';

/** Sockets as the links of descriptors name them. */
function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTENS && local.endsWith(suffix) ? [`socket:[${inode}]`] : [];
  });
}

async function processesThat(is: (pid: number) => Promise<boolean>): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map(async (pid) => ((await is(pid)) ? [pid] : [])));
  return found.flat();
}

/** The command line of a process; empty if it has ended. */
export async function commandLineOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ').trim();
}

/** The id of the group of a process; undefined if it has ended. */
export async function groupOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name in parentheses can hold spaces. State, parent and group follow.
  const group = /^.*\) \S \d+ (\d+)/s.exec(stat)?.[1];
  return group === undefined ? undefined : Number(group);
}
