/** Runs a pipeline as a server: socket → frames → message → store and answer → socket, one frame after another. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { ProtocolError } from '../../../reference/index.ts';
import type { Address } from '../../wire/transport.ts';
import { type Environment, type EnvironmentOptions, openEnvironment } from './environment.ts';
import {
  type Answer,
  correctPipeline,
  type Message,
  type Pipeline,
  type Progress,
  type Replacement,
} from './pipeline.ts';

const IDLE_MS = 60_000;
/** How long the server waits for the peer to close its side after the answer. */
const LINGER_MS = 1000;

export interface Running {
  readonly address: Address;
  /** The process id, if the server runs in its own process. */
  readonly pid?: number;
  /** Ends every connection. Resolves when no work on the store is left. */
  readonly close: () => Promise<void>;
}

/** Starts a server on the loopback interface. `port` 0, the default, selects a free port. */
export async function serveWith(fault: Replacement, options: EnvironmentOptions, port = 0): Promise<Running> {
  const { timeScale = 1 } = options;
  const sockets = new Set<Socket>();
  const atWork = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const track = (work: Promise<void>): void => {
    const settled = work.catch(() => {}).finally(() => atWork.delete(settled));
    atWork.add(settled);
  };
  const repeat = (ms: number, work: () => Promise<void>): void => {
    const timer = setTimeout(() => {
      track(work().finally(() => timers.has(timer) && timer.refresh()));
    }, ms);
    timers.add(timer);
  };
  const environment = await openEnvironment(options, { repeat, crash: stop });
  const pipeline = pipelineOf(fault, environment);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    track(serveSocket(socket, pipeline, timeScale));
  });
  repeat(pipeline.sweepMs / timeScale, () => pipeline.sweep());
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    address: { host: '127.0.0.1', port: address.port },
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      stop();
      await Promise.all(atWork);
    },
  };
}

/** Serves one connection in a process of its own. Resolves when no work is left. */
export async function serveAlone(
  fault: Replacement,
  options: EnvironmentOptions,
  socket: Socket,
): Promise<void> {
  const control = { repeat: () => {}, crash: () => process.abort() };
  await serveSocket(socket, pipelineOf(fault, await openEnvironment(options, control)), options.timeScale);
}

function pipelineOf(fault: Replacement, environment: Environment): Pipeline {
  const correct = correctPipeline(environment);
  return { ...correct, ...fault(correct, environment) };
}

function serveSocket(socket: Socket, pipeline: Pipeline, timeScale = 1): Promise<void> {
  const connection: Connection = { socket, served: 0, bytes: 0 };
  socket.on('error', () => pipeline.onConnectionError(connection));
  return serve(connection, pipeline, IDLE_MS / timeScale);
}

interface Connection extends Progress {
  readonly socket: Socket;
  served: number;
  bytes: number;
}

async function serve(connection: Connection, pipeline: Pipeline, idleMs: number): Promise<void> {
  const { socket } = connection;
  const idle = setTimeout(() => pipeline.onIdle(socket), idleMs);
  try {
    await pipeline.open(socket);
    // The socket stays open for the answer when its input ends.
    const chunks = socket.iterator({ destroyOnReturn: false });
    const framer = pipeline.framer(socket);
    let ended = false;
    while (connection.served < pipeline.maxFrames) {
      const frame = framer.next();
      if (frame !== undefined) {
        connection.served += 1;
        const answer = await act(pipeline, pipeline.parse(frame));
        if (answer !== undefined) await pipeline.send(socket, pipeline.encode(answer));
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
    pipeline.finish(socket);
    const linger = setTimeout(() => socket.destroy(), LINGER_MS);
    while (!(await chunks.next()).done);
    clearTimeout(linger);
  } catch (error) {
    if (error instanceof ProtocolError) pipeline.refuse(socket, error);
  } finally {
    clearTimeout(idle);
  }
}

async function act(pipeline: Pipeline, message: Message): Promise<Answer> {
  switch (message.kind) {
    case 'submit': {
      const { request } = message;
      return await (pipeline.isTooLong(request.taskDescription)
        ? pipeline.submitTooLong(request)
        : pipeline.submit(request));
    }
    // A refused message gets no answer, either (U1, R1).
    case 'update':
      return await pipeline.update(message.update).catch(() => undefined);
    case 'results':
      return await pipeline.results(message.results).catch(() => undefined);
  }
}
