/** The ends of a loopback connection for tests: a Server, a peer with any behaviour, and a raw socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';
import { listen } from '../../conformance/testing/loopback.ts';
import { FrameDecoder } from '../codec/frame.ts';
import { unmarshalSubmitResponse } from '../codec/message.ts';
import type { Handler, Handlers } from '../net/handler.ts';
import { Server, type ServerOptions } from '../net/server.ts';
import type { SubmitResponse } from '../protocol/message-types.ts';
import type { Logger } from '../support/logger.ts';

export const HOST = '127.0.0.1';

export async function startServer(
  t: Test,
  handler: Handler | Handlers,
  options?: ServerOptions,
): Promise<{ server: Server; port: number }> {
  const server = new Server(handler, options);
  const { port } = await server.listenAndServe({ port: 0 });
  t.teardown(() => server.close({ graceMs: 0 }));
  return { server, port };
}

/** A peer that handles each connection with `behave`. Resolves to its port. */
export async function startPeer(t: Test, behave: (socket: Socket) => void): Promise<number> {
  const { address, close } = await listen(behave);
  t.teardown(close);
  return address.port;
}

/** The answers of a server until it closed the connection, and how it closed it. */
interface Ending {
  readonly answers: readonly SubmitResponse[];
  readonly by: 'fin' | 'reset';
}

/** A raw connection. `ended` resolves when the server closes. Our side stays open until the end of the test. */
export async function openSocket(t: Test, port: number): Promise<{ socket: Socket; ended: Promise<Ending> }> {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  const decoder = new FrameDecoder();
  const ended = new Promise<Ending>((resolve, reject) => {
    const finish = (by: Ending['by']) => {
      try {
        resolve({ answers: answersIn(decoder), by });
      } catch (error) {
        reject(error);
      }
    };
    socket.on('data', (chunk: Uint8Array) => decoder.push(chunk));
    socket.on('end', () => finish('fin'));
    socket.on('error', () => finish('reset'));
  });
  await once(socket, 'connect');
  return { socket, ended };
}

/** Sends all of `bytes` on a new connection and waits until the server closes. */
export async function exchange(t: Test, port: number, ...bytes: Uint8Array[]): Promise<Ending> {
  const { socket, ended } = await openSocket(t, port);
  socket.write(Buffer.concat(bytes));
  const ending = await ended;
  socket.destroy();
  return ending;
}

function answersIn(decoder: FrameDecoder): SubmitResponse[] {
  const answers: SubmitResponse[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
    answers.push(unmarshalSubmitResponse(frame));
  }
  decoder.end();
  return answers;
}

interface LogRecord {
  readonly level: keyof Logger;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that collects its records. */
export function recordingLogger(): { logger: Logger; records: LogRecord[] } {
  const records: LogRecord[] = [];
  const log = (level: keyof Logger) => (fields: object, message: string) => {
    records.push({ level, fields: { ...fields }, message });
  };
  return { logger: { debug: log('debug'), info: log('info'), warn: log('warn') }, records };
}

/** The promise `opened` and the function `open` that resolves it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
