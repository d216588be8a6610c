import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { TransitionError } from '../protocol/errors.ts';
import { marshalTaskFile } from '../task/task-file.ts';
import { recordingLogger } from '../testing/loopback.ts';
import { compileProgram } from '../testing/program.ts';
import { collect, newTask, snapshot } from '../testing/store.ts';
import { Store } from './store.ts';
import { StoreError } from './store-error.ts';

const withCode = (code: StoreError['code']) => ({ name: 'StoreError', code });
/** The name part of a process that has ended: pids are below 2^22. */
const ENDED_PROCESS = '99999999-1-0123456789abcdef';

t.test('a task is created, read, changed and listed', async (t) => {
  const path = t.testdir();
  const { received } = await Store.open(path);
  await received.create(newTask('a'));
  t.strictSame(await received.read('a'), newTask('a'));
  t.strictSame(await received.update('a', (task) => ({ ...task, from: 'c' })), newTask('a', { from: 'c' }));
  t.strictSame(await received.read('a'), newTask('a', { from: 'c' }));
  t.strictSame(await collect(received.list()), [{ kind: 'task', task: newTask('a', { from: 'c' }) }]);
  t.equal(
    await readFile(join(path, 'received/a.json'), 'utf8'),
    Buffer.from(marshalTaskFile(newTask('a', { from: 'c' }))).toString(),
  );
});

t.test('received and submitted tasks are separate', async (t) => {
  const { received, submitted } = await Store.open(t.testdir());
  await received.create(newTask('a'));
  await t.rejects(submitted.read('a'), withCode('unknown-task'));
  await submitted.create(newTask('a', { from: 'elsewhere' }));
  t.equal((await received.read('a')).from, 'a');
});

t.test('directories have mode 0700, files 0600, and no other file is left', async (t) => {
  const path = join(t.testdir(), 'deep', 'store');
  const store = await Store.open(path);
  await store.received.create(newTask('a'));
  await store.submitted.create(newTask('b'));
  await store.submitted.update('b', (task) => ({ ...task, from: 'c' }));
  await store.keepResult('b', 'x.txt', Buffer.from('x'));
  const modes = Object.entries(await snapshot(join(path, '..'))).map(([name, text]) => [
    name,
    text.slice(0, 3),
  ]);
  t.strictSame(Object.fromEntries(modes), {
    store: '700',
    'store/.locks': '700',
    'store/late': '700',
    'store/received': '700',
    'store/received/a.json': '600',
    'store/results': '700',
    'store/results/b_x.txt': '600',
    'store/submitted': '700',
    'store/submitted/b.json': '600',
  });
});

t.test('an id is used once, and the first task stays unchanged', async (t) => {
  const path = t.testdir();
  const { received } = await Store.open(path);
  const outcomes = await Promise.allSettled(
    ['1', '2', '3'].map((from) => received.create(newTask('a', { from }))),
  );
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  const first = await received.read('a');
  await t.rejects(received.create(newTask('a', { from: 'later' })), withCode('task-exists'));
  t.strictSame(await received.read('a'), first);
  t.strictSame(await readdir(join(path, 'received')), ['a.json']);
});

t.test('an update that throws or changes nothing writes nothing', async (t) => {
  const path = t.testdir();
  const { received } = await Store.open(path);
  await received.create(newTask('a'));
  const before = await snapshot(path);
  const refusal = new TransitionError('NEW', 'SUCCEEDED');
  await t.rejects(
    received.update('a', () => {
      throw refusal;
    }),
    refusal,
  );
  t.equal((await received.update('a', (task) => task)).status, 'NEW');
  await t.rejects(
    received.update('b', (task) => task),
    withCode('unknown-task'),
  );
  t.strictSame(await snapshot(path), before);
});

t.test('concurrent updates lose no change', async (t) => {
  const { received, submitted } = await Store.open(t.testdir());
  await received.create(newTask('a'));
  await submitted.create(newTask('a'));
  const addOne = () =>
    received.update('a', (task) => ({ ...task, timeCpuMs: Number(task.timeCpuMs ?? 0) + 1 }));
  await Promise.all(Array.from({ length: 100 }, addOne));
  t.equal((await received.read('a')).timeCpuMs, 100);
  t.equal((await submitted.read('a')).timeCpuMs, undefined);
});

