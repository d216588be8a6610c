import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { closedPort, listen } from '../../conformance/testing/loopback.ts';
import { formatAddress, Store } from '../../reference/index.ts';
import { newTask } from '../../reference/testing/store.ts';
import { conform, conformHere, serve } from './process.ts';

const [mine, theirs] = [join(t.testdirName, 'mine'), join(t.testdirName, 'theirs')];
t.testdir({ mine: {}, theirs: {} });
/** The servers of all tests, each with its store. */
const [submitter, receiver] = await Promise.all([serve(t, '--dir', mine), serve(t, '--dir', theirs)]);

/** A task that was submitted to a receiver. */
async function submitted({ address } = receiver) {
  const submission = await conformHere(
    ...['submit', 'what is to be done', '--target', address],
    ...['--dir', mine, '--from', submitter.address],
  );
  const id = /^\d+ (\S+)/.exec(submission.out)?.[1] ?? '';
  return { submission, id };
}

/** What a store holds of a task. */
async function tasks(dir: string, id: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = JSON.parse((await conformHere('tasks', '--dir', dir, '--json')).out);
  return all.filter((task) => task['task_id'] === id);
}

t.test('a task through accept, execute and results, command by command', async (t) => {
  const { submission, id } = await submitted();
  t.match(submission, { status: 0, out: /^200 / });
  t.match(await conformHere('execute', id, '--dir', theirs), {
    status: 1,
    err: /^conform: .*NEW.*EXECUTING.*\n$/,
  });
  t.match(await conform('accept', id, '--dir', theirs), { status: 0, out: `ACCEPTED ${id} delivered\n` });
  t.match(await tasks(mine, id), [{ side: 'submitted', task_id: id, status: 'ACCEPTED' }]);
  t.match(await conformHere('execute', id, '--dir', theirs), {
    status: 0,
    out: `EXECUTING ${id} delivered\n`,
  });

  const report = join(t.testdir(), 'report.pdf');
  await writeFile(report, 'the report');
  const results = await conformHere('results', id, '--dir', theirs, '--file', report);
  t.match(results, { status: 0, out: `SUCCEEDED ${id} delivered\n` });
  t.match(await tasks(mine, id), [{ status: 'SUCCEEDED', result_type: 'file', results: 'report.pdf' }]);
  t.equal(await readFile(join(mine, 'results', `${id}_report.pdf`), 'utf8'), 'the report');
  t.match(await conformHere('tasks', '--dir', theirs), {
    status: 0,
    out: new RegExp(`^received +SUCCEEDED +\\S+ +${id} +what is to be done\\n$`),
  });
});

t.test('results that do not arrive are no success, and can be sent again', async (t) => {
  const dir = t.testdir();
  const { received } = await Store.open(dir);
  const silent = await listen(() => {});
  t.teardown(silent.close);
  const large = join(dir, 'large.bin');
  // More than the system takes of a message that the peer does not read.
  await writeFile(large, Buffer.alloc(11 * 1024 * 1024));
  const cases = [
    ['an address of another network', '0:0000.0000.0001', 'not-addressable', /^$/],
    ['no server', formatAddress(await closedPort()), 'failed', /^conform: .*ECONNREFUSED.*\n$/],
    ['a server that does not read', formatAddress(silent.address), 'failed', /^conform: .* 70 ms .*\n$/],
  ] as const;
  for (const [i, [name, from, delivery, err]] of cases.entries()) {
    const id = `task-${i}`;
    await received.create(newTask(id, { status: 'EXECUTING', from }));
    const results = () => conformHere('results', id, '--dir', dir, '--file', large, '--timeout', '70ms');
    for (let n = 0; n < 2; n++)
      t.match(await results(), { status: 3, out: `COMPLETED ${id} ${delivery}\n`, err }, name);
    await received.update(id, (task) => ({ ...task, from: submitter.address }));
    t.match(
      await conformHere('results', id, '--dir', dir, '--file', large),
      { status: 0, out: `SUCCEEDED ${id} delivered\n`, err: '' },
      name,
    );
  }
});

t.test('a task that is declined', async (t) => {
  const { id } = await submitted();
  await conformHere('decline', id, '--dir', theirs, '--justification', 'no time');
  t.match(await tasks(mine, id), [{ status: 'DECLINED', status_justification: 'no time' }]);
});

t.test('serve --reject answers 400', async (t) => {
  const store = t.testdir();
  const { submission, id } = await submitted(await serve(t, '--dir', store, '--reject'));
  t.match(submission, { status: 1, out: /^400 / });
  t.match(await tasks(mine, id), [{ status: 'DECLINED' }]);
  t.match(await conformHere('tasks', '--dir', store, '--json'), { status: 0, out: '[]\n' });
});

t.test('update and results go directly to a submitter', async (t) => {
  const { id } = await submitted();
  const target = ['--target', submitter.address];
  t.match(await conformHere('update', id, 'ACCEPTED', ...target), { status: 0, out: `sent ${id}\n` });
  t.match(await tasks(mine, id), [{ status: 'ACCEPTED' }]);
  t.match(await conformHere('results', id, ...target, '--text', 'done'), { status: 0, out: `sent ${id}\n` });
  t.match(await tasks(mine, id), [{ status: 'SUCCEEDED', result_type: 'text', results: 'done' }]);
});

t.test('a step that is refused is one line', async (t) => {
  const store = t.testdir({ store: { received: {}, submitted: {} }, file: 'no directory', 'main.go': '' });
  const dir = ['--dir', join(store, 'store')];
  const cases: [number, string[], RegExp][] = [
    [1, ['accept', 'unknown', ...dir], /no task has this id/],
    [1, ['accept', '../escape', ...dir], /not? .*safe/],
    [2, ['accept', 'x', '--dir', join(store, 'missing')], /does not exist/],
    [2, ['tasks', '--dir', join(store, 'file')], /is a file/],
    [2, ['serve', '--dir', join(store, 'file')], /is a file/],
    [2, ['serve', '--accept', '--reject'], /exclude each other/],
    [2, ['serve', '--time-scale', '0'], /--time-scale/],
    [2, ['results', 'x', '--text', 'a', ...dir, '--target', '127.0.0.1:1'], /--dir.*--target/],
    [2, ['results', 'x', ...dir], /--text.*--file/],
    [2, ['results', 'x', ...dir, '--file', join(store, 'missing.txt')], /missing\.txt: no such file/],
    [1, ['results', 'x', '--target', '127.0.0.1:1', '--file', join(store, 'main.go')], /source code/],
    [1, ['submit', '--target', receiver.address, 'x'.repeat(16_385)], /16384/],
    [1, ['submit', '--target', receiver.address, 'x'.repeat(16_385), '--dir', mine], /16384/],
    [1, ['update', 'x', 'ACCEPTED', '--target', '127.0.0.1:1', '--justification', 'x'.repeat(4097)], /4096/],
  ];
  await Promise.all(
    cases.map(async ([status, args, message]) => {
      const ended = await conformHere(...args);
      t.match(ended, { status, out: '', err: message }, args.slice(0, 2).join(' '));
      t.match(ended.err, /^conform: .+\n$/);
    }),
  );
  t.strictSame((await readdir(join(store, 'store', 'received'))).length, 0);
});
