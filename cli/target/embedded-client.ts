/**
 * The client of the reference, in a worker thread as the embedded server is: one start of a client is one call. A process for
 * each start would spend most of its time on loading Node.js. The thread runs this file too.
 */

import { once, setMaxListeners } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import type { ClientDriver, ClientEnd } from '../../conformance/index.ts';
import { combinedSignal, unlessAborted } from '../../conformance/util/combined-signal.ts';
import {
  type Address,
  type Client,
  dial,
  generateTaskId,
  ProtocolError,
  STATUS_ACCEPTED,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
  unmarshalSubmitRequest,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
  ValidationError,
} from '../../reference/index.ts';

/** What a client is started with. */
interface Task {
  /** Its end repeats it. */
  readonly number: number;
  readonly address: Required<Address>;
  readonly action: 'submit' | 'update' | 'results';
  /** JSON with the fields of the message. */
  readonly message: string;
  readonly timeoutMs: number;
}

/** What a client reports. */
type Line = Extract<ClientEnd, { readonly kind: 'reported' }>['line'];

interface Ended {
  readonly number: number;
  readonly line: Line;
}

/** The thread, and what starts a client in it. */
export interface EmbeddedClient {
  readonly start: ClientDriver;
  readonly close: () => Promise<void>;
}

/** Resolves when the thread runs. Rejects with the error that ended it. */
export async function startEmbeddedClient(): Promise<EmbeddedClient> {
  const thread = new Worker(new URL(import.meta.url));
  await once(thread, 'online');
  const ends = new Map<number, (line: Line) => void>();
  const gone = new AbortController();
  // Each client listens to it.
  setMaxListeners(0, gone.signal);
  thread.on('message', ({ number, line }: Ended) => ends.get(number)?.(line));
  thread.on('error', (error) => gone.abort(error));
  let number = 0;
  return {
    start: async ({ host, port, play, message, timeoutMs, deadline, signal }) => {
      number += 1;
      const task: Task = { number, address: { host, port }, action: play.action, message, timeoutMs };
      const over = combinedSignal([signal, gone.signal, deadline.signal]);
      try {
        const ended = new Promise<Line>((resolve) => ends.set(task.number, resolve));
        thread.postMessage(task);
        return { end: { kind: 'reported', line: await unlessAborted(ended, over.signal) } };
      } catch {
        signal.throwIfAborted();
        if (gone.signal.aborted) return { end: { kind: 'died', how: String(gone.signal.reason) } };
        return { end: { kind: 'not-ended', afterMs: deadline.afterMs } };
      } finally {
        over.release();
        ends.delete(task.number);
      }
    },
    close: async () => void (await thread.terminate()),
  };
}

/** How long a receiver may take to close after an update or results, in milliseconds. */
const CLOSE_WAIT_MS = 250;

/** Does what the task asks for. Rejects with the errors of the reference. */
async function act(task: Task): Promise<Line> {
  const { address, action, timeoutMs } = task;
  const send = { timeoutMs, closeWaitMs: CLOSE_WAIT_MS };
  // The text is the JSON of a payload, so the reference reads it as one.
  const payload = Buffer.from(task.message);
  switch (action) {
    case 'submit': {
      const taskId = generateTaskId();
      const request = { ...unmarshalSubmitRequest({ type: TYPE_SUBMIT, payload }), taskId };
      return connected(address, timeoutMs, async (client) => {
        const { status, message } = await client.submitTask(request, { timeoutMs });
        return { outcome: status === STATUS_ACCEPTED ? 'accepted' : 'rejected', taskId, message };
      });
    }
    case 'update': {
      const update = unmarshalTaskStatusUpdate({ type: TYPE_STATUS_UPDATE, payload });
      await connected(address, timeoutMs, (client) => client.sendStatusUpdate(update, send));
      return { outcome: 'sent', taskId: update.taskId };
    }
    case 'results': {
      const results = unmarshalTaskResultMessage({ type: TYPE_SEND_RESULTS, payload });
      await connected(address, timeoutMs, (client) => client.sendResults(results, send));
      return { outcome: 'sent', taskId: results.taskId };
    }
  }
}

/** Does the work on a connection. As at the end of a process, the connection ends with it, also where nothing was sent. */
async function connected<T>(
  address: Task['address'],
  timeoutMs: number,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await dial({ ...address, timeoutMs });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

function outcomeOf(error: unknown): Line {
  const isRefused =
    error instanceof ValidationError || (error instanceof ProtocolError && error.code === 'frame-too-large');
  return { outcome: isRefused ? 'refused' : 'error', message: String(error) };
}

if (!isMainThread)
  parentPort?.on('message', async (task: Task) => {
    const line = await act(task).catch(outcomeOf);
    parentPort?.postMessage({ number: task.number, line } satisfies Ended);
  });