t.test('updates by three processes, one with two stores, lose no change', async (t) => {
  const TIMES = 60;
  const start = await compileProgram(t, new URL('../testing/count-program.ts', import.meta.url));
  const path = join(t.testdirName, 'store');
  const stores = [await Store.open(path), await Store.open(path)] as const;
  await stores[0].submitted.create(newTask('a'));
  const children = [start(path, 'a', String(TIMES)), start(path, 'a', String(TIMES))];
  await Promise.all(children.map((child) => once(child, 'message')));
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.send('go');
  for (let i = 0; i < TIMES; i++) {
    await Promise.all(
      stores.map(({ submitted }) =>
        submitted.update('a', (task) => ({ ...task, timeCpuMs: Number(task.timeCpuMs ?? 0) + 1 })),
      ),
    );
  }
  t.strictSame(await Promise.all(ended), [
    [0, null],
    [0, null],
  ]);
  t.equal((await stores[0].submitted.read('a')).timeCpuMs, 4 * TIMES);
  t.strictSame(await readdir(join(path, '.locks')), []);
});

t.test('a lock', async (t) => {
  t.test('of an ended process is ignored and removed', async (t) => {
    const path = t.testdir();
    const { received, locks } = await Store.open(path);
    await received.create(newTask('a'));
    const ticket = await locks.run('received/a.json', async () => {
      const [name = ''] = await readdir(join(path, '.locks'));
      return name.replace(/\.\d+-\d+-[0-9a-f]+$/, `.${ENDED_PROCESS}`);
    });
    await writeFile(join(path, '.locks', ticket), '');
    t.equal((await received.update('a', (task) => ({ ...task, from: 'c' }))).from, 'c');
    t.strictSame(await readdir(join(path, '.locks')), []);
  });

  t.test('that another store holds for too long is an error, and the task is unchanged', async (t) => {
    const path = t.testdir();
    const mine = await Store.open(path, { lockWaitMs: 20 });
    const other = await Store.open(path);
    await mine.received.create(newTask('a'));
    await other.received.update('a', async (held) => {
      await t.rejects(
        mine.received.update('a', (task) => ({ ...task, from: 'c' })),
        withCode('locked'),
      );
      return held;
    });
    t.equal((await mine.received.read('a')).from, 'a');
    t.equal((await mine.received.update('a', (task) => ({ ...task, from: 'c' }))).from, 'c');
    t.strictSame(await readdir(join(path, '.locks')), []);
  });

  t.test('is the same however the path of the store is spelt', async (t) => {
    const path = join(t.testdir({ store: {} }), 'store');
    const alias = join(path, '../alias');
    await symlink('store', alias);
    const spellings = [path, relative('.', path), `${relative('.', path)}/.`, alias];
    await (await Store.open(path)).received.create(newTask('a'));
    for (const here of spellings) {
      for (const there of spellings) {
        const mine = await Store.open(here, { lockWaitMs: 20 });
        const other = await Store.open(there);
        await other.received.update('a', async (held) => {
          await t.rejects(
            mine.received.update('a', (task) => task),
            withCode('locked'),
            `${here} and ${there}`,
          );
          return held;
        });
      }
    }
  });
});

t.test('opening removes the files of ended processes, and no others', async (t) => {
  const own = `.tmp.${process.pid}-0-0123456789abcdef`;
  const path = t.testdir({
    received: { [`.tmp.${ENDED_PROCESS}`]: 'half a ta', [own]: 'being written', '.tmp': '', 'a.tmp': '' },
    submitted: { [`.tmp.${ENDED_PROCESS}`]: '' },
    results: { [`.tmp.${ENDED_PROCESS}`]: '', [`a_x.${ENDED_PROCESS}`]: 'a result may have such a name' },
    '.locks': { [`0123.${ENDED_PROCESS}`]: '' },
  });
  const { received } = await Store.open(path);
  t.strictSame((await readdir(join(path, 'received'))).sort(), ['.tmp', own, 'a.tmp']);
  t.strictSame(await readdir(join(path, 'submitted')), []);
  t.strictSame(await readdir(join(path, 'results')), [`a_x.${ENDED_PROCESS}`]);
  t.strictSame(await readdir(join(path, '.locks')), []);
  t.strictSame(
    (await collect(received.list())).map((entry) => entry.kind === 'unreadable' && entry.name).sort(),
    ['.tmp', 'a.tmp'],
  );
});

