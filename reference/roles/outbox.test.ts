import { mock } from 'node:test';
import t from 'tap';
import { gate, recordingLogger } from '../testing/loopback.ts';
import { type DialBack, Outbox } from './outbox.ts';

const client = { sendStatusUpdate: async () => {}, sendResults: async () => {}, close: () => {} };
const submitter = '127.0.0.1:1003';
const nothing = async () => {};
const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, one) => all + one, 0);

t.test('connections are limited, in all and for an address, and every message is sent', async (t) => {
  const { opened, open } = gate();
  const connections = new Map<number, number>();
  let most = 0;
  let mostPerAddress = 0;
  const dialBack: DialBack = async ({ port }) => {
    connections.set(port, (connections.get(port) ?? 0) + 1);
    most = Math.max(most, sum(connections.values()));
    mostPerAddress = Math.max(mostPerAddress, connections.get(port) ?? 0);
    await opened;
    return { ...client, close: () => void connections.set(port, (connections.get(port) ?? 0) - 1) };
  };
  const outbox = new Outbox(dialBack, recordingLogger().logger);
  const deliveries = Array.from({ length: 200 }, (_, i) =>
    outbox.send(`127.0.0.1:${1000 + Math.floor(i / 40)}`, nothing),
  );
  open();
  await outbox.idle();
  t.equal((await Promise.all(deliveries)).filter(({ kind }) => kind === 'delivered').length, 200);
  t.equal(most, 32);
  t.equal(mostPerAddress, 8);
  t.equal(sum(connections.values()), 0);
});

t.test('messages that wait are limited, in all and for an address', async (t) => {
  const { opened, open } = gate();
  const outbox = new Outbox(() => opened.then(() => client), recordingLogger().logger);
  const deliveries = Array.from({ length: 2000 }, () => outbox.send(submitter, nothing));
  const others = Array.from({ length: 4000 }, (_, i) => outbox.send(`127.0.0.1:${2000 + i}`, nothing));
  open();
  const kinds = (await Promise.all(deliveries)).map(({ kind }) => kind);
  t.equal(kinds.filter((kind) => kind === 'delivered').length, 8 + 1024);
  t.equal(kinds.at(-1), 'failed');
  const delivered = (await Promise.all(others)).filter(({ kind }) => kind === 'delivered').length;
  t.equal(delivered, 32 - 8 + 4096 - 1024);
});

t.test('an address that never answers does not delay the messages to others', async (t) => {
  const dead = gate();
  const dialBack: DialBack = async ({ port }) => {
    if (port === 1) await dead.opened;
    return client;
  };
  const outbox = new Outbox(dialBack, recordingLogger().logger);
  const stuck = Array.from({ length: 400 }, () => outbox.send('127.0.0.1:1', nothing));
  t.strictSame(await outbox.send(submitter, nothing), { kind: 'delivered' });
  dead.open();
  await Promise.all(stuck);
});

t.test(
  'after a failed connection, updates to the address fail for a while, and results do not',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { logger, records } = recordingLogger();
    let isDown = true;
    let dials = 0;
    const outbox = new Outbox(async () => {
      dials += 1;
      if (isDown) throw new Error('no route');
      return client;
    }, logger);
    const kinds = async (number: number) =>
      (await Promise.all(Array.from({ length: number }, () => outbox.send(submitter, nothing)))).map(
        ({ kind }) => kind,
      );
    t.same(new Set(await kinds(400)), new Set(['failed']));
    t.equal(dials, 8, 'those that wait fail with the first');
    t.equal(records.length, 8, 'a message without a connection is not logged');
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      mock.timers.tick(pauseMs - 1);
      const before = dials;
      await kinds(3);
      t.equal(dials, before, `paused for ${pauseMs} ms`);
      mock.timers.tick(1);
      await kinds(1);
      t.equal(dials, before + 1);
    }
    isDown = false;
    t.equal((await outbox.send(submitter, nothing)).kind, 'failed');
    t.equal((await outbox.send(submitter, nothing, 'results')).kind, 'delivered');
    t.same(await kinds(1), ['delivered'], 'a connection ends the pause');
  },
);

t.test('messages that wait can be dropped', async (t) => {
  const { opened, open } = gate();
  const outbox = new Outbox(() => opened.then(() => client), recordingLogger().logger);
  const deliveries = Array.from({ length: 20 }, () => outbox.send(submitter, nothing, 'results'));
  outbox.dropWaiting();
  open();
  await outbox.idle();
  t.equal((await Promise.all(deliveries)).filter(({ kind }) => kind === 'delivered').length, 8);
});

t.test('a failure is returned and logged, and its connection is closed and free again', async (t) => {
  const { logger, records } = recordingLogger();
  let closed = 0;
  const outbox = new Outbox(async () => ({ ...client, close: () => void closed++ }), logger);
  const error = new Error('lost');
  for (let i = 0; i < 40; i++) {
    t.strictSame(await outbox.send(submitter, () => Promise.reject(error)), { kind: 'failed', error });
  }
  t.equal(closed, 40);
  t.equal(records.length, 40);
  t.strictSame(await outbox.send(submitter, nothing), { kind: 'delivered' });
});

t.test('without an address or dialBack no connection is made', async (t) => {
  const unused: DialBack = () => {
    throw new Error('called');
  };
  t.strictSame(await new Outbox(unused, recordingLogger().logger).send('0:0000.0000.0001', nothing), {
    kind: 'not-addressable',
  });
  t.strictSame(await new Outbox(undefined, recordingLogger().logger).send(submitter, nothing), {
    kind: 'not-addressable',
  });
});
