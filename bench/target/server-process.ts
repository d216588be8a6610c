/**
 * The servers that are measured, each in a subprocess. Run as a program, this file is one of them: it sends its port to
 * its parent, and the processor time that it has spent whenever the parent asks for it.
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
import { subprocessArguments } from '../measure/subprocess.ts';
import { storeBatch } from './disk.ts';

/**
 * - `reference`: the reference server without a store.
 * - `store`: the reference server with a store.
 * - `baseline`: a server of `node:net` alone that reads and writes the same bytes as the reference server.
 * - `file-baseline`: a baseline that stores a file, as disk.ts does, before it answers.
 * - `persistent`: a server that answers any number of frames on a connection, which the reference server does not.
 */
export type ServerKind = 'reference' | 'store' | 'baseline' | 'file-baseline' | 'persistent';

export interface MeasuredServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Milliseconds of processor time since the start of the process. */
  readonly processorMs: () => Promise<number>;
}

/**
 * Starts a server in a subprocess, passes it to `use`, and ends the subprocess when `use` has settled. `storeDir` is the
 * directory of the store or of the files, for the kinds that have one. Rejects when the subprocess ends before it listens.
 */
export async function withServer<Result>(
  kind: ServerKind,
  use: (server: MeasuredServer) => Promise<Result>,
  storeDir = '',
): Promise<Result> {
  const program = fileURLToPath(import.meta.url);
  const child = fork(program, [kind, storeDir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  try {
    const port = await nextNumber(child);
    const askProcessorMs = async (): Promise<number> => {
      const answer = nextNumber(child);
      child.send('processor time');
      return await answer;
    };
    return await use({ address: { host: '127.0.0.1', port }, processorMs: askProcessorMs });
  } finally {
    child.kill();
    await exited;
  }
}

/** The next number that the subprocess sends. Rejects when it ends before. A loader of sources sends other messages. */
async function nextNumber(child: ChildProcess): Promise<number> {
  const settled = new AbortController();
  const ended = once(child, 'exit', { signal: settled.signal }).then(() => {
    throw new Error('the measured server ended');
  });
  ended.catch(() => {});
  try {
    for (;;) {
      const [value]: unknown[] = await Promise.race([once(child, 'message'), ended]);
      if (typeof value === 'number') return value;
    }
  } finally {
    settled.abort();
  }
}

async function listen(kind: string, storeDir: string): Promise<number> {
  switch (kind) {
    case 'reference': {
      const server = new ReferenceServer(() => true, { maxConnections: 4096 });
      return (await server.listenAndServe({ port: 0 })).port;
    }
    case 'store': {
      const receiver = new Receiver({
        store: await Store.open(storeDir),
        clock: () => fromUnixMs(Date.now()),
      });
      const server = new ReferenceServer(receiver.submit, { maxConnections: 4096 });
      return (await server.listenAndServe({ port: 0 })).port;
    }
    case 'file-baseline':
      return await listenBaseline(() => storeBatch(storeDir, 1));
    case 'persistent':
      return await listenPersistent();
    default:
      return await listenBaseline();
  }
}

/** Reads until one frame is complete, calls `store`, writes an answer of the same size as the reference server's, and closes. */
async function listenBaseline(store?: () => Promise<void>): Promise<number> {
  const taskId = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const reply = encodeFrame(marshalSubmitResponse({ taskId, status: 200, message: 'Task accepted' }));
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let bytes = 0;
    let expected = Number.POSITIVE_INFINITY;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (bytes === 0) expected = HEADER_BYTES + chunk.readUInt32BE(4);
      bytes += chunk.length;
      if (bytes < expected) return;
      if (store === undefined) socket.end(reply);
      else
        store().then(
          () => socket.end(reply),
          (error) => socket.destroy(error),
        );
    });
  });
  return await listenOnLoopback(server);
}

/** Answers each SUBMIT that the codec of the reference accepts, and closes after anything that it refuses. */
async function listenPersistent(): Promise<number> {
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
  return await listenOnLoopback(server);
}

function acceptance(frame: Frame): Frame {
  const request = unmarshalSubmitRequest(frame);
  validateSubmitRequest(request);
  return marshalSubmitResponse({ taskId: request.taskId, status: 200, message: 'Task accepted' });
}

/** Listens on a free port of the loopback interface and resolves to that port. */
export async function listenOnLoopback(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const [kind, storeDir = ''] = subprocessArguments(import.meta.url) ?? [];
if (kind !== undefined) {
  const port = await listen(kind, storeDir);
  process.on('message', () => void process.send?.(processorMs()));
  process.on('disconnect', () => process.exit());
  process.send?.(port);
}
