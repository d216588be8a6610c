/** The command as it is installed, at the end of a pipe. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ended } from './process.fixture.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Runs the command with `input` on its standard input. */
export function conformWith(input: Uint8Array, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], (_, out, err) =>
      resolve({ status: child.exitCode, out, err }),
    );
    child.stdin?.end(input);
  });
}
