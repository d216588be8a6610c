import t from 'tap';
import { listen } from '../../conformance/testing/loopback.ts';
import { encodeFrame, type Frame } from '../codec/frame.ts';
import { marshalTaskResultMessage, marshalTaskStatusUpdate } from '../codec/message.ts';
import {
  MAX_JUSTIFICATION_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
} from '../protocol/constants.ts';
import { FaultLog } from '../support/fault-log.ts';
import { exchange, gate, HOST, openSocket, recordingLogger, startServer } from '../testing/loopback.ts';
import { frameHeader, request, submitFrame } from '../testing/samples.ts';
import { Connection } from './connection.ts';
import { FrameMemory } from './frame-memory.ts';
import { DEFAULT_LIMITS } from './server.ts';

const accept = () => true;
const never = () => new Promise<boolean>(() => {});
const accepted = { taskId: request.taskId, status: 200, message: /./ };
const rejected = { taskId: request.taskId, status: 400, message: /./ };

t.test('a SUBMIT', async (t) => {
  t.test('is answered 200 or 400 as the handler decides, at once or later', async (t) => {
    const { port } = await startServer(t, async ({ taskDescription }) => taskDescription === 'yes');
    const yes = await exchange(t, port, submitFrame({ taskDescription: 'yes' }));
    t.match(yes, { answers: [accepted], by: 'fin' });
    const no = await exchange(t, port, submitFrame({ taskDescription: 'no' }));
    t.match(no, { answers: [rejected], by: 'fin' });
  });

  t.test('reaches the handler with the address of the peer', async (t) => {
    const seen: unknown[] = [];
    const { port } = await startServer(t, (...call) => seen.push(call) > 0);
    const { socket, ended } = await openSocket(t, port);
    socket.write(submitFrame());
    await ended;
    t.strictSame(seen, [[request, { address: '127.0.0.1', port: socket.localPort }]]);
  });

  t.test('whose handler fails is answered 400, and the server goes on', async (t) => {
    const { logger, records } = recordingLogger();
    const failures = [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('rejected')),
    ];
    const { port } = await startServer(t, () => failures.pop()?.() ?? true, { logger });
    t.match(await exchange(t, port, submitFrame()), {
      answers: [{ ...rejected, message: 'internal error' }],
    });
    t.match(await exchange(t, port, submitFrame()), {
      answers: [{ ...rejected, message: 'internal error' }],
    });
    t.match(await exchange(t, port, submitFrame()), { answers: [accepted] });
    t.equal(records.filter(({ level }) => level === 'warn').length, 2);
  });

  t.test('whose description is too long is answered 400 without a call of the handler (S5)', async (t) => {
    const asked: number[] = [];
    const { port } = await startServer(t, ({ taskDescription }) => asked.push(taskDescription.length) > 0);
    const longest = 'x'.repeat(MAX_TASK_DESCRIPTION_BYTES);
    t.match(await exchange(t, port, submitFrame({ taskDescription: longest })), { answers: [accepted] });
    t.match(await exchange(t, port, submitFrame({ taskDescription: `${longest}x` })), {
      answers: [rejected],
    });
    t.strictSame(asked, [MAX_TASK_DESCRIPTION_BYTES]);
  });

  t.test('is answered after a half-close (T4)', async (t) => {
    const decided = gate();
    const { port } = await startServer(t, async ({ taskId }) => {
      if (taskId === 'late') await decided.opened;
      return true;
    });
    const { socket, ended } = await openSocket(t, port);
    socket.end(submitFrame({ taskId: 'late' }));
    await exchange(t, port, submitFrame());
    decided.open();
    t.match(await ended, { answers: [{ taskId: 'late', status: 200 }] });
  });

  t.test('may arrive one byte at a time (F3)', async (t) => {
    const { port } = await startServer(t, accept);
    const { socket, ended } = await openSocket(t, port);
    socket.setNoDelay(true);
    for (const byte of submitFrame()) await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
    t.match(await ended, { answers: [accepted] });
  });

  t.test('whose answer does not fit a frame is not answered, and the server goes on', async (t) => {
    const { logger, records } = recordingLogger();
    const { port } = await startServer(t, accept, { logger });
    // Each < is one byte in this payload and six bytes in the canonical answer.
    const payload = Buffer.from(JSON.stringify({ task_id: '<'.repeat(3 * 1024 * 1024) }));
    t.match(await exchange(t, port, encodeFrame({ type: 1, payload })), { answers: [] });
    t.match(
      records.filter(({ level, fields }) => level === 'warn' && 'peer' in fields),
      [{ fields: { err: { clause: 'F9' } } }],
    );
    t.match(await exchange(t, port, submitFrame()), { answers: [accepted] });
  });
});

