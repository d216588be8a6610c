import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { conform, conformHere, serve } from './process.ts';

/** A receiver and a submitter, each with its server and its store, and a task that was submitted to the receiver. */
async function submitted(t: Test, ...receiverArgs: string[]) {
  const [mine, theirs] = [join(t.testdirName, 'mine'), join(t.testdirName, 'theirs')];
  t.testdir({ mine: {}, theirs: {} });
  const [submitter, receiver] = await Promise.all([
    serve(t, '--dir', mine),
    serve(t, '--dir', theirs, ...receiverArgs),
  ]);
  const submission = await conformHere(
    ...['submit', 'what is to be done', '--target', receiver.address],
    ...['--dir', mine, '--from', submitter.address],
  );
  const id = /^\d+ (\S+)/.exec(submission.out)?.[1] ?? '';
  return { mine, theirs, submitter, receiver, submission, id };
}

async function tasks(dir: string): Promise<Record<string, unknown>[]> {
  return JSON.parse((await conformHere('tasks', '--dir', dir, '--json')).out) as Record<string, unknown>[];
}

t.test('a task through accept, execute and results, command by command', async (t) => {
  const { mine, theirs, submission, id } = await submitted(t);
  t.match(submission, { status: 0, out: /^200 / });
  t.match(await conform('execute', id, '--dir', theirs), {
    status: 1,
    err: /^conform: .*NEW.*EXECUTING.*\n$/,
  });
  t.match(await conform('accept', id, '--dir', theirs), { status: 0, out: `ACCEPTED ${id} delivered\n` });
  t.match(await tasks(mine), [{ side: 'submitted', task_id: id, status: 'ACCEPTED' }]);
  t.match(await conform('execute', id, '--dir', theirs), { status: 0, out: `EXECUTING ${id} delivered\n` });

  const report = join(t.testdirName, 'report.pdf');
  await writeFile(report, 'the report');
  const results = await conform('results', id, '--dir', theirs, '--file', report);
  t.match(results, { status: 0, out: `SUCCEEDED ${id} delivered\n` });
  t.match(await tasks(mine), [{ status: 'SUCCEEDED', result_type: 'file', results: 'report.pdf' }]);
  t.equal(await readFile(join(mine, 'results', `${id}_report.pdf`), 'utf8'), 'the report');
  t.match(await conform('tasks', '--dir', theirs), {
    status: 0,
    out: new RegExp(`^received +SUCCEEDED +\\S+ +${id} +what is to be done\\n$`),
  });
});

t.test('a task that is declined', async (t) => {
  const { mine, theirs, id } = await submitted(t);
  await conformHere('decline', id, '--dir', theirs, '--justification', 'no time');
  t.match(await tasks(mine), [{ status: 'DECLINED', status_justification: 'no time' }]);
});

t.test('serve --reject answers 400', async (t) => {
  const { mine, theirs, submission } = await submitted(t, '--reject');
  t.match(submission, { status: 1, out: /^400 / });
  t.match(await tasks(mine), [{ status: 'DECLINED' }]);
  t.strictSame(await tasks(theirs), []);
});

t.test('update and results go directly to a submitter', async (t) => {
  const { mine, submitter, id } = await submitted(t);
  const target = ['--target', submitter.address];
  t.match(await conformHere('update', id, 'ACCEPTED', ...target), { status: 0, out: `sent ${id}\n` });
  t.match(await tasks(mine), [{ status: 'ACCEPTED' }]);
  t.match(await conformHere('results', id, ...target, '--text', 'done'), { status: 0, out: `sent ${id}\n` });
  t.match(await tasks(mine), [{ status: 'SUCCEEDED', result_type: 'text', results: 'done' }]);
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
