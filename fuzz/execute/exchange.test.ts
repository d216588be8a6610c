import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { closedPort, listen } from '../../conformance/testing/loopback.ts';
import { type Action, type ConnectionActions, EXACT } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { frameOf } from '../testing/servers.ts';
import { exchange, type Reply, type Waits } from './exchange.ts';
import { SocketPool } from './socket-pool.ts';

const WAITS = { reactionMs: 150, quietMs: 60, afterAnswerMs: 60, closes: true };
/** Shared by all exchanges, so that each may use the socket of an earlier one. */
const pool = new SocketPool();
const submit: Action = { do: 'frame', type: 1, declared: EXACT, payload: Buffer.from('{}') };

async function exchangeWith(
  t: Test,
  onConnection: (socket: Socket) => void,
  actions: ConnectionActions,
  waits: Waits = WAITS,
): Promise<Reply> {
  const { address, close } = await listen(onConnection);
  t.teardown(close);
  return exchange({ pool, address, actions, sent: readSent(actions), waits });
}

const answering = (answer: Buffer) => (socket: Socket) => {
  socket.once('data', () => socket.end(answer));
};

t.test('an answer and a close', async (t) => {
  const { ending, received } = await exchangeWith(t, answering(frameOf('{}')), [submit]);
  t.equal(ending, 'fin');
  t.strictSame(Buffer.from(received), frameOf('{}'));
});

t.test('an answer in many pieces, as long as a frame can be', async (t) => {
  const long = frameOf(`"${'a'.repeat(3_000_000)}"`);
  const { ending, received, more } = await exchangeWith(t, answering(long), [submit]);
  t.equal(ending, 'fin');
  t.ok(received.length > 0 && long.subarray(0, received.length).equals(received));
  t.match(more, { bytes: long.length - received.length, read: { frames: [{ type: 1 }], restBytes: 0 } });
});

t.test('a connection that stays open after its answer', async (t) => {
  const { ending } = await exchangeWith(
    t,
    (socket) => socket.once('data', () => socket.write(frameOf('{}'))),
    [submit],
  );
  t.equal(ending, 'open');
});

t.test('no reaction where one is due, and where none is', async (t) => {
  t.equal((await exchangeWith(t, (socket) => socket.resume(), [submit])).ending, 'hung');
  const half: Action = { ...submit, declared: { kind: 'long', by: 1 } };
  t.equal((await exchangeWith(t, (socket) => socket.resume(), [half])).ending, 'idle');
  t.equal((await exchangeWith(t, (socket) => socket.resume(), [half, { do: 'fin' }])).ending, 'hung');
});

t.test('a target that keeps connections has to react to a SUBMIT only', async (t) => {
  const { address, close } = await listen((socket) => socket.resume());
  t.teardown(close);
  const waits = { ...WAITS, closes: false };
  const endingOf = async (action: Action) =>
    (await exchange({ pool, address, actions: [action], sent: readSent([action]), waits })).ending;
  t.equal(await endingOf(submit), 'hung');
  t.equal(await endingOf({ ...submit, type: 3 }), 'idle');
});

t.test('a close without an answer, and a reset', async (t) => {
  t.equal((await exchangeWith(t, (socket) => socket.end(), [submit])).ending, 'fin');
  t.equal(
    (await exchangeWith(t, (socket) => socket.once('data', () => socket.resetAndDestroy()), [submit])).ending,
    'reset',
  );
});

t.test('a reset by this side, after a pause', async (t) => {
  const seen: string[] = [];
  const { ending } = await exchangeWith(
    t,
    (socket) => socket.on('data', (chunk) => seen.push(chunk.toString('latin1'))),
    [{ do: 'bytes', bytes: Buffer.from('GET') }, { do: 'pause', ms: 30 }, { do: 'reset' }],
  );
  t.equal(ending, 'own-reset');
  t.strictSame(seen, ['GET']);
});

t.test('segments arrive one after another, and none is lost', async (t) => {
  let received = Buffer.alloc(0);
  const whole = { ...submit, payload: Buffer.from('{"task_id":"0123456789"}'), segmentBytes: 3 };
  await exchangeWith(
    t,
    (socket) =>
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length === 8 + whole.payload.length) socket.end();
      }),
    [whole],
  );
  t.strictSame(received.subarray(8), whole.payload);
});

t.test('a target that sends too much is cut off', async (t) => {
  const megabyte = Buffer.alloc(1024 * 1024);
  const pour = (socket: Socket): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(megabyte));
    };
    socket.on('drain', more).once('data', more);
  };
  const waits = { ...WAITS, reactionMs: 60_000, afterAnswerMs: 60_000 };
  t.equal((await exchangeWith(t, pour, [submit], waits)).ending, 'flood');
});

t.test('no connection', async (t) => {
  const address = await closedPort();
  const reply = await exchange({
    pool,
    address,
    actions: [submit],
    sent: readSent([submit]),
    waits: WAITS,
  });
  t.match(reply, { ending: 'refused', code: 'ECONNREFUSED' });
});

t.test('a connection shows nothing of an earlier one, however that ended', async (t) => {
  let count = 0;
  const { address, close } = await listen((socket) => {
    count += 1;
    const mine = frameOf(`{"n":${count}}`);
    socket.on('error', () => {});
    socket.once('data', () => {
      if (count % 5 === 0) socket.resetAndDestroy();
      else if (count % 3 === 0) socket.write(mine.subarray(0, 9), () => socket.end(mine.subarray(9)));
      else if (count % 7 === 0) socket.end(Buffer.concat([mine, Buffer.alloc(200_000, 'x')]));
      else socket.end(mine);
    });
  });
  t.teardown(close);
  const scripts: readonly ConnectionActions[] = [
    [submit],
    [submit, submit],
    [submit, { do: 'fin' }],
    [{ ...submit, segmentBytes: 1 }],
    [submit, { do: 'pause', ms: 1 }, { do: 'reset' }],
  ];
  for (let round = 1; round <= 105; round += 1) {
    const actions = scripts[round % scripts.length] ?? [];
    const { received } = await exchange({
      pool,
      address,
      actions,
      sent: readSent(actions),
      waits: WAITS,
    });
    t.equal(count, round, 'each has a new connection');
    const answer = Buffer.from(received)
      .subarray(8, received.indexOf(0x7d) + 1)
      .toString();
    t.ok(['', `{"n":${round}}`].includes(answer), `${round}: ${answer}`);
  }
});
