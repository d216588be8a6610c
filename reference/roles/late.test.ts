/** Results and updates that arrive after the stall timeout of the submitter (L1). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { HOST } from '../testing/loopback.ts';
import { startNode } from '../testing/node.ts';
import { newTask, snapshot } from '../testing/store.ts';

const TWO_MINUTES_MS = 120_000;

t.test('a receiver that executes after two minutes delivers its result (L1, R6)', async (t) => {
  t.testdir();
  const ours = await startNode(t, 'ours');
  const theirs = await startNode(t, 'theirs');
  const { task } = await ours.submit(theirs);
  const { taskId } = task;
  await theirs.receiver.accept(taskId);
  theirs.advance(TWO_MINUTES_MS);
  const [stalled] = await ours.submitter.expireStalled(ours.advance(TWO_MINUTES_MS));
  t.match(stalled, { taskId, status: 'EXPIRED' });

  await theirs.receiver.execute(taskId);
  t.equal((await ours.store.submitted.read(taskId)).status, 'EXECUTING');
  const data = Buffer.from('a,b\n1,2\n');
  const { delivery } = await theirs.receiver.complete(taskId, { kind: 'file', filename: 'sums.csv', data });
  t.equal(delivery.kind, 'delivered');
  t.match(await ours.store.submitted.read(taskId), {
    status: 'SUCCEEDED',
    resultType: 'file',
    results: 'sums.csv',
  });
  t.same(await readFile(join(ours.path, 'results', `${taskId}_sums.csv`)), data);
});

t.test('of a stalled task, the receiver has the last word (L1)', async (t) => {
  t.testdir();
  const { store, submitter, advance } = await startNode(t, 'ours');
  const peer = { address: HOST, port: 1 };
  const acceptedAt = '2026-01-01T00:00:00Z';
  await store.submitted.create(newTask('a', { status: 'ACCEPTED', acceptedAt }));
  await submitter.expireStalled(advance(TWO_MINUTES_MS));
  const update = (status: string) => submitter.statusUpdate({ taskId: 'a', status, justification: '' }, peer);
  for (const status of ['NEW', 'ACCEPTED', 'DECLINED', 'CANCELLED']) {
    await t.rejects(update(status), { name: 'TransitionError', from: 'EXPIRED', to: status });
  }
  await update('EXPIRED');
  for (const status of ['EXECUTING', 'COMPLETED', 'SUCCEEDED', 'EXPIRED']) {
    await t.rejects(update(status), { name: 'TransitionError' }, 'the receiver has given up, too');
  }
});

t.test('a result that its task does not take is kept and logged', async (t) => {
  t.testdir();
  const { store, submitter, path, records } = await startNode(t, 'ours');
  const peer = { address: HOST, port: 1 };
  const send = (taskId: string, resultText: string) =>
    submitter.results({ taskId, resultType: 'text', completedAt: '', resultText }, peer);
  const late = () => readdir(join(path, 'late'));

  for (const status of ['DECLINED', 'CANCELLED', 'EXPIRED']) {
    const id = status.toLowerCase();
    await store.submitted.create(newTask(id, { status }));
    await t.rejects(send(id, 'ten'), { name: 'TransitionError', from: status });
    t.equal((await store.submitted.read(id)).status, status);
    t.equal(await readFile(join(path, 'late', `${id}_result.txt`), 'utf8'), 'ten');
    t.match(records.at(-1), {
      level: 'warn',
      fields: { taskId: id, status, file: `late/${id}_result.txt` },
      message: 'late result kept',
    });
  }
  await store.submitted.create(newTask('done'));
  await send('done', 'ten');
  const before = await snapshot(path);
  await t.rejects(send('done', 'ten'), { name: 'TransitionError' }, 'the same result again');
  t.strictSame(await snapshot(path), before, 'is not kept twice');
  for (let i = 0; i < 20; i++) await t.rejects(send('done', `${i}`), { name: 'TransitionError' });
  for (let i = 0; i < 20; i++) await t.rejects(send('done', `${i}`), { name: 'TransitionError' });
  t.equal(
    (await late()).filter((name) => name.startsWith('done_')).length,
    8,
    'other results, up to a bound',
  );
  t.equal(await readFile(join(path, 'results/done_result.txt'), 'utf8'), 'ten');
});
