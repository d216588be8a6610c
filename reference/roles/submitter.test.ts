import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { closedPort } from '../../conformance/testing/loopback.ts';
import { encodeFrame } from '../codec/frame.ts';
import { marshalSubmitResponse } from '../codec/message.ts';
import { HOST, startPeer } from '../testing/loopback.ts';
import { dialAndAwaitClose, startNode } from '../testing/node.ts';
import { newTask, snapshot } from '../testing/store.ts';

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
    const before = await snapshot(path);
    const file = (filename: string) => ({ resultType: 'file', filename, fileData });
    await t.rejects(send('unknown', { resultText: 'ten' }), { code: 'unknown-task' });
    await t.rejects(send('../a', { resultText: 'ten' }), { code: 'unsafe-id' });
    await t.rejects(send('a', { resultText: 'x'.repeat(1024 * 1024 + 1) }), { code: 'result-text-too-long' });
    await t.rejects(send('a', file(`${'x'.repeat(253)}.txt`)), { code: 'filename-too-long' });
    await t.rejects(send('a', { ...file('a.bin'), fileData: Buffer.alloc(15 * 1024 * 1024 + 1) }), {
      code: 'file-too-large',
    });
    await t.rejects(send('a', file('a.js')), { code: 'extension-forbidden' });
    await t.rejects(send('a', file('')), { code: 'unsafe-filename' });
    for (const name of ['../a.txt', '..\\a.txt', '/a.txt', 'C:a.txt', 'a\0.txt', 'nul.txt']) {
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
    t.equal(await readFile(join(path, 'late/c_d_e.txt'), 'utf8'), 'of c_d', 'it is kept');
    await rm(join(path, 'late/c_d_e.txt'));
    t.strictSame(await snapshot(path), before);
  });

  t.test('with a long name is stored, under that name or a shorter one (R2, R6)', async (t) => {
    const results = new Set(await readdir(join(path, 'results')));
    for (const [id, bytes, fits] of [
      ['n1', 191, true],
      ['n2', 252, true],
      ['n3', 253, false],
      ['n4', 256, false],
    ] as const) {
      await store.submitted.create(newTask(id));
      const filename = `${'x'.repeat(bytes - 4)}.txt`;
      for (let i = 0; i < 2; i++) await store.keepResult(id, filename, fileData);
      await send(id, { resultType: 'file', filename, fileData });
      t.match(await store.submitted.read(id), { status: 'SUCCEEDED', results: filename });
      const [stored = '', ...others] = (await readdir(join(path, 'results'))).filter((n) => !results.has(n));
      t.strictSame(others, []);
      results.add(stored);
      if (fits) t.equal(stored, `${id}_${filename}`);
      else t.match(stored, new RegExp(`^${id}_x+~0[0-9a-f]{16}\\.txt$`));
      t.same(await readFile(join(path, 'results', stored)), fileData);
    }
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
