import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { closedPort } from '../../conformance/testing/loopback.ts';
import { encodeFrame } from '../codec/frame.ts';
import { marshalSubmitResponse } from '../codec/message.ts';
import { formatAddress } from '../protocol/address.ts';
import { exchange, HOST, startPeer } from '../testing/loopback.ts';
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

t.test('a submission', async (t) => {
  t.test('that is rejected is DECLINED with the reason', async (t) => {
    t.testdir();
    const ours = await startNode(t, 'ours');
    const theirs = await startNode(t, 'theirs', {
      policy: () => ({ accept: false, message: 'x'.repeat(5000) }),
    });
    const { kind, task } = await ours.submit(theirs);
    t.equal(kind, 'rejected');
    t.match(await ours.store.submitted.read(task.taskId), {
      status: 'DECLINED',
      statusJustification: /^x{1024}$/,
    });
  });

  t.test('that cannot be sent is CANCELLED', async (t) => {
    t.testdir();
    const ours = await startNode(t, 'ours');
    const { kind, task } = await ours.submit({ address: await closedPort() });
    t.equal(kind, 'unreachable');
    t.equal((await ours.store.submitted.read(task.taskId)).status, 'CANCELLED');
  });

  t.test('that gets no answer stays NEW', async (t) => {
    t.testdir();
    const ours = await startNode(t, 'ours');
    const port = await startPeer(t, (socket) => socket.once('data', () => socket.end()));
    const { kind, task } = await ours.submit({ address: { host: HOST, port } });
    t.equal(kind, 'unanswered');
    t.equal((await ours.store.submitted.read(task.taskId)).status, 'NEW');
  });

  t.test('that is too long is not stored', async (t) => {
    t.testdir();
    const ours = await startNode(t, 'ours');
    await t.rejects(ours.submit(ours, 'x'.repeat(16_385)), { code: 'description-too-long' });
    t.strictSame(await readdir(join(ours.path, 'submitted')), []);
  });

  t.test('is on the disk before it is sent, and an update may arrive before the answer', async (t) => {
    t.testdir();
    const ours = await startNode(t, 'ours');
    const port = await startPeer(t, (socket) => {
      socket.once('data', async () => {
        const [name = ''] = await readdir(join(ours.path, 'submitted'));
        const taskId = name.replace('.json', '');
        const client = await dialAndAwaitClose(ours.address);
        await client.sendStatusUpdate({ taskId, status: 'ACCEPTED', justification: 'quick' });
        socket.end(encodeFrame(marshalSubmitResponse({ taskId, status: 400, message: 'changed my mind' })));
      });
    });
    const { kind, task } = await ours.submit({ address: { host: HOST, port } });
    t.equal(kind, 'rejected');
    t.match(task, { status: 'ACCEPTED', statusJustification: 'quick' });
  });
});

t.test('a STATUS_UPDATE', async (t) => {
  t.testdir();
  const { store, submitter, path, advance } = await startNode(t, 'ours');
  const peer = { address: HOST, port: 1 };
  await store.submitted.create(newTask('a'));
  const update = (fields: object) =>
    submitter.statusUpdate({ taskId: 'a', status: 'ACCEPTED', justification: '', ...fields }, peer);

  t.test('that is refused changes nothing (U2, U4)', async (t) => {
    const before = await snapshot(path);
    await t.rejects(update({ taskId: 'unknown' }), { code: 'unknown-task' });
    await t.rejects(update({ taskId: '../a' }), { code: 'unsafe-id' });
    await t.rejects(update({ status: 'DONE' }), { code: 'malformed-field' });
    await t.rejects(update({ justification: 'x'.repeat(4097) }), { code: 'justification-too-long' });
    t.strictSame(await snapshot(path), before);
  });

  t.test('sets accepted_at once (U3)', async (t) => {
    advance(1);
    await update({ justification: 'x'.repeat(4096) });
    advance(1);
    await update({ justification: 'again' });
    t.match(await store.submitted.read('a'), {
      status: 'ACCEPTED',
      statusJustification: 'again',
      acceptedAt: '2026-01-01T00:00:00.001Z',
    });
  });

  t.test('may skip statuses, but never goes back', async (t) => {
    await update({ status: 'COMPLETED' });
    await t.rejects(update({ status: 'EXECUTING' }), { name: 'TransitionError' });
    await store.submitted.create(newTask('over', { status: 'EXPIRED' }));
    for (const status of ['NEW', 'ACCEPTED', 'SUCCEEDED', 'EXPIRED']) {
      await t.rejects(update({ taskId: 'over', status }), { name: 'TransitionError' });
    }
  });
});

