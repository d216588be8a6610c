import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { QUEUE_HEAD_TIMEOUT_MS } from '../protocol/constants.ts';
import { formatTime, fromUnixMs } from '../protocol/time.ts';
import { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { startNode } from '../testing/node.ts';
import { manualClock, newTask, START_MS } from '../testing/store.ts';
import { Receiver } from './receiver.ts';

const notHead = { name: 'StoreError', code: 'not-head' };

/** A receiver on a store with these NEW tasks. */
async function receiverOf(path: string, ...taskIds: string[]) {
  const store = await Store.open(path);
  for (const taskId of taskIds) await store.received.create(newTask(taskId));
  const time = manualClock();
  return { store, receiver: new Receiver({ store, clock: time.clock }), ...time };
}

t.test('only the first accepted task is the head and may be executed (L2)', async (t) => {
  const { receiver, store } = await receiverOf(t.testdir(), 'a', 'b', 'c');
  t.equal(await receiver.head(), undefined);
  // The clock stands still. The order is still that of acceptance.
  for (const taskId of ['c', 'a', 'b']) await receiver.accept(taskId);
  t.equal((await receiver.head())?.taskId, 'c');
  await t.rejects(receiver.execute('a'), notHead);
  await t.rejects(receiver.execute('b'), notHead);
  await receiver.execute('c');
  await t.rejects(receiver.execute('b'), notHead);
  await receiver.execute('a');
  await receiver.execute('b');
  t.equal(await receiver.head(), undefined);
  t.equal((await store.received.read('b')).status, 'EXECUTING');
});

t.test(
  'staged_at is the time at which a task became the head (L2), so staged time excludes the wait (L3)',
  async (t) => {
    const { receiver, advance } = await receiverOf(t.testdir(), 'a', 'b');
    advance(1000);
    t.match(await receiver.accept('a'), { task: { acceptedAt: '2026-01-01T00:00:01Z', timeIdleMs: 1000 } });
    t.equal((await receiver.head())?.stagedAt, '2026-01-01T00:00:01Z');
    advance(1000);
    t.equal((await receiver.accept('b')).task.stagedAt, undefined);
    advance(3000);
    t.match((await receiver.execute('a')).task, {
      timeStagedMs: 4000,
      executeStartedAt: '2026-01-01T00:00:05Z',
    });
    t.match(await receiver.head(), { taskId: 'b', stagedAt: '2026-01-01T00:00:05Z' });
    advance(7);
    t.match((await receiver.execute('b')).task, { timeStagedMs: 7 });
  },
);

t.test('the order survives a restart', async (t) => {
  const path = t.testdir();
  const before = await receiverOf(path, 'a', 'b', 'c', 'd');
  for (const taskId of ['b', 'd', 'a']) await before.receiver.accept(taskId);
  const { receiver, advance } = await receiverOf(path);
  advance(-5000);
  // The clock was set back during the restart. A task that is accepted now is still the last one.
  await receiver.accept('c');
  for (const taskId of ['b', 'd', 'a', 'c']) {
    t.equal((await receiver.head())?.taskId, taskId);
    await receiver.execute(taskId);
  }
});

t.test(
  'a clock that is set back does not change the order, or any time once the queue is empty',
  async (t) => {
    const { receiver, advance } = await receiverOf(t.testdir(), 'a', 'b', 'c');
    await receiver.accept('a');
    advance(-3_600_000);
    t.match((await receiver.accept('b')).task, { acceptedAt: '2026-01-01T00:00:00.000000001Z' });
    await receiver.execute('a');
    await receiver.execute('b');
    t.equal(await receiver.head(), undefined);
    t.match((await receiver.accept('c')).task, { acceptedAt: '2025-12-31T23:00:00Z' });
  },
);

t.test('a head that another process stages is the head here', async (t) => {
  const path = t.testdir();
  const here = await receiverOf(path, 'a', 'b', 'c');
  const there = await receiverOf(path);
  await here.receiver.accept('a');
  there.advance(1);
  await there.receiver.accept('b');
  here.advance(2);
  await here.receiver.accept('c');
  await there.receiver.execute('a');
  t.equal((await here.receiver.head())?.taskId, 'b');
  await here.receiver.execute('b');
  t.equal((await there.receiver.head())?.taskId, 'c');
});

t.test('the head stays the head when another clock gave a task an earlier place', async (t) => {
  const { store, receiver } = await receiverOf(t.testdir());
  const acceptedAt = '2026-01-01T00:00:02Z';
  await store.received.create(newTask('head', { status: 'ACCEPTED', acceptedAt, stagedAt: acceptedAt }));
  await store.received.create(newTask('a', { status: 'ACCEPTED', acceptedAt: '2026-01-01T00:00:01Z' }));
  t.equal((await receiver.head())?.taskId, 'head');
  await t.rejects(receiver.execute('a'), notHead);
});

t.test('after a crash between accepting and staging the order is unchanged', async (t) => {
  const { store, receiver } = await receiverOf(t.testdir(), 'a');
  const acceptedAt = formatTime(fromUnixMs(START_MS));
  await store.received.create(newTask('late', { status: 'ACCEPTED', acceptedAt: '2026-01-01T00:00:00.5Z' }));
  await store.received.create(newTask('early', { status: 'ACCEPTED', acceptedAt }));
  await t.rejects(receiver.execute('late'), notHead);
  t.match(await receiver.execute('early'), { task: { status: 'EXECUTING' } });
  t.match(await receiver.execute('late'), { task: { status: 'EXECUTING' } });
});

t.test('a head that is removed from the store does not block the queue', async (t) => {
  const path = t.testdir();
  const { receiver } = await receiverOf(path, 'a', 'b', 'c');
  for (const taskId of ['a', 'b', 'c']) await receiver.accept(taskId);
  for (const taskId of ['a', 'b']) await rm(join(path, `received/${taskId}.json`));
  t.equal((await receiver.head())?.taskId, 'c');
});

t.test('a task whose id is used again has the place of the new task', async (t) => {
  const path = t.testdir();
  const here = await receiverOf(path, 'first', 'head', 'a', 'b');
  const there = await receiverOf(path);
  const replace = async (taskId: string) => {
    await rm(join(path, `received/${taskId}.json`));
    await here.store.received.create(newTask(taskId));
  };
  for (const taskId of ['first', 'head', 'a']) await here.receiver.accept(taskId);
  await here.receiver.execute('first');
  await replace('a');
  for (const taskId of ['b', 'a']) await here.receiver.accept(taskId);
  await here.receiver.execute('head');
  t.equal((await here.receiver.head())?.taskId, 'b', 'a waited before');

  await replace('b');
  there.advance(1);
  t.equal((await there.receiver.head())?.taskId, 'a');
  await there.receiver.accept('b');
  t.equal((await here.receiver.head())?.taskId, 'a', 'b was the head before');
  await here.receiver.execute('a');
  await here.receiver.execute('b');
});

t.test('the order is first in, first out, for any clock and for concurrent calls', async (t) => {
  const path = t.testdir();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 8 }),
      async (steps) => {
        run += 1;
        const ids = steps.map((_, i) => `task-${i}`);
        const { receiver, advance } = await receiverOf(join(path, String(run)), ...ids);
        for (const [i, ms] of steps.entries()) {
          advance(ms);
          await receiver.accept(`task-${i}`);
        }
        const executed: string[] = [];
        while (executed.length < ids.length) {
          const results = await Promise.allSettled(ids.map((id) => receiver.execute(id)));
          for (const [i, { status }] of results.entries())
            if (status === 'fulfilled') executed.push(ids[i] ?? '');
        }
        return executed.join() === ids.join();
      },
    ),
    { numRuns: 15 },
  );
});