t.test('damaged and foreign files are reported once and not changed', async (t) => {
  const { logger, records } = recordingLogger();
  const path = t.testdir({
    outside: 'a file elsewhere',
    store: {
      received: {
        'cut.json': Buffer.from(marshalTaskFile(newTask('cut')))
          .subarray(0, 40)
          .toString(),
        'empty.json': '',
        'other.json': Buffer.from(marshalTaskFile(newTask('another'))).toString(),
        'lost.json': Buffer.from(marshalTaskFile(newTask('lost', { status: 'LOST' }))).toString(),
        'notes.txt': 'mine',
        'directory.json': {},
        '..json': 'hidden',
      },
    },
  });
  await symlink('../../outside', join(path, 'store/received/link.json'));
  const { received } = await Store.open(join(path, 'store'), { logger });
  await received.create(newTask('good'));
  const before = await snapshot(path);
  const bad = [
    '..json',
    'cut.json',
    'directory.json',
    'empty.json',
    'link.json',
    'lost.json',
    'notes.txt',
    'other.json',
  ];
  for (let i = 0; i < 2; i++) {
    const entries = await collect(received.list());
    const names = entries.map((entry) => (entry.kind === 'task' ? entry.task.taskId : entry.name));
    t.strictSame(names.sort(), [...bad, 'good'].sort());
    t.ok(entries.every((entry) => entry.kind === 'task' || entry.error.code === 'unreadable'));
  }
  t.strictSame(
    records.map(({ level, fields }) => [level, fields['file']]).sort(),
    bad.map((name) => ['warn', name]),
  );
  for (const id of ['cut', 'empty', 'other', 'lost', 'directory', 'link']) {
    await t.rejects(
      received.update(id, (task) => ({ ...task, from: 'c' })),
      withCode('unreadable'),
      id,
    );
    await t.rejects(received.create(newTask(id)), withCode('task-exists'), id);
  }
  t.strictSame(await snapshot(path), before);
});

t.test('a task that is past a status is not read again in a search for that status', async (t) => {
  const path = t.testdir();
  const { logger, records } = recordingLogger();
  const { received } = await Store.open(path, { logger });
  await received.create(newTask('done', { status: 'EXPIRED' }));
  await received.create(newTask('new'));
  t.equal((await collect(received.inStatus('NEW'))).length, 1);
  await writeFile(join(path, 'received/done.json'), 'damaged');
  t.equal((await collect(received.inStatus('NEW'))).length, 1);
  t.equal(records.length, 0);
  t.equal((await collect(received.list())).length, 2);
  t.equal(records.length, 1);
});

t.test('a task id that is used again after its file was removed is a new task', async (t) => {
  const path = t.testdir();
  const here = (await Store.open(path)).received;
  const elsewhere = (await Store.open(path)).received;
  const file = join(path, 'received/a.json');
  for (const status of ['ACCEPTED', 'EXECUTING', 'SUCCEEDED', 'CANCELLED', 'EXPIRED'] as const) {
    for (const next of ['NEW', 'ACCEPTED'] as const) {
      const found = async () => (await collect(here.inStatus(next))).map(({ taskId }) => taskId);
      await here.create(newTask('a', { status }));
      await here.read('a');
      await rm(file);
      await here.create(newTask('a', { status: next }));
      t.strictSame(await found(), ['a'], `${status}, then ${next}`);
      await rm(file);

      await here.create(newTask('a', { status }));
      await here.read('a');
      await rm(file);
      t.strictSame(await found(), []);
      await elsewhere.create(newTask('a', { status: next }));
      t.strictSame(await found(), ['a'], `${status}, then ${next} by another process`);
      await rm(file);
    }
  }
});

t.test('an unreadable file that comes again is reported again', async (t) => {
  const { logger, records } = recordingLogger();
  const path = t.testdir();
  const { received } = await Store.open(path, { logger });
  const file = join(path, 'received/a.json');
  const damage = async () => {
    await writeFile(file, 'damaged');
    for (let i = 0; i < 2; i++) t.equal((await collect(received.list())).length, 1);
    await rm(file);
  };
  await damage();
  t.equal(records.length, 1);
  await collect(received.list());
  await damage();
  t.equal(records.length, 2, 'after a look in which it was gone');
  await received.create(newTask('a'));
  await damage();
  t.equal(records.length, 3, 'after another task had its name');
});

t.test('a missing directory is an error for the caller, and so is a file in its place', async (t) => {
  const path = t.testdir();
  const store = await Store.open(path);
  await store.received.create(newTask('a'));
  await rename(join(path, 'received'), join(path, 'gone'));
  await t.rejects(store.received.create(newTask('b')), withCode('io'));
  await t.rejects(collect(store.received.list()), withCode('io'));
  await writeFile(join(path, 'received'), '');
  await t.rejects(store.received.create(newTask('b')), withCode('io'));
  await t.rejects(Store.open(path), withCode('io'));
  await rm(join(path, 'received'));
  await rename(join(path, 'gone'), join(path, 'received'));
  await store.received.create(newTask('b'));
  t.strictSame((await readdir(join(path, 'received'))).sort(), ['a.json', 'b.json']);
  await rm(join(path, 'results'), { recursive: true });
  await t.rejects(store.keepResult('a', 'x.txt', Buffer.from('x')), withCode('io'));
  await rm(join(path, '.locks'), { recursive: true });
  await t.rejects(
    store.received.update('a', (task) => task),
    withCode('io'),
  );
});

