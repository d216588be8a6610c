/** Puts parts together to a server: socket → frames → message → effect and answer → socket, one frame after another. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { ProtocolError } from '../../../reference/index.ts';
import type { Address } from '../../wire/transport.ts';
import { openWorld, type WorldOptions } from './environment.ts';
import { type Answer, type Fault, type Message, type Parts, type Progress, soundParts } from './pipeline.ts';

const IDLE_MS = 60_000;
const SWEEP_MS = 10_000;
/** How long a peer may take to close behind its answer. */
const LINGER_MS = 1000;

export interface Running {
  readonly address: Address;
  /** Of a server with a process of its own. */
  readonly pid?: number;
  /** Ends every connection. Resolves when nothing is at work on the store any more. */
  readonly close: () => Promise<void>;
}

/** Serves on the loopback interface, on a free port unless one is given, with a store in the folder. */
export async function serveWith(fault: Fault, options: WorldOptions, port = 0): Promise<Running> {
  const { timeScale = 1 } = options;
  const sockets = new Set<Socket>();
  const atWork = new Set<Promise<void>>();
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const world = await openWorld(options, stop);
  const sound = soundParts(world);
  const parts: Parts = { ...sound, ...fault(sound, world) };
  const track = (work: Promise<void>): void => {
    const settled = work.catch(() => {}).finally(() => atWork.delete(settled));
    atWork.add(settled);
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    const connection: Connection = { socket, served: 0, bytes: 0 };
    socket.on('close', () => sockets.delete(socket)).on('error', () => parts.broken(connection));
    track(serve(connection, parts, IDLE_MS / timeScale));
  });
  const sweeping = setInterval(() => track(parts.sweep()), SWEEP_MS / timeScale);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    address: { host: '127.0.0.1', port: address.port },
    close: async () => {
      clearInterval(sweeping);
      stop();
      await Promise.all(atWork);
    },
  };
}

interface Connection extends Progress {
  readonly socket: Socket;
  served: number;
  bytes: number;
}

async function serve(connection: Connection, parts: Parts, idleMs: number): Promise<void> {
  const { socket } = connection;
  const idle = setTimeout(() => parts.idle(socket), idleMs);
  try {
    await parts.open(socket);
    // The end of the input is not the end of the socket.
    const chunks = socket.iterator({ destroyOnReturn: false });
    const framer = parts.framer(socket);
    let ended = false;
    while (connection.served < parts.frames) {
      const frame = framer.next();
      if (frame !== undefined) {
        connection.served += 1;
        const answer = await act(parts, parts.read(frame));
        if (answer !== undefined) await parts.send(socket, parts.write(answer));
        continue;
      }
      if (ended) break;
      const { done, value } = await chunks.next();
      if (!done) {
        connection.bytes += value.length;
        framer.push(value);
      } else {
        ended = true;
        await framer.end();
      }
    }
    clearTimeout(idle);
    parts.leave(socket);
    const linger = setTimeout(() => socket.destroy(), LINGER_MS);
    while (!(await chunks.next()).done);
    clearTimeout(linger);
  } catch (error) {
    if (error instanceof ProtocolError) parts.refuse(socket, error);
  } finally {
    clearTimeout(idle);
  }
}

async function act(parts: Parts, message: Message): Promise<Answer> {
  switch (message.kind) {
    case 'submit': {
      const { request } = message;
      return await (parts.exceeds(request.taskDescription)
        ? parts.oversized(request)
        : parts.submit(request));
    }
    // What is refused is not answered either (U1, R1).
    case 'update':
      return await parts.update(message.update).catch(() => undefined);
    case 'results':
      return await parts.results(message.results).catch(() => undefined);
  }
}