t.test('a step that is stored is a step, although the next task could not become the head', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const { receiver, store, records } = theirs;
  const a = (await ours.submit(theirs)).task.taskId;
  const b = (await ours.submit(theirs)).task.taskId;
  const run = store.locks.run.bind(store.locks);
  let uses = 0;
  store.locks.run = async (key, work) => {
    if (key === 'queue') uses += 1;
    if (uses === 2) throw new StoreError('io', 'the disk fails');
    return run(key, work);
  };
  const steps = [
    ['ACCEPTED', a, async () => (await receiver.accept(a)).task],
    ['ACCEPTED', b, async () => (await receiver.accept(b)).task],
    ['EXECUTING', a, async () => (await receiver.execute(a)).task],
    // b becomes the head later, and has its full time.
    ['ACCEPTED', b, () => receiver.head()],
    ['EXPIRED', b, () => receiver.expireHead(theirs.advance(QUEUE_HEAD_TIMEOUT_MS + 1))],
  ] as const;
  for (const [status, taskId, step] of steps) {
    uses = 0;
    t.match(await step(), { taskId, status });
    await receiver.idle();
    t.equal((await ours.store.submitted.read(taskId)).status, status, 'the submitter is notified');
  }
  t.match(
    records.filter(({ level }) => level === 'warn').map(({ fields }) => fields),
    Array.from({ length: 4 }, () => ({ err: { code: 'io' } })),
  );
});
