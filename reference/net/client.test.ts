import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { encodeFrame } from '../codec/frame.ts';
import {
  marshalSubmitResponse,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
} from '../codec/message.ts';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import type { ValidationErrorCode } from '../protocol/errors.ts';
import type { SubmitResponse, TaskResult, TaskResultMessage } from '../protocol/message-types.ts';
import { gate, HOST, recordingLogger, startPeer, startServer } from '../testing/loopback.ts';
import { frameHeader, request, submitFrame } from '../testing/samples.ts';
import { type Client, dial } from './client.ts';
import type { CallOptions } from './exchange.ts';

const answer: SubmitResponse = { taskId: request.taskId, status: 200, message: 'Task accepted' };
const update = { taskId: 'a', status: 'ACCEPTED', justification: '' };
const results = { taskId: 'a', resultType: 'text', resultText: 'done', completedAt: '2026-01-02T03:04:05Z' };
/** More than the system takes of a message that the peer does not read. */
const largeResults = {
  ...results,
  resultType: 'file',
  filename: 'large.bin',
  fileData: new Uint8Array(11 * 1024 * 1024),
};
const longest = { timeoutMs: 2 ** 31 - 1 };

function answerFrame(fields: Partial<SubmitResponse> = {}): Uint8Array {
  return encodeFrame(marshalSubmitResponse({ ...answer, ...fields }));
}

async function connectTo(t: Test, port: number): Promise<Client> {
  const client = await dial({ host: HOST, port, ...longest });
  t.teardown(() => client.close());
  return client;
}

/** Submits to a peer that runs `reply` once the request has arrived. */
async function submitTo(
  t: Test,
  reply: (socket: Socket) => void,
  options: CallOptions = longest,
): Promise<SubmitResponse> {
  const port = await startPeer(t, (socket) => socket.once('data', () => reply(socket)));
  return (await connectTo(t, port)).submitTask(request, options);
}

t.test('every call succeeds against the server', async (t) => {
  const { port } = await startServer(t, ({ taskDescription }) => taskDescription !== 'no');
  t.match(await (await connectTo(t, port)).submitTask(request), { taskId: request.taskId, status: 200 });
  const no = await (await connectTo(t, port)).submitTask({ ...request, taskDescription: 'no' });
  t.match(no, { taskId: request.taskId, status: 400 });
  await (await connectTo(t, port)).sendStatusUpdate(update);
  await (await connectTo(t, port)).sendResults(results);
});