t.test(
  'a connection that breaks the protocol is closed without an answer or a call of the handler',
  async (t) => {
    const { logger, records } = recordingLogger();
    const { port } = await startServer(t, () => t.fail('the handler was called'), { logger });
    const cases: [string, Uint8Array, string][] = [
      ['malformed JSON (S6)', encodeFrame({ type: 1, payload: Buffer.from('{') }), 'malformed-json'],
      ['an empty payload (F8)', frameHeader(1, 0), 'malformed-json'],
      ['type 2 (F7)', encodeFrame({ type: 2, payload: Buffer.from('{}') }), 'unexpected-type'],
      ['an unknown type (F7)', encodeFrame({ type: 0x101, payload: Buffer.from('{}') }), 'unexpected-type'],
      [
        'a length over the cap, without a payload (F2)',
        frameHeader(1, MAX_PAYLOAD_BYTES + 1),
        'frame-too-large',
      ],
    ];
    for (const [what, bytes, code] of cases) {
      t.match(await exchange(t, port, bytes), { answers: [] }, what);
      t.match(records.at(-1), { message: 'protocol violation', fields: { code } }, what);
    }
    for (const length of [1, 7, 8, 9, submitFrame().length - 1]) {
      const { socket, ended } = await openSocket(t, port);
      socket.end(submitFrame().subarray(0, length));
      t.match(await ended, { answers: [] }, `the stream ends after ${length} bytes (F4)`);
      t.match(records.at(-1), { message: 'protocol violation', fields: { code: 'frame-truncated' } });
    }
  },
);

t.test('status updates and results get no answer (U1, R1)', async (t) => {
  const update = { taskId: 'a', status: 'ACCEPTED', justification: 'ok' };
  const message = {
    taskId: 'a',
    resultType: 'text',
    resultText: 'done',
    completedAt: '2026-01-02T03:04:05Z',
  };
  const frames = [
    encodeFrame(marshalTaskStatusUpdate(update)),
    encodeFrame(marshalTaskResultMessage(message)),
  ];

  t.test('when they reach their handlers', async (t) => {
    const seen: unknown[] = [];
    const { port } = await startServer(t, {
      submit: accept,
      statusUpdate: async (...[value]) => void seen.push(value),
      results: async (...[value]) => void seen.push(value),
    });
    for (const frame of frames) t.strictSame(await exchange(t, port, frame), { answers: [], by: 'fin' });
    t.strictSame(seen, [update, message]);
  });

  t.test('when they have no handlers', async (t) => {
    const { port } = await startServer(t, accept);
    for (const frame of frames) t.strictSame(await exchange(t, port, frame), { answers: [], by: 'fin' });
  });

  t.test('when a handler fails, which is logged', async (t) => {
    const { logger, records } = recordingLogger();
    const fail = () => Promise.reject(new Error('disk full'));
    const { port } = await startServer(t, { submit: accept, statusUpdate: fail, results: fail }, { logger });
    for (const frame of frames) t.strictSame(await exchange(t, port, frame), { answers: [], by: 'fin' });
    t.equal(records.filter(({ level }) => level === 'warn').length, 2);
  });

  t.test('when a field is over its bound, which no handler takes (U4, R2)', async (t) => {
    const { logger, records } = recordingLogger();
    const seen = async (): Promise<void> => {
      t.fail('a handler was called');
    };
    const { port } = await startServer(t, { submit: accept, statusUpdate: seen, results: seen }, { logger });
    const long = [
      marshalTaskStatusUpdate({ ...update, justification: 'x'.repeat(100_000) }),
      marshalTaskResultMessage({ ...message, filename: 'x'.repeat(257) }),
    ];
    for (const frame of long)
      t.strictSame(await exchange(t, port, encodeFrame(frame)), { answers: [], by: 'fin' });
    t.match(
      records.filter(({ fields }) => 'clause' in fields),
      [
        { level: 'info', fields: { clause: 'U4' } },
        { level: 'debug', fields: { clause: 'R2' } },
      ],
    );
  });
});

