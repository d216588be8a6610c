/**
 * The programs that pass connections on and are measured, each in a process of its own. Run as a program, this file is one of them: it
 * sends its port to its parent.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Later } from '../../conformance/proxy/later.ts';
import { startProxy } from '../../conformance/proxy/proxy.ts';
import { Tally } from '../../conformance/proxy/tally.ts';
import { ConversationJudge } from '../../conformance/traffic/judge.ts';
import { subprocessArguments } from '../measure/subprocess.ts';

/**
 * - `proxy`: the proxy with its judge, as `conform proxy --quiet` has it.
 * - `node`: sockets of `node:net` alone.
 * - `socat`: that program, which starts a process for each connection.
 */
export type ForwarderKind = 'proxy' | 'node' | 'socat';

export interface Forwarder {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const HOST = '127.0.0.1';
/** How long socat may take to listen. */
const START_MS = 10_000;

/** Starts one that passes on to this port of this machine. Undefined if the program is not installed. */
export async function startForwarder(kind: ForwarderKind, target: number): Promise<Forwarder | undefined> {
  if (kind === 'socat') return await startSocat(target);
  const child = fork(fileURLToPath(import.meta.url), [kind, String(target)]);
  const stop = stopper(child);
  // A loader of sources sends other messages.
  for (;;) {
    const [port]: unknown[] = await once(child, 'message');
    if (typeof port === 'number') return { port, stop };
  }
}

function stopper(child: ChildProcess): () => Promise<void> {
  const exited = once(child, 'exit');
  return async () => {
    child.kill();
    await exited;
  };
}

async function startSocat(target: number): Promise<Forwarder | undefined> {
  const port = await freePort();
  const listen = `TCP-LISTEN:${port},fork,reuseaddr,nodelay,backlog=128,bind=${HOST}`;
  const child = spawn('socat', [listen, `TCP:${HOST}:${target},nodelay`], { stdio: 'ignore' });
  const started = await Promise.race([
    once(child, 'spawn').then(
      () => true,
      () => false,
    ),
    once(child, 'error').then(() => false),
  ]);
  if (!started) return undefined;
  const stop = stopper(child);
  for (const endsAt = performance.now() + START_MS; !(await accepts(port)); await delay(20))
    if (performance.now() > endsAt) {
      await stop();
      throw new Error('socat does not listen');
    }
  return { port, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: HOST, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.resetAndDestroy();
  }
}

async function proxyTo(port: number): Promise<number> {
  const later = new Later();
  const tally = new Tally();
  const { address } = await startProxy({
    listen: { host: HOST, port: 0 },
    target: { host: HOST, port },
    opened: ({ index }) => {
      const judge = new ConversationJudge();
      return {
        event: (event) =>
          later.push(event.kind === 'bytes' ? event.bytes.length : 0, () => {
            for (const noted of judge.push(event)) tally.take(noted, `connection ${index}`, () => []);
          }),
        failed: () => {},
        closed: () => {},
      };
    },
  });
  return address.port;
}

async function plainTo(port: number): Promise<number> {
  const options = { allowHalfOpen: true, noDelay: true } as const;
  const server = createServer({ ...options, pauseOnConnect: true }, (sender) => {
    const receiver = connect({ ...options, host: HOST, port });
    for (const [from, to] of [
      [sender, receiver],
      [receiver, sender],
    ] as const) {
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
      from.on('error', () => to.resetAndDestroy());
    }
    receiver.once('connect', () => sender.resume());
  });
  await once(server.listen(0, HOST), 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const [kind, target] = subprocessArguments(import.meta.url) ?? [];
if (kind !== undefined) {
  process.on('disconnect', () => process.exit());
  process.send?.(await (kind === 'proxy' ? proxyTo : plainTo)(Number(target)));
}
