/** The command as it is installed, the built one, in processes of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { packageFile } from '../../conformance/util/package-file.ts';

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * A user's environment: what the test runner adds to have every process compile TypeScript is left out. The command
 * speaks English whatever the user's language is.
 */
const { NODE_OPTIONS: _, ...OURS } = process.env;
const ENV = { ...OURS, LC_ALL: 'de_DE.UTF-8' };
const CLI = fileURLToPath(packageFile('dist/cli.js'));

/** Starts the command with nothing on its standard input. */
export function start(...args: string[]): ChildProcess & { ended: Promise<Ended> } {
  return startWith(new Uint8Array(), args);
}

function startWith(input: Uint8Array, args: readonly string[]): ChildProcess & { ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], { env: ENV });
  // A command that reads nothing may be gone before its input is written.
  child.stdin.on('error', () => {}).end(input);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = once(child, 'close').then(([status]) => ({ status, out, err }));
  return Object.assign(child, { ended });
}

export function conform(...args: string[]): Promise<Ended> {
  return start(...args).ended;
}

/** Runs the command with `input` on its standard input. */
export function conformWith(input: Uint8Array, ...args: string[]): Promise<Ended> {
  return startWith(input, args).ended;
}

/** The reference server as a process; resolves with its address once it listens. */
export async function serve(
  t: Test,
  ...args: string[]
): Promise<{ server: ReturnType<typeof start>; address: string }> {
  const server = start('serve', '--port', '0', '--log-level', 'silent', ...args);
  t.teardown(() => server.kill('SIGKILL'));
  const [line] = await once(server.stdout ?? process.stdin, 'data');
  return { server, address: /listening on (\S+);/.exec(String(line))?.[1] ?? '' };
}
