import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { marshalTaskFile, unmarshalTaskFile } from '../../reference/task/task-file.ts';
import { taskId } from '../scenario/bytes.ts';
import { observeStore } from './store.ts';

async function opened(t: Test) {
  const store = join(
    t.testdir({ store: { received: { 'a.json': '{}' }, submitted: {}, results: {} } }),
    'store',
  );
  return { store, observer: await observeStore(store) };
}

const TASK = { side: 'submitted', taskId: taskId(), status: 'ACCEPTED' } as const;
const idOf = ({ slot }: { readonly slot: number }): string => `id-${slot}`;

t.test('a preloaded task is a valid file that only its owner can read', async (t) => {
  const { store, observer } = await opened(t);
  await rm(join(store, 'submitted'), { recursive: true });
  await observer.preload(TASK, idOf);
  const task = unmarshalTaskFile(await readFile(join(store, 'submitted', 'id-1.json')));
  t.match(task, { taskId: 'id-1', status: 'ACCEPTED' });
  t.ok(task.acceptedAt);
  const { files } = await observer.snapshot();
  t.equal(files.get('store/submitted/id-1.json')?.mode, 0o600);
  t.strictSame([...files.keys()].sort(), ['store/received/a.json', 'store/submitted/id-1.json']);
});

t.test('a preloaded task is written as the target writes it (M13)', async (t) => {
  const root = t.testdir({ store: { received: {} } });
  let at = new Date(0);
  const observer = await observeStore(join(root, 'store'), () => at);
  const status = fc.constantFrom(
    'NEW',
    'ACCEPTED',
    'EXECUTING',
    'COMPLETED',
    'SUCCEEDED',
    'DECLINED',
    'CANCELLED',
  );
  const ms = fc.oneof(fc.nat(4e12), fc.constantFrom(0, 100, 120, 1000, 60_000, 86_400_000));
  await fc.assert(
    fc.asyncProperty(status, ms, async (status, unixMs) => {
      at = new Date(unixMs);
      await observer.preload({ side: 'received', taskId: taskId(), status }, idOf);
      const bytes = await readFile(join(root, 'store', 'received', 'id-1.json'));
      return Buffer.compare(marshalTaskFile(unmarshalTaskFile(bytes)), bytes) === 0;
    }),
  );
});

t.test('a failed preload leaves no file', async (t) => {
  const { store, observer } = await opened(t);
  await mkdir(join(store, 'submitted', 'id-1.json'));
  await t.rejects(observer.preload(TASK, idOf), { name: 'ObserverError', code: 'store-unwritable' });
  t.strictSame((await readdir(store)).sort(), ['received', 'results', 'submitted']);
});
