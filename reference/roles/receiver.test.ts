import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { closedPort } from '../../conformance/testing/loopback.ts';
import { formatAddress } from '../protocol/address.ts';
import { exchange } from '../testing/loopback.ts';
import { dialAndAwaitClose, startNode } from '../testing/node.ts';
import { request, submitFrame } from '../testing/samples.ts';
import { newTask, snapshot } from '../testing/store.ts';

const delivered = { kind: 'delivered' };
const text = { kind: 'text', text: 'ten' } as const;

t.test('after submit, accept, execute and complete with a text both sides are SUCCEEDED', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const submitted = await ours.submit(theirs, 'count to ten');
  t.match(submitted, { kind: 'accepted', task: { status: 'NEW', taskDescription: 'count to ten' } });
  const { taskId } = submitted.task;
  t.match(await theirs.store.received.read(taskId), { ...submitted.task, createdAt: /^2026/ });

  ours.advance(10);
  theirs.advance(2000);
  t.match(await theirs.receiver.accept(taskId, 'gladly'), {
    delivery: delivered,
    task: { status: 'ACCEPTED' },
  });
  t.match(await ours.store.submitted.read(taskId), {
    status: 'ACCEPTED',
    statusJustification: 'gladly',
    acceptedAt: '2026-01-01T00:00:00.01Z',
  });
  theirs.advance(300);
  t.match(await theirs.receiver.execute(taskId), { delivery: delivered });
  t.equal((await ours.store.submitted.read(taskId)).status, 'EXECUTING');
  theirs.advance(4000);
  t.match(await theirs.receiver.complete(taskId, { kind: 'text', text: 'ten & more' }), {
    delivery: delivered,
  });

  const times = { timeIdleMs: 2000, timeStagedMs: 300, timeCpuMs: 4000 };
  const outcome = { status: 'SUCCEEDED', resultType: 'text', results: 'ten & more' };
  t.match(await theirs.store.received.read(taskId), {
    ...outcome,
    ...times,
    completedAt: '2026-01-01T00:00:06.3Z',
  });
  t.match(await ours.store.submitted.read(taskId), { ...outcome, ...times });
  t.equal(await readFile(join(ours.path, `results/${taskId}_result.txt`), 'utf8'), 'ten & more');
  t.strictSame(await readdir(join(theirs.path, 'results')), []);
});

t.test('a task may be completed with a file', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const { taskId } = (await ours.submit(theirs)).task;
  await theirs.receiver.accept(taskId);
  await theirs.receiver.execute(taskId);
  const data = Buffer.from([0, 1, 2, 253, 254, 255]);
  for (const [filename, code] of [
    ['a.exe', 'extension-unknown'],
    ['a.py', 'extension-forbidden'],
    ['../a.txt', 'unsafe-filename'],
    ['x'.repeat(257), 'filename-too-long'],
  ]) {
    await t.rejects(theirs.receiver.complete(taskId, { kind: 'file', filename: filename ?? '', data }), {
      code,
    });
  }
  const tooLarge = { kind: 'file', filename: 'a.bin', data: Buffer.alloc(13 * 1024 * 1024) } as const;
  await t.rejects(theirs.receiver.complete(taskId, tooLarge), { code: 'frame-too-large' });
  t.equal((await theirs.store.received.read(taskId)).status, 'EXECUTING', 'a refused result changes nothing');

  await theirs.receiver.complete(taskId, { kind: 'file', filename: 'chart.png', data });
  const outcome = { status: 'SUCCEEDED', resultType: 'file', results: 'chart.png' };
  t.match(await theirs.store.received.read(taskId), outcome);
  t.match(await ours.store.submitted.read(taskId), outcome);
  t.strictSame(await readFile(join(ours.path, `results/${taskId}_chart.png`)), data);
});

t.test('a node may submit a task to itself', async (t) => {
  t.testdir();
  const node = await startNode(t, 'node');
  const { taskId } = (await node.submit(node)).task;
  await node.receiver.accept(taskId);
  await node.receiver.execute(taskId);
  t.match(await node.receiver.complete(taskId, text), { task: { status: 'SUCCEEDED' } });
  t.match(await node.store.submitted.read(taskId), { status: 'SUCCEEDED', results: 'ten' });
});