t.test('frames after the last permitted one are ignored (T2)', async (t) => {
  const both = [submitFrame({ taskId: 'first' }), submitFrame({ taskId: 'second' })];
  const one = await startServer(t, accept);
  t.match(await exchange(t, one.port, ...both), { answers: [{ taskId: 'first' }], by: 'fin' });
  const two = await startServer(t, accept, { maxFramesPerConnection: 2 });
  t.match(await exchange(t, two.port, ...both), {
    answers: [{ taskId: 'first' }, { taskId: 'second' }],
    by: 'fin',
  });
  const { socket, ended } = await openSocket(t, two.port);
  socket.end(submitFrame());
  t.match(await ended, { answers: [accepted], by: 'fin' }, 'a peer may end before its last permitted frame');
});

t.test('bytes after the answer are discarded', async (t) => {
  t.test('so that unread bytes do not destroy the answer (T5)', async (t) => {
    const { port } = await startServer(t, accept, { lingerMs: 2 ** 31 - 1 });
    const { socket, ended } = await openSocket(t, port);
    socket.write(submitFrame());
    const surplus = new Promise((resolve) => socket.write(Buffer.alloc(8 * 1024 * 1024), resolve));
    t.match(await ended, { answers: [accepted], by: 'fin' });
    t.notOk(await surplus, 'the peer was not reset');
  });

  t.test('for a limited time', async (t) => {
    const { server, port } = await startServer(t, accept, { lingerMs: 20 });
    const { socket, ended } = await openSocket(t, port);
    socket.write(submitFrame());
    t.match(await ended, { answers: [accepted] });
    await t.resolves(
      server.close({ graceMs: 2 ** 31 - 1 }),
      'the server closes although the peer keeps its side open',
    );
  });

  t.test('up to a limited number of bytes', async (t) => {
    const { port } = await startServer(t, accept, { lingerMs: 2 ** 31 - 1 });
    const { socket, ended } = await openSocket(t, port);
    socket.write(submitFrame());
    t.match(await ended, { answers: [accepted] });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const megabyte = Buffer.alloc(1024 * 1024);
    const pump = () => socket.write(megabyte, (error) => error ?? pump());
    pump();
    await closed;
    t.ok(socket.bytesWritten >= MAX_PAYLOAD_BYTES, 'one whole frame is discarded');
    t.ok(socket.bytesWritten < 4 * MAX_PAYLOAD_BYTES, 'not everything that the peer sends is');
  });
});

t.test('a peer does not delay another one (T3)', async (t) => {
  const { port } = await startServer(t, ({ taskId }) => (taskId === 'stuck' ? never() : true));
  const stuck = await openSocket(t, port);
  stuck.socket.write(submitFrame({ taskId: 'stuck' }));
  const slow = await openSocket(t, port);
  slow.socket.write(submitFrame().subarray(0, 20));
  const gone = await openSocket(t, port);
  gone.socket.write(submitFrame({ taskId: 'stuck' }));
  gone.socket.resetAndDestroy();
  for (let i = 0; i < 20; i += 1) t.match(await exchange(t, port, submitFrame()), { answers: [accepted] });
  slow.socket.write(submitFrame().subarray(20));
  t.match(await slow.ended, { answers: [accepted] });
});