t.test('a SEND_RESULTS', async (t) => {
  t.testdir();
  const { store, submitter, path } = await startNode(t, 'ours');
  const peer = { address: HOST, port: 1 };
  const fileData = Buffer.from('a,b');
  const send = (taskId: string, fields: object) =>
    submitter.results({ taskId, resultType: 'text', completedAt: '', ...fields }, peer);

  t.test('that is refused changes nothing (R2, R4, R5)', async (t) => {
    await store.submitted.create(newTask('a'));
    await store.submitted.create(newTask('over', { status: 'EXPIRED' }));
    await store.submitted.create(
      newTask('done', { status: 'SUCCEEDED', resultType: 'text', results: 'ten' }),
    );
    const before = await snapshot(path);
    const file = (filename: string) => ({ resultType: 'file', filename, fileData });
    await t.rejects(send('unknown', { resultText: 'ten' }), { code: 'unknown-task' });
    await t.rejects(send('../a', { resultText: 'ten' }), { code: 'unsafe-id' });
    await t.rejects(send('over', { resultText: 'ten' }), { name: 'TransitionError' });
    await t.rejects(send('done', { resultText: 'ten' }), { name: 'TransitionError' });
    await t.rejects(send('a', { resultText: 'x'.repeat(1024 * 1024 + 1) }), { code: 'result-text-too-long' });
    await t.rejects(send('a', file(`${'x'.repeat(253)}.txt`)), { code: 'filename-too-long' });
    await t.rejects(send('a', { ...file('a.bin'), fileData: Buffer.alloc(15 * 1024 * 1024 + 1) }), {
      code: 'file-too-large',
    });
    await t.rejects(send('a', file('a.js')), { code: 'extension-forbidden' });
    await t.rejects(send('a', file('')), { code: 'unsafe-filename' });
    for (const name of [
      '../a.txt',
      '..\\a.txt',
      '/a.txt',
      'C:a.txt',
      'a\0.txt',
      'nul.txt',
      `${'x'.repeat(200)}.txt`,
    ]) {
      await t.rejects(send('a', file(name)), { code: 'unsafe-filename' }, name);
    }
    t.strictSame(await snapshot(path), before);
  });

  t.test('of type file without data is a text (R6)', async (t) => {
    await store.submitted.create(newTask('b'));
    await send('b', { resultType: 'file', filename: 'b.csv', resultText: 'ten', fileData: Buffer.alloc(0) });
    t.match(await store.submitted.read('b'), { status: 'SUCCEEDED', resultType: 'text', results: 'ten' });
    t.equal(await readFile(join(path, 'results/b_result.txt'), 'utf8'), 'ten');
  });

  t.test('does not replace the file of another task (R5)', async (t) => {
    await store.submitted.create(newTask('c'));
    await store.submitted.create(newTask('c_d'));
    await send('c', { resultType: 'file', filename: 'd_e.txt', fileData: Buffer.from('of c') });
    const before = await snapshot(path);
    await t.rejects(send('c_d', { resultType: 'file', filename: 'e.txt', fileData: Buffer.from('of c_d') }), {
      code: 'result-exists',
    });
    t.strictSame(await snapshot(path), before);
  });

  t.test('may be repeated after a crash that lost the status', async (t) => {
    await store.submitted.create(newTask('f'));
    await store.keepResult('f', 'f.csv', fileData);
    await send('f', { resultType: 'file', filename: 'f.csv', fileData });
    t.match(await store.submitted.read('f'), { status: 'SUCCEEDED', results: 'f.csv' });
  });

  t.test('is accepted once, also when several arrive at the same time', async (t) => {
    await store.submitted.create(newTask('g'));
    const outcomes = await Promise.allSettled(
      ['one', 'two', 'three'].map((resultText) => send('g', { resultText })),
    );
    t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const { results } = await store.submitted.read('g');
    t.equal(await readFile(join(path, 'results/g_result.txt'), 'utf8'), results);
  });
});
