import t from 'tap';
import { gate, recordingLogger } from '../testing/loopback.ts';
import { type DialBack, Outbox } from './outbox.ts';

const client = { sendStatusUpdate: async () => {}, sendResults: async () => {}, close: () => {} };
const submitter = '127.0.0.1:1003';
const nothing = async () => {};

t.test('the number of connections is limited, and every message is sent', async (t) => {
  const { opened, open } = gate();
  let connections = 0;
  let most = 0;
  const dialBack: DialBack = async () => {
    connections += 1;
    most = Math.max(most, connections);
    await opened;
    return { ...client, close: () => void connections-- };
  };
  const outbox = new Outbox(dialBack, recordingLogger().logger);
  const deliveries = Array.from({ length: 200 }, () => outbox.send(submitter, nothing));
  open();
  await outbox.idle();
  t.equal((await Promise.all(deliveries)).filter(({ kind }) => kind === 'delivered').length, 200);
  t.equal(most, 32);
  t.equal(connections, 0);
});

t.test(
  'the number of waiting messages is limited, so a silent submitter does not fill the memory',
  async (t) => {
    const { opened, open } = gate();
    const outbox = new Outbox(() => opened.then(() => client), recordingLogger().logger);
    const deliveries = Array.from({ length: 5000 }, () => outbox.send(submitter, nothing));
    open();
    const kinds = (await Promise.all(deliveries)).map(({ kind }) => kind);
    t.equal(kinds.filter((kind) => kind === 'delivered').length, 32 + 4096);
    t.equal(kinds.at(-1), 'failed');
  },
);

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
