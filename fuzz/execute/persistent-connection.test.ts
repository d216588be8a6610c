import t, { type Test } from 'tap';
import { closedPort, type Loopback } from '../../conformance/testing/loopback.ts';
import { type Action, type Case, EXACT } from '../case/case.ts';
import { readSent, type Sent } from '../case/sent.ts';
import { frameOf, serve, serveSeveral } from '../testing/servers.ts';
import { PersistentConnection, singleFrameOf } from './persistent-connection.ts';

const WAITS = { reactionMs: 150, quietMs: 60, afterAnswerMs: 60, closes: false };

const frame = (type: number, payload: string): Action => ({
  do: 'frame',
  type,
  declared: EXACT,
  payload: Buffer.from(payload),
});
const sentOf = (...actions: Action[]): Sent => readSent(actions);
const SUBMIT = sentOf(frame(1, '{"task_id":"one"}'));
const UPDATE = sentOf(frame(3, '{"task_id":"one"}'));
const MALFORMED = sentOf(frame(1, '{"task_id":'));

async function connectionTo(t: Test, server: Promise<Loopback>): Promise<PersistentConnection> {
  const { address, close } = await server;
  t.teardown(close);
  const connection = new PersistentConnection(address, WAITS);
  t.teardown(() => connection.close());
  return connection;
}

t.test('each frame has its own reaction, and all have one connection', async (t) => {
  let connections = 0;
  const connection = await connectionTo(
    t,
    serveSeveral((_, __, before) => {
      if (before === 0) connections += 1;
      return undefined;
    }),
  );
  const answer = frameOf('{"task_id":"one","status":200,"message":"seen"}');
  for (let round = 0; round < 3; round += 1) {
    const { received, ending } = await connection.exchange(SUBMIT);
    t.strictSame(Buffer.from(received), answer);
    t.equal(ending, 'open');
    t.match(await connection.exchange(UPDATE), { received: { length: 0 }, ending: 'idle' });
  }
  t.equal(connections, 1);
  t.equal((await connection.exchange(UPDATE)).history().length, 7);
});

t.test(
  'a close is the reaction to the frame before it, and the next frame has a new connection',
  async (t) => {
    const connection = await connectionTo(t, serveSeveral());
    await connection.exchange(UPDATE);
    const closed = await connection.exchange(MALFORMED);
    t.match(closed, { received: { length: 0 }, ending: /fin|reset/ });
    t.equal(closed.history().length, 2, 'the frames before it are still known');
    const next = await connection.exchange(SUBMIT);
    t.equal(next.ending, 'open');
    t.equal(next.history().length, 1);
  },
);

t.test(
  'several frames are in flight, and each has its own reaction, whatever happens to the others',
  async (t) => {
    const connection = await connectionTo(t, serveSeveral());
    const frames = [SUBMIT, UPDATE, MALFORMED, UPDATE, SUBMIT, MALFORMED, MALFORMED, SUBMIT];
    const replies = await Promise.all([...frames, ...frames].map((sent) => connection.exchange(sent)));
    for (const [at, { received, ending }] of replies.entries()) {
      const sent = frames[at % frames.length];
      if (sent === MALFORMED) t.match(ending, /fin|reset/, `${at}`);
      else t.equal(ending, sent === SUBMIT ? 'open' : 'idle', `${at}`);
      t.equal(received.length > 0, sent === SUBMIT, `${at}`);
    }
  },
);

t.test('a target that serves one frame on each connection', async (t) => {
  const connection = await connectionTo(t, serve());
  t.match(await connection.exchange(SUBMIT), { ending: /fin|reset/ });
});

t.test('a target that does not react', async (t) => {
  const connection = await connectionTo(
    t,
    serveSeveral(() => 'handled'),
  );
  t.match(await connection.exchange(SUBMIT), { received: { length: 0 }, ending: 'hung' });
});

t.test('a new connection after a number of cases', async (t) => {
  let most = 0;
  const connection = await connectionTo(
    t,
    serveSeveral((_, __, before) => {
      most = Math.max(most, before);
      return undefined;
    }),
  );
  for (let round = 0; round < 150; round += 1) await connection.exchange(UPDATE);
  t.ok(most > 100 && most < 200, 'the markers are counted, too');
});

t.test('no connection', async (t) => {
  const connection = new PersistentConnection(await closedPort(), WAITS);
  t.match(await connection.exchange(SUBMIT), { ending: 'refused', code: 'ECONNREFUSED' });
});

t.test('only a case of one complete frame can share a connection', async (t) => {
  const cased = (...connections: Action[][]): Case => ({ arrangement: 'at-once', connections });
  const submit = frame(1, '{}');
  t.ok(singleFrameOf(cased([submit])));
  t.ok(singleFrameOf(cased([{ do: 'bytes', bytes: frameOf('{}') }])));
  for (const value of [
    cased(),
    cased([submit, submit]),
    cased([submit], [submit]),
    cased([submit, { do: 'fin' }]),
    cased([{ ...submit, segmentBytes: 1 } as Action]),
    cased([{ ...submit, declared: { kind: 'long', by: 1 } } as Action]),
    cased([{ do: 'bytes', bytes: Buffer.from('GET') }]),
  ])
    t.equal(singleFrameOf(value), undefined);
});