t.test('a peer that resets while its handler runs does not keep the server open', async (t) => {
  const called = gate();
  const decided = gate();
  const { server, port } = await startServer(t, async () => {
    called.open();
    await decided.opened;
    return true;
  });
  const { socket } = await openSocket(t, port);
  socket.write(submitFrame());
  await called.opened;
  socket.resetAndDestroy();
  decided.open();
  t.match(await exchange(t, port, submitFrame()), { answers: [accepted] });
  await server.close({ graceMs: 2 ** 31 - 1 });
});

t.test('deadlines', async (t) => {
  t.test('limit the time of a header, of a pause and of a frame', async (t) => {
    const inPayload = submitFrame().subarray(0, 9);
    const cases: [string, Uint8Array, string][] = [
      ['headerTimeoutMs', Buffer.alloc(0), 'header-timeout'],
      ['headerTimeoutMs', inPayload.subarray(0, 7), 'header-timeout'],
      ['idleTimeoutMs', inPayload.subarray(0, 8), 'idle-timeout'],
      ['idleTimeoutMs', inPayload, 'idle-timeout'],
      ['frameTimeoutMs', inPayload.subarray(0, 7), 'frame-timeout'],
      ['frameTimeoutMs', inPayload, 'frame-timeout'],
    ];
    for (const [option, bytes, code] of cases) {
      const { logger, records } = recordingLogger();
      const { port } = await startServer(t, accept, { [option]: 30, logger });
      t.match(await exchange(t, port, bytes), { answers: [] }, `${option} after ${bytes.length} bytes`);
      t.match(records, [{ level: 'info', fields: { code } }]);
    }
  });

  t.test('end a payload that comes too slowly', async (t) => {
    const { logger, records } = recordingLogger();
    const options = { idleTimeoutMs: 250, minBytesPerSecond: 2 ** 31 - 1, logger };
    const { port } = await startServer(t, accept, options);
    const { socket, ended } = await openSocket(t, port);
    socket.setNoDelay(true);
    socket.write(frameHeader(4, MAX_PAYLOAD_BYTES));
    const timer = setInterval(() => socket.write(Buffer.of(0x20)), 10);
    t.teardown(() => clearInterval(timer));
    t.match(await ended, { answers: [] });
    // On a busy machine, no byte may come for 250 ms.
    t.match(records, [{ level: 'info', fields: { code: /^(rate|idle)-timeout$/ } }]);
  });

  t.test('restart with each frame', async (t) => {
    const { logger, records } = recordingLogger();
    const { port } = await startServer(t, accept, {
      headerTimeoutMs: 250,
      maxFramesPerConnection: 2,
      logger,
    });
    t.match(await exchange(t, port, submitFrame()), { answers: [accepted] });
    t.match(records.at(-1), { fields: { code: 'header-timeout' } });
  });

  t.test('for a header do not run after the header', async (t) => {
    const { port } = await startServer(t, accept, { headerTimeoutMs: 250 });
    const { socket, ended } = await openSocket(t, port);
    socket.write(submitFrame().subarray(0, 8));
    t.match(await exchange(t, port), { answers: [] }, 'the deadline of a later peer has passed');
    socket.write(submitFrame().subarray(8));
    t.match(await ended, { answers: [accepted] });
  });

  t.test('do not run while a handler runs', async (t) => {
    const called = gate();
    const decided = gate();
    const { port } = await startServer(
      t,
      async () => {
        called.open();
        await decided.opened;
        return true;
      },
      { headerTimeoutMs: 250, idleTimeoutMs: 250, frameTimeoutMs: 250 },
    );
    const { socket, ended } = await openSocket(t, port);
    socket.write(submitFrame());
    await called.opened;
    t.match(
      await exchange(t, port, submitFrame().subarray(0, 3)),
      { answers: [] },
      'the deadline of a later peer has passed',
    );
    decided.open();
    t.match(await ended, { answers: [accepted] });
  });
});

