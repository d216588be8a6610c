/**
 * The servers that are measured, each in a process of its own: run as a program, this file is one of them, tells its
 * port to its parent, and on request how much processor time it has spent.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  fromUnixMs,
  HEADER_BYTES,
  marshalSubmitResponse,
  Receiver,
  Server as ReferenceServer,
  Store,
  TYPE_SUBMIT,
  unmarshalSubmitRequest,
  validateSubmitRequest,
} from '../../reference/index.ts';
import { processorMs } from '../measure/processor-time.ts';
import { argumentsApart } from '../measure/subprocess.ts';

/**
 * The reference without a store, or with one in a directory; the floor, a bare server of the same bytes; and one that
 * serves any number of frames on a connection, which the reference does not.
 */
export type Kind = 'reference' | 'store' | 'bare' | 'keeping';

const SELF = fileURLToPath(import.meta.url);

export interface ServerProcess {
  readonly address: { readonly host: string; readonly port: number };
  /** Milliseconds of processor time since the start. */
  readonly processorMs: () => Promise<number>;
  readonly stop: () => void;
}

/** `dir` is the store's. */
export async function startProcess(kind: Kind, dir = ''): Promise<ServerProcess> {
  const child = fork(SELF, [kind, dir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await answer(child);
  return {
    address: { host: '127.0.0.1', port },
    processorMs: async () => {
      const spent = answer(child);
      child.send('spent');
      return await spent;
    },
    stop: () => void child.kill(),
  };
}

async function answer(child: ChildProcess): Promise<number> {
  const gone = new AbortController();
  const died = once(child, 'exit', { signal: gone.signal }).then(() => {
    throw new Error('the measured server ended');
  });
  died.catch(() => {});
  try {
    const [value]: unknown[] = await Promise.race([once(child, 'message'), died]);
    return Number(value);
  } finally {
    gone.abort();
  }
}

async function listen(kind: string, dir: string): Promise<number> {
  switch (kind) {
    case 'reference': {
      const server = new ReferenceServer(() => true, { maxConnections: 4096 });
      return (await server.listenAndServe({ port: 0 })).port;
    }
    case 'store': {
      const receiver = new Receiver({ store: await Store.open(dir), clock: () => fromUnixMs(Date.now()) });
      const server = new ReferenceServer(receiver.submit, { maxConnections: 4096 });
      return (await server.listenAndServe({ port: 0 })).port;
    }
    case 'keeping':
      return await listenKeeping();
    default:
      return await listenBare();
  }
}

/** Reads until a frame is there, writes an answer of the same size as the reference's, and closes. */
async function listenBare(): Promise<number> {
  const taskId = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const reply = encodeFrame(marshalSubmitResponse({ taskId, status: 200, message: 'Task accepted' }));
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let bytes = 0;
    let expected = Number.POSITIVE_INFINITY;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (bytes === 0) expected = HEADER_BYTES + chunk.readUInt32BE(4);
      bytes += chunk.length;
      if (bytes >= expected) socket.end(reply);
    });
  });
  return await portOf(server);
}

/** Answers each SUBMIT that the reference's codec takes, and closes on what it does not. */
async function listenKeeping(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    const decoder = new FrameDecoder();
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const answers: Uint8Array[] = [];
      try {
        decoder.push(chunk);
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
          if (frame.type === TYPE_SUBMIT) answers.push(encodeFrame(acceptance(frame)));
      } catch {
        socket.end(Buffer.concat(answers));
        return;
      }
      if (answers.length > 0) socket.write(Buffer.concat(answers));
    });
  });
  return await portOf(server);
}

function acceptance(frame: Frame): Frame {
  const request = unmarshalSubmitRequest(frame);
  validateSubmitRequest(request);
  return marshalSubmitResponse({ taskId: request.taskId, status: 200, message: 'Task accepted' });
}

/** Listens on a free port of the loopback interface. */
export async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const [kind, dir = ''] = argumentsApart(import.meta.url) ?? [];
if (kind !== undefined) {
  const port = await listen(kind, dir);
  process.on('message', () => void process.send?.(processorMs()));
  process.on('disconnect', () => process.exit());
  process.send?.(port);
}
