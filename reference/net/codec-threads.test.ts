import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { encodeFrame, type Frame } from '../codec/frame.ts';
import { marshalSubmitRequest, marshalSubmitResponse, marshalTaskResultMessage } from '../codec/message.ts';
import { MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import { silentLogger } from '../support/logger.ts';
import { recordingLogger } from '../testing/loopback.ts';
import { request } from '../testing/samples.ts';
import { CodecThreads } from './codec-threads.ts';
import { readMessage, type SessionMessage, type Violation } from './messages.ts';

/** One for all tests: under the test runner, a thread takes seconds to start. */
const threads = new CodecThreads(silentLogger, { most: 1, startMs: 600_000 });
t.teardown(() => threads.close());

/** Only what a peer can tell apart: the class and the stack of an error do not count. */
function plain(read: SessionMessage | Violation | Error): unknown {
  if (read instanceof Error || read.kind !== 'violation') return read;
  const { name, code, clause, message } = read.error;
  return { kind: 'violation', name, code, clause, message };
}

function frame(type: number, payload: string | Uint8Array): Frame {
  return { type, payload: Uint8Array.from(Buffer.from(payload)) };
}

t.test('a thread reads every frame as the thread of the server does', async (t) => {
  const frames = [
    marshalSubmitRequest(request),
    marshalSubmitRequest({ ...request, taskDescription: 'é'.repeat(20_000) }),
    marshalTaskResultMessage({
      ...{ taskId: 'a', resultType: 'file', filename: 'a.txt', completedAt: '' },
      fileData: new Uint8Array(100_000).fill(7),
      timeIdleMs: 2n ** 63n - 1n,
      timeCpuMs: -(2 ** 53 - 1),
    }),
    frame(4, '{"file_data":[1,null,255],"time_idle_ms":-0}'),
    frame(4, '{"file_data":[256]}'),
    frame(3, Buffer.from('{"task_id":"\xff\xf0\x9f","status":"\\ud800\\u0000"}', 'latin1')),
    frame(1, `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
    ...['null', '{', '', '[]', '{"task_id":7}', '{"__proto__":{},"TASK_ID":"a"}'].map((text) =>
      frame(1, text),
    ),
    frame(2, '{}'),
  ];
  for (const { type, payload } of frames) {
    const expected = plain(readMessage({ type, payload: payload.slice() }));
    for (const isSoleUse of [false, true]) {
      const sent = { type, payload: payload.slice() };
      const read = await new Promise<SessionMessage | Violation | Error>((resolve) =>
        threads.read(sent, isSoleUse, resolve),
      );
      t.strictSame(plain(read), expected);
      t.equal(sent.payload.byteLength, isSoleUse ? 0 : payload.byteLength, 'moved, or copied');
    }
  }
});

t.test('a thread writes an answer', async (t) => {
  const write = (taskId: string) =>
    new Promise((resolve) => threads.write({ taskId, status: 200, message: 'ok' }, resolve));
  t.strictSame(
    await write('<é>'),
    encodeFrame(marshalSubmitResponse({ taskId: '<é>', status: 200, message: 'ok' })),
  );
  t.match(await write('x'.repeat(MAX_PAYLOAD_BYTES)), { name: 'ProtocolError', clause: 'F9' });
});

t.test('small work passes large work, and cancelled work is dropped', async (t) => {
  const ended: number[] = [];
  const read = (size: number, done = () => {}) =>
    threads.read(frame(1, 'x'.repeat(size)), false, () => {
      ended.push(size);
      done();
    });
  await new Promise<void>((resolve) => {
    read(50);
    read(3000, resolve);
    read(2000).cancel();
    read(100);
    read(1000);
  });
  t.strictSame(ended, [50, 100, 1000, 3000]);
});

t.test('large work is not passed over for ever', async (t) => {
  let isRead = false;
  let others = 0;
  const more = (): void => {
    threads.read(frame(1, 'x'.repeat(1000)), false, () => {
      others += 1;
      if (!isRead) more();
    });
  };
  more();
  await new Promise<void>((resolve) => {
    threads.read(frame(1, 'x'.repeat(20_000)), false, () => resolve());
    more();
  });
  isRead = true;
  t.ok(others <= 22, `${others} of a twentieth of its size came first`);
});

/** What becomes of a read of `size` bytes. */
function readIn(threads: CodecThreads, size: number): Promise<string> {
  return new Promise((resolve) => {
    threads.read(frame(1, 'x'.repeat(size)), true, (read) =>
      resolve(read instanceof Error ? read.message : read.kind),
    );
  });
}

/** A program of a thread. */
function programOf(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

t.test('without a thread, work is done by the thread of the server', async (t) => {
  const { logger, records } = recordingLogger();
  const late = new CodecThreads(logger, { startMs: 1 });
  t.teardown(() => late.close());
  t.strictSame(await Promise.all([readIn(late, 10), readIn(late, 20)]), ['violation', 'violation']);
  t.match(records, [{ level: 'warn' }]);
});

t.test('a thread that does not start delays work once, not for ever', async (t) => {
  const { logger, records } = recordingLogger();
  const late = new CodecThreads(logger, { startMs: 1, program: programOf('setInterval(() => {}, 1000)') });
  t.teardown(() => late.close());
  for (let i = 0; i < 5; i += 1) t.equal(await readIn(late, 10), 'violation');
  t.match(records, [{ level: 'warn' }]);
});

t.test('a thread that ends by itself is replaced, and its work fails', async (t) => {
  const { logger, records } = recordingLogger();
  const ready = `const { workerData: port } = await import('node:worker_threads');
    port.on('message', () => process.exit());
    port.postMessage('ready');`;
  for (const [program, result] of [
    [ready, 'a thread has ended'],
    ['process.exit()', 'violation'],
  ] as const) {
    const ending = new CodecThreads(logger, { startMs: 600_000, most: 1, program: programOf(program) });
    t.teardown(() => ending.close());
    for (let i = 0; i < 2; i += 1) t.equal(await readIn(ending, 10), result);
  }
  t.match(records, [{ level: 'warn' }]);
});

t.test('where no thread may start, work is done by the thread of the server', async (t) => {
  const { logger, records } = recordingLogger();
  const none = new CodecThreads(logger, { program: new URL('https://127.0.0.1/') });
  t.equal(await readIn(none, 10), 'violation');
  t.equal(await readIn(none, 10), 'violation');
  t.match(records, [{ level: 'warn', fields: { err: { code: 'ERR_INVALID_URL_SCHEME' } } }]);
});

t.test('a thread starts in a program that is a text', async (t) => {
  const codec = JSON.stringify(new URL('./codec-threads.ts', import.meta.url));
  const source = `import { CodecThreads } from ${codec};
    const warn = (fields) => console.log(fields);
    const threads = new CodecThreads({ debug() {}, info() {}, warn }, { startMs: 600_000 });
    threads.read({ type: 1, payload: new Uint8Array(1) }, false, async ({ kind }) => {
      console.log(kind);
      await threads.close();
    });`;
  for (const option of [['--input-type=module'], ['--input-type', 'module']]) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import=./cli/testing/typescript.mjs',
      ...option,
      '--eval',
      source,
    ]);
    t.equal(stdout, 'violation\n');
  }
});