t.test('a fault after a handler has accepted is not one of the handler, and is not answered', async (t) => {
  const { logger, records } = recordingLogger();
  const { port } = await startServer(t, () => ({ accept: true, message: null as never }), { logger });
  t.match(await exchange(t, port, submitFrame()), { answers: [] });
  t.match(
    records.filter(({ level }) => level === 'warn').map(({ message }) => message),
    ['connection failed'],
  );
});

t.test('the limit of memory closes a connection whose frame waits for a thread', async (t) => {
  const { logger, records } = recordingLogger();
  const jobs: { size: number; isBegun: boolean; isCancelled: boolean }[] = [];
  /** Has one thread, which never ends its work. */
  const threads = {
    read: ({ payload }: Frame) => {
      const job = { size: payload.byteLength, isBegun: jobs.length === 0, isCancelled: false };
      jobs.push(job);
      return Object.assign(job, { cancel: () => Object.assign(job, { isCancelled: true }) });
    },
  };
  const ended: Promise<unknown>[] = [];
  const shared = {
    handlers: { submit: accept },
    limits: DEFAULT_LIMITS,
    logger,
    faults: new FaultLog(logger),
    memory: new FrameMemory(2_000_000, logger),
    threads: threads as never,
  };
  const { address, close } = await listen((socket) => {
    new Connection(socket, { address: HOST, port: 0 }, shared);
  });
  t.teardown(close);
  for (const [i, size] of [1_000_000, 800_000, 300_000].entries()) {
    const peer = await openSocket(t, address.port);
    ended.push(peer.ended);
    peer.socket.write(encodeFrame({ type: 1, payload: new Uint8Array(size) }));
    while (jobs.length <= i) await new Promise(setImmediate);
  }
  await ended[1];
  t.match(records, [{ level: 'warn' }, { level: 'info', fields: { code: 'memory-limit', bytes: 800_000 } }]);
  t.strictSame(
    jobs.map(({ isCancelled }) => isCancelled),
    [false, true, false],
  );
});

t.test('the contents of a task are not logged', async (t) => {
  const { logger, records } = recordingLogger();
  const { port } = await startServer(t, accept, { logger });
  await exchange(t, port, submitFrame({ taskDescription: 'SECRET' }));
  await exchange(t, port, encodeFrame({ type: 1, payload: Buffer.from('{"task_description":"SECRET') }));
  await exchange(t, port, encodeFrame({ type: 1, payload: Buffer.from('{"task_description":["SECRET"]}') }));
  t.equal(records.filter(({ message }) => message === 'protocol violation').length, 2);
  t.notMatch(JSON.stringify(records), 'SECRET');
});

t.test('the log has a line for each connection, and a count for a flood of faults', async (t) => {
  const { logger, records } = recordingLogger();
  const { server, port } = await startServer(t, accept, { logger });
  const lines = () => records.filter(({ level }) => level !== 'debug');
  const { socket, ended } = await openSocket(t, port);
  const { localPort } = socket;
  socket.end(submitFrame());
  await ended;
  const malformed = encodeFrame({ type: 1, payload: Buffer.from('{{') });
  const long = encodeFrame(
    marshalTaskStatusUpdate({
      ...{ taskId: 'a', status: 'ACCEPTED', justification: 'x'.repeat(MAX_JUSTIFICATION_BYTES + 1) },
    }),
  );
  for (let count = 0; count < 50; count += 1)
    for (const frame of [malformed, long]) await exchange(t, port, frame);
  t.equal(lines().length, 2);
  await server.close();
  t.match(lines(), [
    {
      message: 'connection served',
      fields: { peer: { address: HOST, port: localPort }, frames: 1, status: 200 },
    },
    {
      message: 'protocol violation',
      fields: { peer: { address: HOST }, code: 'malformed-json', clause: 'M6' },
    },
    {
      message: /^more faults/,
      fields: {
        ...{ network: HOST, count: 99 },
        codes: { 'malformed-json': 49, 'justification-too-long': 50 },
      },
    },
  ]);
  t.equal(lines().length, 3);
});
