import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { taskId } from '../bytes.ts';
import { openStoreObserver } from './store.ts';

async function observed(t: Test) {
  const root = t.testdir({
    store: { received: { 'a.json': '{}' }, submitted: {}, results: {} },
    beside: 'x',
  });
  return { root, store: join(root, 'store'), observer: await openStoreObserver(join(root, 'store')) };
}

t.test('a snapshot holds every file of the folder that the store lies in', async (t) => {
  const { observer } = await observed(t);
  const { store, files } = await observer.snapshot();
  t.equal(store, 'store');
  t.strictSame([...files.keys()].sort(), ['beside', 'store/received/a.json']);
  t.match(files.get('store/received/a.json'), { sizeBytes: 2, bytes: Buffer.from('{}') });
});

t.test('what is written, replaced or removed shows in the next', async (t) => {
  const { root, store, observer } = await observed(t);
  const before = await observer.snapshot();
  await writeFile(join(store, 'results', 'r.txt'), 'result');
  await writeFile(join(root, 'new'), '[]');
  await rename(join(root, 'new'), join(store, 'received', 'a.json'));
  await rm(join(root, 'beside'));
  const after = await observer.snapshot();
  t.strictSame([...after.files.keys()].sort(), ['store/received/a.json', 'store/results/r.txt']);
  t.not(
    after.files.get('store/received/a.json')?.digest,
    before.files.get('store/received/a.json')?.digest,
    'the same size, other bytes',
  );
});

t.test('a link that leads nowhere is seen as such', async (t) => {
  const { root, observer } = await observed(t);
  await symlink(join(root, 'nowhere'), join(root, 'link'));
  t.strictSame([...(await observer.snapshot()).files.keys()].sort(), [
    'beside',
    'link',
    'store/received/a.json',
  ]);
});

t.test('a planted task is a valid file that only its owner reads', async (t) => {
  const { store, observer } = await observed(t);
  await observer.plant(
    { side: 'submitted', taskId: taskId(), status: 'ACCEPTED' },
    ({ slot }) => `id-${slot}`,
  );
  const task = JSON.parse(await readFile(join(store, 'submitted', 'id-1.json'), 'utf8')) as object;
  t.match(task, { task_id: 'id-1', status: 'ACCEPTED', accepted_at: /Z$/ });
  const { files } = await observer.snapshot();
  t.equal(files.get('store/submitted/id-1.json')?.mode, 0o600);
  t.equal(files.size, 3, 'and nothing is left of its writing');
});

t.test('what is no directory is refused', async (t) => {
  const { root } = await observed(t);
  await t.rejects(openStoreObserver(join(root, 'beside')), { name: 'ObserverError' });
  await t.rejects(openStoreObserver(join(root, 'missing')), { name: 'ObserverError' });
});
