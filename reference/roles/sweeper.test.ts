import { once } from 'node:events';
import t from 'tap';
import {
  ACCEPT_TIMEOUT_MS,
  ACCEPTED_STALL_TIMEOUT_MS,
  QUEUE_HEAD_TIMEOUT_MS,
} from '../protocol/constants.ts';
import { gate, recordingLogger } from '../testing/loopback.ts';
import { startNode } from '../testing/node.ts';
import { manualClock, newTask } from '../testing/store.ts';
import { Sweeper } from './sweeper.ts';

t.test('a task that is not accepted in time is CANCELLED on both sides (L1)', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const { taskId } = (await ours.submit(theirs)).task;
  t.strictSame(await theirs.receiver.cancelOverdue(theirs.advance(ACCEPT_TIMEOUT_MS)), []);
  t.equal((await theirs.store.received.read(taskId)).status, 'NEW');
  t.match(await theirs.receiver.cancelOverdue(theirs.advance(1)), [
    { taskId, status: 'CANCELLED', acceptedAt: '2026-01-01T00:01:00.001Z', timeIdleMs: 60_001 },
  ]);
  await theirs.receiver.idle();
  t.equal((await ours.store.submitted.read(taskId)).status, 'CANCELLED');
  t.strictSame(await theirs.receiver.cancelOverdue(theirs.advance(1)), [], 'once');
});

t.test(
  'a head that is not executed in time is EXPIRED, and the next one has the full time (L1)',
  async (t) => {
    t.testdir();
    const ours = await startNode(t, 'ours');
    const theirs = await startNode(t, 'theirs');
    const first = (await ours.submit(theirs)).task.taskId;
    const second = (await ours.submit(theirs)).task.taskId;
    await theirs.receiver.accept(first);
    await theirs.receiver.accept(second);
    t.equal(await theirs.receiver.expireHead(theirs.advance(QUEUE_HEAD_TIMEOUT_MS)), undefined);
    t.match(await theirs.receiver.expireHead(theirs.advance(1)), { taskId: first, status: 'EXPIRED' });
    await theirs.receiver.idle();
    t.equal((await ours.store.submitted.read(first)).status, 'EXPIRED');
    t.equal((await theirs.receiver.head())?.taskId, second);
    t.equal(await theirs.receiver.expireHead(theirs.advance(QUEUE_HEAD_TIMEOUT_MS)), undefined);
    t.match(await theirs.receiver.expireHead(theirs.advance(1)), { taskId: second });
    t.equal(await theirs.receiver.expireHead(theirs.advance(1)), undefined, 'an empty queue');
  },
);

t.test('a task whose receiver sends nothing after accepting is EXPIRED (L1)', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const { taskId } = (await ours.submit(theirs)).task;
  const other = (await ours.submit(theirs)).task.taskId;
  await theirs.receiver.accept(taskId);
  await theirs.receiver.accept(other);
  await theirs.receiver.execute(taskId);
  t.strictSame(await ours.submitter.expireStalled(ours.advance(ACCEPTED_STALL_TIMEOUT_MS)), []);
  t.match(await ours.submitter.expireStalled(ours.advance(1)), [{ taskId: other, status: 'EXPIRED' }]);
  t.equal((await ours.store.submitted.read(taskId)).status, 'EXECUTING');
});

t.test('a clock that is set back and a malformed time expire no task', async (t) => {
  t.testdir();
  const { store, receiver, submitter, advance } = await startNode(t, 'node');
  await store.received.create(newTask('new'));
  await store.received.create(newTask('odd', { createdAt: 'yesterday' }));
  await store.received.create(
    newTask('head', { status: 'ACCEPTED', acceptedAt: 'never', stagedAt: 'never' }),
  );
  await store.submitted.create(newTask('waits', { status: 'ACCEPTED', acceptedAt: '2026-01-01T00:00:00Z' }));
  await store.submitted.create(newTask('odd', { status: 'ACCEPTED' }));
  const now = advance(-10 * QUEUE_HEAD_TIMEOUT_MS);
  t.strictSame(await receiver.cancelOverdue(now), []);
  t.equal(await receiver.expireHead(now), undefined);
  t.strictSame(await submitter.expireStalled(now), []);
});