t.test(
  'a directory without write permission is an error',
  { skip: process.getuid?.() === 0 && 'root may write' },
  async (t) => {
    const path = t.testdir();
    const { received } = await Store.open(path);
    await chmod(join(path, 'received'), 0o500);
    await t.rejects(received.create(newTask('a')), withCode('io'));
    t.strictSame(await readdir(join(path, 'received')), []);
  },
);

t.test('the message of an error contains no path', async (t) => {
  const path = t.testdir();
  const { received } = await Store.open(path);
  await rm(path, { recursive: true });
  const error: unknown = await received.create(newTask('a')).catch((error) => error);
  t.ok(error instanceof StoreError && !error.message.includes('/') && error.cause instanceof Error);
  await mkdir(path);
});

t.test('a result', async (t) => {
  t.test('is stored, and the same one again changes nothing', async (t) => {
    const path = t.testdir();
    const store = await Store.open(path);
    for (let i = 0; i < 2; i++) await store.keepResult('a', 'x.txt', Buffer.from('bytes'));
    t.equal(await readFile(join(path, 'results/a_x.txt'), 'utf8'), 'bytes');
    t.strictSame(await readdir(join(path, 'results')), ['a_x.txt']);
  });

  t.test('never replaces the result of another task (R5)', async (t) => {
    const path = t.testdir();
    const store = await Store.open(path);
    await store.keepResult('a', 'b_c.txt', Buffer.from('of a'));
    for (const bytes of ['of a_b', 'ofab', '']) {
      await t.rejects(store.keepResult('a_b', 'c.txt', Buffer.from(bytes)), withCode('result-exists'));
    }
    await mkdir(join(path, 'results/a_d.txt'));
    await t.rejects(store.keepResult('a', 'd.txt', Buffer.from('x')), withCode('result-exists'));
    t.equal(await readFile(join(path, 'results/a_b_c.txt'), 'utf8'), 'of a');
  });
});

const hostileName = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '.',
      '..',
      '../a',
      '../../outside',
      '..\\a',
      '/etc/x',
      'C:\\x',
      'C:x',
      'a/b',
      'a\0b',
      'a\0',
      'nul',
      'CON.txt',
    ],
    ...[
      'a/../../x',
      '././a',
      'a.',
      ' a',
      '\u2025',
      '\uff0e\uff0e/a',
      '%2e%2e%2f',
      'x'.repeat(5000),
      '\ud800',
      'a:b',
      '.tmp',
    ],
    ...[
      `.tmp.${ENDED_PROCESS}`,
      '.locks',
      '../received/victim',
      '../received/victim.json',
      'victim.json/',
      'victim',
      '_',
      '~1',
    ],
  ),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', '\0', 'a', '_', ':', ' ', '\u202e', '~', '1') }),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

t.test('no id and no name leaves the store or changes an existing file (R5)', async (t) => {
  const path = t.testdir({ outside: 'untouched', parent: { sibling: 'untouched' } });
  const store = await Store.open(join(path, 'parent/store'));
  await store.received.create(newTask('victim'));
  await store.submitted.create(newTask('victim'));
  await store.keepResult('victim', 'x.txt', Buffer.from('of the victim'));
  const before = await snapshot(path);
  let stored = 0;
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      stored += 1;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === 'io') throw error;
    }
  };
  await fc.assert(
    fc.asyncProperty(hostileName, hostileName, async (id, name) => {
      await attempt(() => store.received.create(newTask(id, { taskDescription: 'hostile' })));
      await attempt(() => store.received.read(id));
      await attempt(() => store.keepResult(id, name, Buffer.from('hostile')));
      await attempt(() => store.keepResult('victim', name, Buffer.from('hostile')));
    }),
    { numRuns: 300 },
  );
  const after = await snapshot(path);
  for (const [name, content] of Object.entries(before)) t.equal(after[name], content, name);
  for (const name of Object.keys(after)) {
    if (name in before) continue;
    if (!/^parent\/store\/(received|results)\/[^/]+$/.test(name)) t.fail(`created ${name}`);
  }
  t.ok(stored > 0, 'some names were safe, so files were created');
});
