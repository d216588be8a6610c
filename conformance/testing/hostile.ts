/**
 * Servers that try to exhaust the kit: a program that serves one of the behaviours. `node dist/conformance/testing/hostile.js NAME
 * [STORE]` prints its port and runs until it is ended; without a name it prints all names.
 */

import { once } from 'node:events';
import { mkdirSync, writeSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Address } from '../wire/transport.ts';
import { BEHAVIOURS, type Behaviour, GOOD } from './hostile-behaviours.ts';

/** The path of this program. */
export const PROGRAM = fileURLToPath(import.meta.url);

/** What it does, without the words for it. */
type Manner = Omit<Behaviour, 'what'>;

/** Enough of a first frame for its id. */
const REQUEST_BYTES = 64 * 1024;

/** The task id of a first frame that is complete; undefined as long as it is not. */
function requestIn(bytes: Buffer): { readonly isSubmit: boolean; readonly id: string } | undefined {
  if (bytes.length < 8 || bytes.length < 8 + Math.min(bytes.readUInt32BE(4), REQUEST_BYTES)) return undefined;
  const id = /"task_id":"([^"]{0,64})"/.exec(bytes.toString('latin1'))?.[1] ?? '';
  return { isSubmit: bytes.readUInt32BE(0) === 1, id };
}

/** Resolves when the socket takes more, or has closed. */
function writable(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('drain', settle).off('close', settle);
      resolve();
    };
    socket.on('drain', settle).on('close', settle);
  });
}

async function send(socket: net.Socket, { sends, pauseMs, ends }: Manner, id: string): Promise<void> {
  for (const piece of sends?.(id) ?? []) {
    if (socket.destroyed) return;
    const canTakeMore = socket.write(piece);
    if (pauseMs !== undefined) await delay(pauseMs);
    else if (!canTakeMore) await writable(socket);
  }
  if (ends === 'reset') socket.resetAndDestroy();
  else if (ends === undefined) socket.end();
}

function converse(socket: net.Socket, behaviour: Manner, store: string | undefined): void {
  const begin = (id: string): void => {
    if (store !== undefined) behaviour.stores?.(store);
    send(socket, behaviour, id).catch(() => socket.destroy());
  };
  if (behaviour.reads !== false) {
    let received = Buffer.alloc(0);
    let isBegun = behaviour.begins !== undefined;
    socket.on('data', (chunk) => {
      if (isBegun) return;
      received = Buffer.concat([received, chunk]);
      const request = requestIn(received);
      isBegun = request !== undefined;
      if (request?.isSubmit) begin(request.id);
      else if (request) socket.end();
    });
    socket.on('end', () => {
      if (!isBegun) socket.end();
    });
  }
  if (behaviour.begins) begin('');
}

/** Listens on a free port of the loopback interface. `store`: the folder of its store, if it has one. Ends with `close`. */
export async function serveHostile(
  behaviour: Behaviour,
  store?: string,
): Promise<{ readonly address: Address; readonly close: () => void }> {
  const { after = 0, every = 1 } = behaviour;
  if (store !== undefined) {
    mkdirSync(join(store, 'received'), { recursive: true });
    behaviour.fills?.(store);
  }
  const sockets = new Set<net.Socket>();
  let count = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    count += 1;
    const isHostile = count > after && (count - after) % every === 0;
    converse(socket, isHostile ? behaviour : GOOD, store);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Fills the queue of connections that wait to be accepted, and then prints the port. Runs in a thread of its own. */
const FILL_QUEUE = `
  const { workerData: port } = require('node:worker_threads');
  const { connect } = require('node:net');
  for (let nth = 0; nth < 8; nth += 1) connect(port, '127.0.0.1').on('error', () => {});
  setTimeout(() => require('node:fs').writeSync(1, port + '\\n'), 300);
`;

/** Listens and accepts no connection: the thread that would is blocked. */
function blockAccepting(): void {
  const server = net.createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    new Worker(FILL_QUEUE, { eval: true, workerData: (server.address() as net.AddressInfo).port });
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 0);
  });
}

async function main(name?: string, store?: string): Promise<void> {
  const behaviour = name === undefined ? undefined : BEHAVIOURS[name];
  if (behaviour === undefined) {
    writeSync(1, `${Object.keys(BEHAVIOURS).join('\n')}\n`);
    process.exitCode = name === undefined ? 0 : 2;
  } else if (behaviour.accepts === false) blockAccepting();
  else writeSync(1, `${(await serveHostile(behaviour, store)).address.port}\n`);
}

if (process.argv[1] === PROGRAM) await main(...process.argv.slice(2));
