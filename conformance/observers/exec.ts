/** A target that the kit starts itself: a command of the user's, in a process group of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { printable } from '../printable.ts';
import type { Address } from '../transport.ts';
import { ObserverError } from './store.ts';

export interface Launched {
  readonly address: Address;
  /** Of the process now running. */
  readonly pid: () => number;
  /** The directory that `{dir}` stood for, if it did. */
  readonly dir: string | undefined;
  /** Starts it again on the same port and directory. */
  readonly restart: () => Promise<void>;
  /** Ends it: politely, then not. Resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

export interface LaunchOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long it may take to listen. Default 10 000. */
  readonly startMs?: number;
}

/** Lines of its output that are kept for a complaint. */
const KEPT_LINES = 5;
const POLL_MS = 20;
const GRACE_MS = 2000;
const HOST = '127.0.0.1';

/**
 * Starts the command through the shell, with `{port}` replaced by a free port and `{dir}` by the path of a new store, and
 * waits until it listens. Throws an ObserverError when it does not.
 */
export async function launch(
  command: string,
  { signal, startMs = 10_000 }: LaunchOptions = {},
): Promise<Launched> {
  if (!command.includes('{port}'))
    throw new ObserverError('the command has no {port}, so it cannot be told where to listen');
  const address = { host: HOST, port: await freePort() };
  const parent = command.includes('{dir}') ? await mkdtemp(join(tmpdir(), 'conform-')) : undefined;
  const dir = parent === undefined ? undefined : join(parent, 'store');
  const line = command.replaceAll('{port}', String(address.port)).replaceAll('{dir}', dir ?? '');
  let running = await start(line, address, startMs, signal);
  return {
    address,
    pid: () => running.pid ?? 0,
    dir,
    restart: async () => {
      await end(running, address);
      running = await start(line, address, startMs, signal);
    },
    stop: async () => {
      await end(running, address);
      if (parent !== undefined) await rm(parent, { recursive: true, force: true });
    },
  };
}

async function start(
  line: string,
  address: Address,
  startMs: number,
  signal: AbortSignal | undefined,
): Promise<ChildProcess> {
  const child = spawn(line, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output.push(...text.split('\n').filter(Boolean));
      output.splice(0, output.length - KEPT_LINES);
    });
  }
  const endsAt = performance.now() + startMs;
  while (!(await listens(address))) {
    const over = child.exitCode !== null || child.signalCode !== null;
    if (over || performance.now() > endsAt || signal?.aborted) {
      await end(child, address);
      const said = output.map((text) => printable(text)).join(' / ');
      const how = over
        ? `ended with ${child.signalCode ?? child.exitCode}`
        : `did not listen within ${startMs} ms`;
      throw new ObserverError(`the command ${how}${said === '' ? '' : `; it said: ${said}`}`);
    }
    await setTimeout(POLL_MS);
  }
  return child;
}

/** Ends the whole group, so that a shell does not leave the target behind, and waits until nothing listens any more. */
async function end(child: ChildProcess, address: Address): Promise<void> {
  const exited =
    child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
  signalGroup(child, 'SIGTERM');
  const grace = new AbortController();
  await Promise.race([exited, setTimeout(GRACE_MS, undefined, { signal: grace.signal }).catch(() => {})]);
  grace.abort();
  signalGroup(child, 'SIGKILL');
  await exited;
  // A descendant may let go of the port a little later than the shell that started it.
  const endsAt = performance.now() + GRACE_MS;
  while ((await listens(address)) && performance.now() < endsAt) await setTimeout(POLL_MS);
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, HOST), 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new ObserverError('no free port');
  return address.port;
}

async function listens(address: Address): Promise<boolean> {
  const socket = net.connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.resetAndDestroy();
  }
}
