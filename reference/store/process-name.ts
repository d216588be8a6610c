/**
 * Names of files that mean nothing once the process that made them is gone: `<label>.<pid>-<start>-<nonce>`. Every name
 * is made once and never again, so a file whose owner is dead can be removed by anyone at any time: no other process
 * can have put a new one in its place.
 *
 * A pid alone would not do, because systems reuse them; in a container the next process often has the same. The start
 * of the process, in ticks since boot, tells the two apart. Where there is no /proc it is 0, and the pid must do.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const PROCESS_NAME = /^(.+)\.([1-9]\d*)-(\d+)-[0-9a-f]{16}$/;
const UNKNOWN_START = '0';

const ownStart = startOf(process.pid);

/** A new name that belongs to this process. */
export async function processName(label: string): Promise<string> {
  const start = (await ownStart) ?? UNKNOWN_START;
  return `${label}.${process.pid}-${start}-${randomBytes(8).toString('hex')}`;
}

/** The label of a name that some process made with ownedName; undefined for any other name. */
export function processLabel(name: string): string | undefined {
  return PROCESS_NAME.exec(name)?.[1];
}

/** Whether the name came from ownedName in a process that is no more. */
export async function isAbandoned(name: string): Promise<boolean> {
  const [, , pid, made] = PROCESS_NAME.exec(name) ?? [];
  if (pid === undefined) return false;
  const start = await startOf(Number(pid));
  if (start === undefined) return true;
  return start !== made && start !== UNKNOWN_START && made !== UNKNOWN_START;
}

/** Undefined when no such process lives. A zombie does not: it only waits for its parent to take note. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name of the program in parentheses, and may hold anything, `) ` included.
    const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? undefined : fields[18];
  } catch {
    return isRunning(pid) ? UNKNOWN_START : undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
