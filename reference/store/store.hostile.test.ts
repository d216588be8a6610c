/** A store that somebody has prepared: links, pipes, sockets, and files that are shared, huge or unreadable (R5). */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { marshalTaskFile } from '../task/task-file.ts';
import { collect, newTask, snapshot } from '../testing/store.ts';
import { Store } from './store.ts';
import { StoreError } from './store-error.ts';

const FOLDERS = ['received', 'submitted', 'results', 'late', '.locks'];
const onPosix = process.platform === 'win32' && 'Windows has no such files';

/** A store whose folders hold every kind of file under names of tasks and results, and a folder next to it. */
async function hostileStore(t: Test): Promise<{ path: string; store: string; names: readonly string[] }> {
  const path = t.testdir({ outside: { 'secret.json': 'untouched' }, store: {} });
  const store = join(path, 'store');
  const secret = join(path, 'outside/secret.json');
  await writeFile(join(path, 'outside/task.json'), marshalTaskFile(newTask('linked')));
  const kinds: Record<string, (file: string) => Promise<unknown>> = {
    link: (file) => symlink(secret, file),
    dangling: (file) => symlink(join(path, 'outside/new.json'), file),
    linked: (file) => link(join(path, 'outside/task.json'), file),
    pipe: async (file) => execFileSync('mkfifo', [file]),
    socket: async (file) => {
      const server = createServer();
      // Its path has at most some 100 bytes, and can be renamed to a longer one.
      const short = await mkdtemp(join(tmpdir(), 'conform-'));
      await once(server.listen(join(short, 's')), 'listening');
      await rename(join(short, 's'), file);
      await rm(short, { recursive: true });
      t.teardown(() => server.close());
    },
    folder: (file) => mkdir(file),
    huge: async (file) => {
      await writeFile(file, '');
      await truncate(file, 2 ** 40);
    },
    secret: async (file) => {
      await writeFile(file, marshalTaskFile(newTask('secret')));
      await chmod(file, 0);
    },
  };
  for (const folder of ['received', 'submitted']) {
    await mkdir(join(store, folder));
    for (const [name, make] of Object.entries(kinds)) await make(join(store, folder, `${name}.json`));
  }
  for (const folder of ['results', 'late']) {
    await mkdir(join(store, folder));
    for (const [name, make] of Object.entries(kinds)) await make(join(store, folder, `${name}_x.txt`));
  }
  return { path, store, names: Object.keys(kinds) };
}

t.test(
  'a hostile store is neither followed nor read as tasks, and blocks nothing',
  { skip: onPosix },
  async (t) => {
    const { path, store: folder, names } = await hostileStore(t);
    const outside = await snapshot(join(path, 'outside'));
    const store = await Store.open(folder);
    const refused = async (work: Promise<unknown>) => {
      try {
        await work;
        return 'done';
      } catch (error) {
        if (error instanceof StoreError) return error.code;
        throw error;
      }
    };
    for (const side of ['received', 'submitted'] as const) {
      const readable = process.getuid?.() === 0 ? ['linked', 'secret'] : ['linked'];
      const entries = await collect(store[side].list());
      t.equal(entries.length, names.length);
      const tasks = entries.flatMap((entry) => (entry.kind === 'task' ? [entry.task.taskId] : []));
      t.strictSame(tasks.sort(), readable);
      for (const name of names) {
        t.equal(await refused(store[side].create(newTask(name))), 'task-exists', `${side} ${name}`);
        const change = store[side].update(name, (task) => ({ ...task, from: 'changed' }));
        const expected = readable.includes(name) ? ['done'] : ['unreadable', 'io'];
        t.ok(expected.includes(await refused(change)), `${side} ${name} is changed`);
      }
    }
    for (const name of names) {
      t.match(await refused(store.keepResult(name, 'x.txt', Buffer.from('x'))), /result-exists|io/, name);
      await refused(store.keepLateResult(name, 'x.txt', Buffer.from('x')));
    }
    t.strictSame(await snapshot(join(path, 'outside')), outside);
    await store.received.create(newTask('good'));
    t.equal((await store.received.read('good')).taskId, 'good');
  },
);

t.test('a folder of the store that is a link is refused', { skip: onPosix }, async (t) => {
  for (const name of FOLDERS) {
    const path = t.testdir({ outside: {}, store: {} });
    await symlink('../outside', join(path, 'store', name));
    await t.rejects(Store.open(join(path, 'store')), { code: 'io' }, name);
    t.strictSame(await readdir(join(path, 'outside')), [], name);
  }
});

t.test('a folder that is replaced while the store is in use', { skip: onPosix }, async (t) => {
  const path = t.testdir({ outside: {}, store: {} });
  const folder = join(path, 'store');
  const store = await Store.open(folder);
  await store.submitted.create(newTask('a'));
  for (const name of ['received', 'results', 'late', 'submitted']) {
    await rename(join(folder, name), join(folder, `${name}.old`));
    await symlink('../outside', join(folder, name));
  }
  await t.rejects(store.received.create(newTask('b')), { code: 'io' }, 'by a link');
  await t.rejects(store.keepResult('a', 'x.txt', Buffer.from('x')), { code: 'io' });
  await t.rejects(store.keepLateResult('a', 'x.txt', Buffer.from('x')), { code: 'io' });
  await t.rejects(
    store.submitted.update('a', (task) => ({ ...task })),
    { code: 'io' },
  );
  t.strictSame(await readdir(join(path, 'outside')), []);
  await rm(join(folder, 'received'));
  await mkdir(join(folder, 'received'));
  await store.received.create(newTask('c'));
  t.strictSame(await readdir(join(folder, 'received')), ['c.json'], 'by another folder');
});