t.test('a declined task is DECLINED on both sides', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const { taskId } = (await ours.submit(theirs)).task;
  theirs.advance(1);
  t.match(await theirs.receiver.decline(taskId, 'busy'), { task: { status: 'DECLINED', timeIdleMs: 1 } });
  t.match(await ours.store.submitted.read(taskId), { status: 'DECLINED', statusJustification: 'busy' });
  await t.rejects(theirs.receiver.accept(taskId), { name: 'TransitionError', from: 'DECLINED' });
  await t.rejects(theirs.receiver.accept('unknown'), { code: 'unknown-task' });
});

t.test('a refused SUBMIT gets the reason', async (t) => {
  t.testdir();
  const { address, store, path } = await startNode(t, 'theirs', {
    policy: ({ taskDescription }) => taskDescription === 'please' || { accept: false, message: 'say please' },
  });
  const answerTo = async (fields: Parameters<typeof submitFrame>[0]) =>
    (await exchange(t, address.port, submitFrame({ taskDescription: 'please', ...fields }))).answers;
  const rejected = (message: RegExp | string) => [{ status: 400, message }];
  t.match(await answerTo({ taskDescription: 'now' }), rejected('say please'));
  t.match(await answerTo({ fromAddr: 'x'.repeat(1025) }), rejected(/address/));
  for (const taskId of ['', '../a', 'a/b', 'a\0'])
    t.match(await answerTo({ taskId }), rejected(/safe/), taskId);
  t.strictSame(await readdir(join(path, 'received')), []);
  t.match(await answerTo({ fromAddr: 'x'.repeat(1024) }), [{ status: 200 }]);
  t.match(await answerTo({ fromAddr: 'another' }), rejected(/in use/));
  t.equal((await store.received.read(request.taskId)).from, 'x'.repeat(1024), 'the first task stays');
});

t.test(
  'a task that cannot be stored is answered 400 without a path, and the server goes on (S9)',
  async (t) => {
    t.testdir();
    const { address, path, records } = await startNode(t, 'theirs');
    await rm(join(path, 'received'), { recursive: true });
    await writeFile(join(path, 'received'), 'a file where a directory should be');
    const before = await snapshot(path);
    const { answers } = await exchange(t, address.port, submitFrame());
    t.match(answers, [{ taskId: request.taskId, status: 400, message: /^[a-z ]+$/ }]);
    t.strictSame(await snapshot(path), before);
    t.match(
      records.filter(({ level }) => level === 'warn'),
      [{ fields: { err: { code: 'io' } } }],
    );
    await rm(join(path, 'received'));
    await mkdir(join(path, 'received'));
    t.match((await exchange(t, address.port, submitFrame())).answers, [{ status: 200 }]);
  },
);

t.test('a message that cannot be sent to the submitter does not change the step', async (t) => {
  t.testdir();
  const theirs = await startNode(t, 'theirs');
  const closed = formatAddress(await closedPort());
  await theirs.store.received.create(newTask('overlay', { from: '0:0000.0000.0001' }));
  await theirs.store.received.create(newTask('closed', { from: closed }));
  t.match(await theirs.receiver.accept('overlay'), { delivery: { kind: 'not-addressable' } });
  t.match(await theirs.receiver.accept('closed'), {
    delivery: { kind: 'failed', error: { code: 'unreachable' } },
  });
  t.equal((await theirs.store.received.read('closed')).status, 'ACCEPTED');
  await theirs.receiver.execute('overlay');
  t.match(await theirs.receiver.complete('overlay', text), { task: { status: 'COMPLETED' } });
  await theirs.receiver.execute('closed');
  t.match(await theirs.receiver.complete('closed', text), { task: { status: 'COMPLETED' } });
});

t.test('results that could not be sent can be delivered later', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  let calls = 0;
  const theirs = await startNode(t, 'theirs', {
    dialBack: (address) => {
      calls += 1;
      return calls === 3 ? Promise.reject(new Error('no way there')) : dialAndAwaitClose(address);
    },
  });
  const { taskId } = (await ours.submit(theirs)).task;
  await theirs.receiver.accept(taskId);
  await theirs.receiver.execute(taskId);
  theirs.advance(5);
  t.match(await theirs.receiver.complete(taskId, text), {
    task: { status: 'COMPLETED', timeCpuMs: 5 },
    delivery: { kind: 'failed' },
  });
  theirs.advance(1000);
  t.match(await theirs.receiver.complete(taskId, text), { task: { status: 'SUCCEEDED', timeCpuMs: 5 } });
  t.match(await ours.store.submitted.read(taskId), { status: 'SUCCEEDED', timeCpuMs: 5 });
});