t.test('dial', async (t) => {
  t.test('rejects when nothing listens', async (t) => {
    const { server, port } = await startServer(t, () => true);
    await server.close();
    await t.rejects(dial({ host: HOST, port }), { code: 'unreachable', cause: { code: 'ECONNREFUSED' } });
  });

  t.test('rejects when it is aborted before or during the connection', async (t) => {
    const port = await startPeer(t, () => {});
    const reason = new Error('changed my mind');
    await t.rejects(dial({ host: HOST, port, signal: AbortSignal.abort(reason) }), {
      code: 'aborted',
      cause: reason,
    });
    const controller = new AbortController();
    const dialling = dial({ host: HOST, port, signal: controller.signal });
    controller.abort(reason);
    await t.rejects(dialling, { code: 'aborted', cause: reason });
    t.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  t.test('rejects numbers outside their range', async (t) => {
    await t.rejects(dial({ host: HOST, port: 65_536 }), RangeError);
    await t.rejects(dial({ host: HOST, port: 1, timeoutMs: Number.POSITIVE_INFINITY }), RangeError);
  });
});

t.test('a legal answer', async (t) => {
  t.test('may arrive in segments', async (t) => {
    const bytes = answerFrame();
    const got = await submitTo(t, async (socket) => {
      socket.setNoDelay(true);
      for (const part of [bytes.subarray(0, 5), bytes.subarray(5, 20), bytes.subarray(20)]) {
        await new Promise((resolve) => socket.write(part, resolve));
      }
    });
    t.strictSame(got, answer);
  });

  t.test('may have type 2 (S1)', async (t) => {
    const { payload } = marshalSubmitResponse(answer);
    t.strictSame(await submitTo(t, (socket) => socket.write(encodeFrame({ type: 2, payload }))), answer);
  });

  t.test('may be followed by FIN, by a reset or by other bytes', async (t) => {
    t.strictSame(await submitTo(t, (socket) => socket.end(answerFrame())), answer);
    t.strictSame(
      await submitTo(t, (socket) => socket.end(Buffer.concat([answerFrame(), Buffer.alloc(9)]))),
      answer,
    );
    const reset = (socket: Socket) => socket.write(answerFrame(), () => socket.resetAndDestroy());
    t.strictSame(await submitTo(t, reset), answer);
  });

  t.test('may arrive before the request is read, from a peer that has already sent FIN', async (t) => {
    const client = await connectTo(t, await startPeer(t, (socket) => socket.end(answerFrame())));
    t.strictSame(await client.submitTask(request), answer);
  });

  t.test('may have a message of any length that fits a frame', async (t) => {
    const room = MAX_PAYLOAD_BYTES - answerFrame({ message: '' }).length + HEADER_BYTES;
    const message = 'x'.repeat(room);
    const bytes = answerFrame({ message });
    t.equal(bytes.length, HEADER_BYTES + MAX_PAYLOAD_BYTES);
    const received = await submitTo(t, (socket) => socket.write(bytes));
    t.ok(received.message === message);
  });

  t.test('may contain a long task id', async (t) => {
    const taskId = '\u0001'.repeat(100_000);
    const { port } = await startServer(t, () => true);
    t.match(await (await connectTo(t, port)).submitTask({ ...request, taskId }), { taskId, status: 200 });
  });
});

t.test('an illegal answer', async (t) => {
  const cases: [string, Uint8Array, string][] = [
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'frame-too-large'],
    ['type 3', encodeFrame({ type: 3, payload: Buffer.from('{}') }), 'unexpected-type'],
    ['malformed JSON', encodeFrame({ type: 1, payload: Buffer.from('{') }), 'malformed-json'],
    ['another id (S3)', answerFrame({ taskId: 'another' }), 'malformed-field'],
    ['another status (S2)', answerFrame({ status: 201 }), 'malformed-field'],
  ];
  for (const [what, bytes, code] of cases) {
    const call = submitTo(t, (socket) => socket.write(bytes));
    await t.rejects(call, { code: 'bad-answer', cause: { code } }, what);
  }

  t.test('may never end', async (t) => {
    const pump = (socket: Socket, chunk: Uint8Array) => {
      socket.write(chunk, (error) => error ?? pump(socket, chunk));
    };
    const long = submitTo(t, (socket) => {
      socket.write(frameHeader(1, MAX_PAYLOAD_BYTES));
      pump(socket, Buffer.alloc(65_536, 'x'));
    });
    await t.rejects(long, { code: 'bad-answer', cause: { code: 'malformed-json' } });
    const zeros = submitTo(t, (socket) => pump(socket, Buffer.alloc(65_536)));
    await t.rejects(zeros, { code: 'bad-answer', cause: { code: 'unexpected-type' } });
  });
});

t.test('no answer', async (t) => {
  await t.rejects(
    submitTo(t, () => {}, { timeoutMs: 30 }),
    { code: 'timeout' },
    'silence',
  );
  await t.rejects(
    submitTo(t, (socket) => socket.end()),
    { code: 'closed' },
    'FIN',
  );
  await t.rejects(
    submitTo(t, (socket) => socket.end(answerFrame().subarray(0, 20))),
    { code: 'closed' },
    'half an answer',
  );
  await t.rejects(
    submitTo(t, (socket) => socket.resetAndDestroy()),
    { code: 'closed', cause: { code: 'ECONNRESET' } },
    'reset',
  );
  const client = await connectTo(t, await startPeer(t, (socket) => socket.destroy()));
  await t.rejects(client.submitTask(request), { code: 'closed' }, 'a peer that closes at once');
});

t.test('a call that is aborted or closed', async (t) => {
  const reason = new Error('changed my mind');

  t.test('before it begins sends nothing', async (t) => {
    const received = gate();
    const port = await startPeer(t, (socket) => {
      socket.on('data', () => t.fail('the peer received bytes'));
      socket.on('end', received.open);
    });
    const call = (await connectTo(t, port)).submitTask(request, { signal: AbortSignal.abort(reason) });
    await t.rejects(call, { code: 'aborted', cause: reason });
    await received.opened;
  });

  t.test('while the answer is awaited', async (t) => {
    const controller = new AbortController();
    const call = submitTo(t, () => controller.abort(reason), { ...longest, signal: controller.signal });
    await t.rejects(call, { code: 'aborted', cause: reason });
    t.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  t.test('while a frame is written', async (t) => {
    const controller = new AbortController();
    const client = await connectTo(t, await startPeer(t, () => {}));
    const call = client.sendResults(largeResults, { ...longest, signal: controller.signal });
    controller.abort(reason);
    await t.rejects(call, { code: 'aborted', cause: reason });
  });

  t.test('while the client waits for the peer to close', async (t) => {
    const controller = new AbortController();
    const port = await startPeer(t, (socket) => socket.once('data', () => controller.abort(reason)));
    const options = { signal: controller.signal, closeWaitMs: 2 ** 31 - 1 };
    const call = (await connectTo(t, port)).sendStatusUpdate(update, options);
    await t.rejects(call, { code: 'aborted', cause: reason });
  });

  t.test('by the method close', async (t) => {
    let client: Client | undefined;
    const port = await startPeer(t, (socket) => socket.once('data', () => client?.close()));
    client = await connectTo(t, port);
    await t.rejects(client.submitTask(request, longest), { code: 'closed' });
  });
});

t.test('a client carries one call', async (t) => {
  const { port } = await startServer(t, () => true);
  const client = await connectTo(t, port);
  const first = client.submitTask(request);
  await t.rejects(client.submitTask(request), { code: 'closed' }, 'a second while the first runs');
  t.match(await first, { status: 200 });
  await t.rejects(client.sendStatusUpdate(update), { code: 'closed' }, 'a second after the first');

  const unused = await connectTo(t, port);
  unused.close();
  unused.close();
  await t.rejects(unused.submitTask(request), { code: 'closed' }, 'a first after close');
});

t.test('a message that does not fit a frame is refused before a byte is sent (F9)', async (t) => {
  const received: Buffer[] = [];
  const port = await startPeer(t, (socket) => {
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('end', () => socket.end());
    socket.once('data', () => socket.write(answerFrame()));
  });
  const client = await connectTo(t, port);
  const fileData = new Uint8Array(13 * 1024 * 1024);
  await t.rejects(client.sendResults({ ...results, filename: 'a.bin', fileData }), {
    code: 'frame-too-large',
  });
  const fromAddr = 'x'.repeat(MAX_PAYLOAD_BYTES);
  await t.rejects(client.submitTask({ ...request, fromAddr }), { code: 'frame-too-large' });
  t.strictSame(await client.submitTask(request), answer, 'the connection still works');
  t.equal(Buffer.compare(Buffer.concat(received), submitFrame()), 0);
});

t.test('a message without an answer', async (t) => {
  t.test('resolves when the peer closes, also after bytes of its own', async (t) => {
    const port = await startPeer(t, (socket) => socket.once('data', () => socket.end('noise')));
    await (await connectTo(t, port)).sendResults(results, { closeWaitMs: 2 ** 31 - 1 });
  });

  t.test('resolves when the peer keeps the connection open', async (t) => {
    const port = await startPeer(t, (socket) => socket.resume());
    await (await connectTo(t, port)).sendStatusUpdate(update, { closeWaitMs: 1 });
  });

  t.test('is not followed by FIN before the peer has closed (T4)', async (t) => {
    const peer = gate();
    let finSeen = false;
    const port = await startPeer(t, (socket) => {
      socket.on('end', () => {
        finSeen = true;
      });
      socket.once('data', () => setImmediate(() => setImmediate(peer.open)));
      peer.opened.then(() => {
        t.equal(finSeen, false);
        socket.end();
      });
    });
    await (await connectTo(t, port)).sendResults(results, { closeWaitMs: 2 ** 31 - 1 });
  });

  t.test('is lost when the peer resets', async (t) => {
    const port = await startPeer(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const call = (await connectTo(t, port)).sendResults(results, { closeWaitMs: 2 ** 31 - 1 });
    await t.rejects(call, { code: 'closed', cause: { code: 'ECONNRESET' } });
  });

  t.test('is not sent when the deadline passes while the peer does not read', async (t) => {
    const port = await startPeer(t, (socket) => socket.pause());
    const client = await connectTo(t, port);
    await t.rejects(client.sendResults(largeResults, { timeoutMs: 100, closeWaitMs: 1 }), {
      code: 'timeout',
    });
  });

  t.test('is not sent on a connection that the peer has closed', async (t) => {
    const port = await startPeer(t, (socket) => socket.end());
    const client = await connectTo(t, port);
    const other = await connectTo(t, port);
    await t.rejects(other.submitTask(request), { code: 'closed' });
    await t.rejects(client.sendResults(results), { code: 'closed' });
  });

  t.test('with a number out of range is not sent', async (t) => {
    const client = await connectTo(t, await startPeer(t, () => {}));
    await t.rejects(client.sendResults(results, { closeWaitMs: 0 }), RangeError);
    await t.rejects(client.sendResults(results, { timeoutMs: 0 }), RangeError);
  });
});

t.test('a failure between dial and call does not raise an unhandled event', async (t) => {
  const accepted = gate();
  let socketOfPeer: Socket | undefined;
  const port = await startPeer(t, (socket) => {
    socketOfPeer = socket;
    accepted.open();
  });
  const client = await connectTo(t, port);
  await accepted.opened;
  if (socketOfPeer === undefined) throw new Error('not accepted');
  const gone = once(socketOfPeer, 'close');
  socketOfPeer.resetAndDestroy();
  await gone;
  await t.rejects(client.submitTask(request), { code: 'closed' });
});

t.test('results on the connection of the submission (F6)', async (t) => {
  const result: TaskResult = {
    taskDescription: 'd',
    status: 'success',
    result: { n: 1 },
    timestamp: '2026-01-02T03:04:05Z',
  };
  const failure: TaskResult = { ...result, status: 'error', result: null, error: 'boom' };

  t.test('arrive one after another until the server closes', async (t) => {
    const { port } = await startServer(t, () => ({
      accept: true,
      deliver: async (send) => {
        await send(result);
        await send(failure);
      },
    }));
    const client = await connectTo(t, port);
    t.match(await client.submitTask(request, { keepOpen: true }), { status: 200 });
    t.strictSame(await client.recvResult(), result);
    t.strictSame(await client.recvResult(), failure);
    await t.rejects(client.recvResult(), { code: 'closed' });
  });
  t.test('cannot be received without keepOpen, or before a submission', async (t) => {
    const { port } = await startServer(t, () => true);
    const client = await connectTo(t, port);
    await t.rejects(client.recvResult(), { code: 'closed' });
    await client.submitTask(request);
    await t.rejects(client.recvResult(), { code: 'closed' });
  });
  t.test('are refused when they are another message', async (t) => {
    const port = await startPeer(t, (socket) => {
      socket.once('data', () => socket.end(Buffer.concat([answerFrame(), answerFrame()])));
    });
    const client = await connectTo(t, port);
    await client.submitTask(request, { keepOpen: true });
    await t.rejects(client.recvResult(), { code: 'bad-answer', cause: { code: 'unexpected-type' } });
  });
  t.test('that the server cannot deliver are logged, and the connection ends with FIN', async (t) => {
    const { logger, records } = recordingLogger();
    const deliver = async (): Promise<void> => {
      throw new Error('no results');
    };
    const { port } = await startServer(t, () => ({ accept: true, deliver }), { logger });
    const client = await connectTo(t, port);
    await client.submitTask(request, { keepOpen: true });
    await t.rejects(client.recvResult(), { code: 'closed' });
    t.ok(records.some(({ level, message }) => level === 'warn' && message === 'results not delivered'));
  });
});

t.test(
  'a message that no receiver may accept is refused before a byte is sent (S5, U4, R2, R4)',
  async (t) => {
    const received: Buffer[] = [];
    const port = await startPeer(t, (socket) => {
      socket.on('data', (chunk) => received.push(chunk)).once('data', () => socket.end());
    });
    const client = await connectTo(t, port);
    const type = { resultType: 'file' };
    const data = { fileData: new Uint8Array(1) };
    const refused: readonly [Partial<TaskResultMessage>, ValidationErrorCode][] = [
      [{ ...type, ...data, filename: 'main.go' }, 'extension-forbidden'],
      [{ ...type, ...data, filename: 'main' }, 'extension-unknown'],
      [{ ...type, ...data, filename: '' }, 'extension-unknown'],
      [{ ...type, ...data }, 'extension-unknown'],
      // Each of the type, the data and the name makes it a file.
      [type, 'extension-unknown'],
      [data, 'extension-unknown'],
      [{ filename: 'main.go' }, 'extension-forbidden'],
      [{ resultText: 'x'.repeat(1024 * 1024 + 1) }, 'result-text-too-long'],
    ];
    for (const [fields, code] of refused)
      await t.rejects(client.sendResults({ ...results, ...fields }), { name: 'ValidationError', code });
    await t.rejects(client.submitTask({ ...request, taskDescription: 'é'.repeat(8193) }), {
      code: 'description-too-long',
    });
    await t.rejects(client.sendStatusUpdate({ ...update, justification: 'x'.repeat(4097) }), {
      code: 'justification-too-long',
    });
    await client.sendStatusUpdate(update);
    const legal = encodeFrame(marshalTaskStatusUpdate(update));
    t.strictSame(Buffer.concat(received), Buffer.from(legal), 'the peer received the legal message only');
  },
);

t.test('a result is sent as it is encoded: an empty name or data is none', async (t) => {
  const sent = encodeFrame(marshalTaskResultMessage(results));
  for (const fields of [{}, { filename: '' }, { fileData: new Uint8Array(0) }]) {
    const received: Buffer[] = [];
    const port = await startPeer(t, (socket) => {
      socket.on('data', (chunk) => received.push(chunk)).once('data', () => socket.end());
    });
    await (await connectTo(t, port)).sendResults(
      { ...results, ...fields },
      { closeWaitMs: longest.timeoutMs },
    );
    t.strictSame(Buffer.concat(received), Buffer.from(sent));
  }
});