t.test('an unreadable file does not stop the sweep of the others', async (t) => {
  t.testdir({ node: { received: { 'bad.json': '{' } } });
  const { store, receiver, advance, records } = await startNode(t, 'node');
  await store.received.create(newTask('a'));
  t.match(await receiver.cancelOverdue(advance(ACCEPT_TIMEOUT_MS + 1)), [{ taskId: 'a' }]);
  t.match(records, [{ level: 'warn', fields: { file: 'bad.json' } }]);
});

t.test('a sweeper uses its clock, continues after a failure, and stops', async (t) => {
  t.testdir();
  const { store, receiver, submitter } = await startNode(t, 'node');
  const { logger, records } = recordingLogger();
  const { clock, advance } = manualClock();
  await store.received.create(newTask('new'));
  await store.received.create(newTask('head', { status: 'ACCEPTED', acceptedAt: '2026-01-01T00:00:00Z' }));
  await store.submitted.create(newTask('waits', { status: 'ACCEPTED', acceptedAt: '2026-01-01T00:00:00Z' }));
  await receiver.head();
  advance(QUEUE_HEAD_TIMEOUT_MS + 1);

  const swept = new Set<string>();
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const observed = async <T>(name: string, change: Promise<T>): Promise<T> => {
    const outcome = await change;
    swept.add(name);
    if (swept.size === 3) done();
    return outcome;
  };
  let failures = 2;
  const sweeper = new Sweeper({
    clock,
    logger,
    acceptIntervalMs: 1,
    headIntervalMs: 1,
    stallIntervalMs: 1,
    receiver: {
      cancelOverdue: (now) => {
        if (failures-- > 0) throw new Error('not now');
        return observed('accept', receiver.cancelOverdue(now));
      },
      expireHead: (now) => observed('head', receiver.expireHead(now)),
    },
    submitter: { expireStalled: (now) => observed('stall', submitter.expireStalled(now)) },
  });
  await all;
  await sweeper.stop();
  t.equal((await store.received.read('new')).status, 'CANCELLED');
  t.equal((await store.received.read('head')).status, 'EXPIRED');
  t.equal((await store.submitted.read('waits')).status, 'EXPIRED');
  t.equal(records.filter(({ message }) => message === 'sweep failed').length, 2);
  t.throws(() => new Sweeper({ clock, acceptIntervalMs: Number.POSITIVE_INFINITY }), RangeError);
});

t.test('a sweep ends soon after its signal, and what it has changed stays', async (t) => {
  t.testdir();
  const { advance, receiver, store } = await startNode(t, 'ours');
  const ids = Array.from({ length: 200 }, (_, i) => `t${i}`);
  await Promise.all(ids.map((id) => store.received.create(newTask(id))));
  const now = advance(ACCEPT_TIMEOUT_MS + 1);
  const stopping = new AbortController();
  const swept = await store.received.sweep(
    'NEW',
    () => true,
    (task) => {
      stopping.abort();
      return { ...task, status: 'CANCELLED' };
    },
    stopping.signal,
  );
  t.ok(swept.length > 0 && swept.length <= 32, `${swept.length} of 200`);
  t.strictSame(await receiver.cancelOverdue(now, stopping.signal), []);
  await t.rejects(receiver.expireHead(now, stopping.signal), { name: 'AbortError' });
  t.equal((await receiver.cancelOverdue(now)).length, 200 - swept.length);
});

t.test('stop ends the sweeps that are running', async (t) => {
  const { logger, records } = recordingLogger();
  const begun = gate();
  const untilStopped = async (signal: AbortSignal | undefined): Promise<never> => {
    begun.open();
    if (signal !== undefined) await once(signal, 'abort');
    throw signal?.reason;
  };
  const { clock } = manualClock();
  const sweeper = new Sweeper({
    ...{ clock, logger, acceptIntervalMs: 1, headIntervalMs: 1, stallIntervalMs: 1 },
    receiver: {
      cancelOverdue: (_, signal) => untilStopped(signal),
      expireHead: (_, signal) => untilStopped(signal),
    },
    submitter: { expireStalled: (_, signal) => untilStopped(signal) },
  });
  await begun.opened;
  await sweeper.stop();
  t.strictSame(records, [], 'a stopped sweep has not failed');
});
