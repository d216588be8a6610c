/**
 * Measurements in subprocesses. The work of the compiler and the memory differ from one process to the next by more than
 * the measurements within one of them can show. A module that measures in a subprocess is run as a program: its arguments
 * say what it measures, and it prints the result as JSON.
 */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Runs the module at `url` with these arguments, with `input` on its standard input, and resolves to the JSON that it
 * prints. Rejects when the module fails, or when the signal fires, which also ends the subprocess.
 */
export async function runSubprocess(
  url: string,
  args: readonly string[],
  { signal, input = new Uint8Array() }: { signal?: AbortSignal | undefined; input?: Uint8Array },
): Promise<unknown> {
  const program = [...process.execArgv, '--expose-gc', fileURLToPath(url), ...args];
  const running = promisify(execFile)(process.execPath, program, { signal });
  // A module that reads no input may have ended before it is written.
  running.child.stdin?.on('error', () => {}).end(input);
  return JSON.parse((await running).stdout);
}

/** For the module at `url` itself: its arguments when it is run as a program, otherwise undefined. */
export function subprocessArguments(url: string): readonly string[] | undefined {
  const [, program, ...args] = process.argv;
  return program === fileURLToPath(url) ? args : undefined;
}
