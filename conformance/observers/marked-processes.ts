/**
 * The processes of a target that left its process group: daemons, and children of setsid. They are found by a variable that
 * every process inherits in its environment, and one that cleared its environment by the port on which it listens, if its
 * place among the processes says that the target started it. Linux only; elsewhere none is found.
 */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
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
export async function processesWith(mark: Mark): Promise<readonly number[]> {
  return processesThat((pid) => hasMark(pid, mark));
}

async function hasMark(pid: number, { text }: Mark): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.includes(text);
}

/**
 * Process ids of the processes that listen on a TCP port, on any address. Those of other users cannot be seen. `among`: where
 * to look; by default all that run, whose descriptors take some tens of milliseconds to read.
 */
export async function processesListeningOn(
  port: number,
  among?: readonly number[],
): Promise<readonly number[]> {
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
  }, among);
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

async function processesThat(
  is: (pid: number) => Promise<boolean>,
  among?: readonly number[],
): Promise<readonly number[]> {
  const pids = among ?? (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map(async (pid) => ((await is(pid)) ? [pid] : [])));
  return found.flat();
}

/** The command line of a process; empty if it has ended. */
export async function commandLineOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.replaceAll('\0', ' ').trim();
}

/** The place of a process among the others. */
export interface Kinship {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** When it started, in ticks of the clock since the machine started. */
  readonly started: number;
}

/** Undefined if the process has ended. */
export function kinshipOf(pid: number): Kinship | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name in parentheses can hold spaces. The state follows it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, parent, group, session] = fields.map(Number);
  return { parent: parent ?? 0, group: group ?? 0, session: session ?? 0, started: Number(fields[19]) };
}

/** The first process of a target: it leads a session of its own. */
export interface Leader {
  readonly pid: number;
  readonly started: number;
  readonly mark: Mark;
}

/**
 * Whether the leader or a process that it started has started this one. A daemon without the mark has no other trace than
 * that it started later, that it is in another session than its parent, and that its parent is one that adopts orphans.
 */
export async function isOf(leader: Leader, pid: number): Promise<boolean> {
  const adopters = new Set([1, ...ancestorsOf(process.pid)]);
  for (let at = pid, own = kinshipOf(at); own !== undefined; at = own.parent, own = kinshipOf(at)) {
    if (own.group === leader.pid || own.session === leader.pid || (await hasMark(at, leader.mark)))
      return true;
    const isAdopted = adopters.has(own.parent) && own.session !== kinshipOf(own.parent)?.session;
    if (isAdopted || at === process.pid) return isAdopted && own.started >= leader.started;
  }
  return false;
}

function ancestorsOf(pid: number): number[] {
  const parent = kinshipOf(pid)?.parent ?? 0;
  return parent === 0 ? [] : [parent, ...ancestorsOf(parent)];
}
