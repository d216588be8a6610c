import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { FrameDecoder } from '../codec/frame.ts';
import { unmarshalTaskResult } from '../codec/message.ts';
import { MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import { HOST, recordingLogger, startServer } from '../testing/loopback.ts';
import { submitFrame } from '../testing/samples.ts';
import type { ResultSender } from './handler.ts';
import type { ServerOptions } from './server.ts';

const result = (text: string) => ({ taskDescription: '', status: 'success', result: text, timestamp: '' });
/** More than the systems of both ends take for a peer that does not read. */
const LARGE = 'x'.repeat(0.75 * MAX_PAYLOAD_BYTES);

/** A server that runs `deliver` after each answer. */
async function delivering(t: Test, deliver: (send: ResultSender) => Promise<void>, options?: ServerOptions) {
  const { logger, records } = recordingLogger();
  const { server, port } = await startServer(t, () => ({ accept: true, deliver }), { ...options, logger });
  /** A peer that sends a SUBMIT and then does not read. */
  const submit = () => {
    const socket = connect({ host: HOST, port });
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    socket.pause();
    socket.write(submitFrame());
    return socket;
  };
  return { submit, server, records };
}

t.test(
  'results that are sent at the same time come in the order of the calls, also without an await',
  async (t) => {
    const { submit } = await delivering(t, async (send) => {
      void send(result('first'));
      void send(result('second'));
      send({} as never).catch(() => {});
      void send(result('third'));
    });
    const decoder = new FrameDecoder();
    for await (const chunk of submit()) decoder.push(chunk);
    decoder.next();
    const texts = [];
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
      texts.push(unmarshalTaskResult(frame).result);
    t.strictSame(texts, ['first', 'second', 'third']);
  },
);

t.test(
  'a result that a peer does not take in time is rejected, also after one that was sent at once',
  async (t) => {
    const options = { frameTimeoutMs: 300, idleTimeoutMs: 300 };
    const ended = new Promise<PromiseSettledResult<void>[]>((resolve) => {
      void delivering(
        t,
        async (send) => resolve(await Promise.allSettled([send(result('small')), send(result(LARGE))])),
        options,
      ).then(({ submit }) => submit());
    });
    t.match(await ended, [{ status: 'fulfilled' }, { status: 'rejected' }]);
  },
);

t.test('results that are not taken hold memory that counts', async (t) => {
  const sending: Promise<void>[] = [];
  let both = () => {};
  const two = new Promise<void>((resolve) => {
    both = resolve;
  });
  const { submit, records } = await delivering(
    t,
    async (send) => {
      sending.push(send(result(LARGE)));
      if (sending.length === 2) both();
      await sending.at(-1);
    },
    { maxBufferedBytes: 8 + MAX_PAYLOAD_BYTES },
  );
  submit();
  submit();
  await two;
  await t.rejects(Promise.race(sending), { message: /closed/ });
  t.match(records.filter(({ fields }) => fields['code'] === 'memory-limit').length, 1);
});

t.test('peers that leave before their results have one line in full, and then a count', async (t) => {
  const { submit, server, records } = await delivering(t, async (send) => {
    for (;;) await send(result('x'.repeat(65_536)));
  });
  const PEERS = 5;
  for (let n = 0; n < PEERS; n++) {
    const socket = submit();
    await once(socket, 'readable');
    socket.resetAndDestroy();
  }
  const refused = () => records.filter(({ message }) => message === 'results not delivered');
  while (refused().length < PEERS) await new Promise(setImmediate);
  await server.close();
  const lines = records.filter(({ level }) => level !== 'debug');
  t.equal(lines.length, 2);
  t.match(lines[1], { message: /^more faults/, fields: { codes: { 'results-not-delivered': PEERS } } });
});

t.test('a result after the end of the delivery is rejected', async (t) => {
  const late = new Promise<ResultSender>((resolve) => {
    void delivering(t, async (send) => resolve(send)).then(({ submit }) => submit().resume());
  });
  const send = await late;
  await new Promise(setImmediate);
  await t.rejects(send(result('late')));
});
