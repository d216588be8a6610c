/**
 * Measurements in processes of their own: how the compiler and the memory happened to take a function differs from one
 * process to the next by more than any margin from within one of them can know. A module that measures so is run as a
 * program, which is told what to measure and prints what it found as JSON.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Runs the module at `url` with these arguments, and `input` on its standard input; resolves to what it printed. Rejects
 * when that fails, or when the signal fires.
 */
export async function runSubprocess(
  url: string,
  args: readonly string[],
  { signal, input = new Uint8Array() }: { signal?: AbortSignal | undefined; input?: Uint8Array },
): Promise<unknown> {
  const program = [...process.execArgv, '--expose-gc', fileURLToPath(url), ...args];
  const running = promisify(execFile)(process.execPath, program, { signal });
  // A module that reads nothing may be gone before its input is written.
  running.child.stdin?.on('error', () => {}).end(input);
  return JSON.parse((await running).stdout);
}

/** As `apart`, in so many processes, one after the other. */
export async function runSubprocesses(
  times: number,
  ...[url, args, options]: Parameters<typeof runSubprocess>
): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let count = 0; count < times; count++) results.push(await runSubprocess(url, args, options));
  return results;
}

/** The other side, for the module itself: its arguments when it was run so, otherwise undefined. */
export function subprocessArguments(url: string): readonly string[] | undefined {
  const [, program, ...args] = process.argv;
  return program === fileURLToPath(url) ? args : undefined;
}
