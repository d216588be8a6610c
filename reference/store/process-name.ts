/**
 * Names of files that belong to one process: `<label>.<pid>-<start>-<nonce>`. Such a file has no meaning after its
 * process has ended. A name is never used twice, so any process may remove the file of an ended process at any time:
 * it cannot remove a new file of the same name.
 *
 * The pid is not enough, because systems reuse pids, and in a container the next process often has the same one. The
 * start of the process, in ticks since boot, makes the difference. On a system without /proc the start is 0 and only
 * the pid counts.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const PROCESS_NAME = /^(.+)\.([1-9]\d*)-(\d+)-[0-9a-f]{16}$/;
const UNKNOWN_START = '0';

const ownStart = startOf(process.pid);

/** A new name that belongs to this process. `label` is not empty. */
export async function processName(label: string): Promise<string> {
  const start = (await ownStart) ?? UNKNOWN_START;
  return `${label}.${process.pid}-${start}-${randomBytes(8).toString('hex')}`;
}

/** The label of a name that a process made with `processName`; undefined for any other name. */
export function processLabel(name: string): string | undefined {
  return PROCESS_NAME.exec(name)?.[1];
}

/** Whether a process made the name with `processName` and has ended. */
export async function isAbandoned(name: string): Promise<boolean> {
  const [, , pid, recordedStart] = PROCESS_NAME.exec(name) ?? [];
  if (pid === undefined) return false;
  const start = await startOf(Number(pid));
  if (start === undefined) return true;
  return start !== recordedStart && start !== UNKNOWN_START && recordedStart !== UNKNOWN_START;
}

/** Undefined when no process with this pid runs. A zombie process counts as ended. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name of the program in parentheses, and may contain any text, also `) `.
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
