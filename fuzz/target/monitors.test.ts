import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { growthIn, storeMonitor } from './monitors.ts';

const MiB = 1024 * 1024;
const usage = (memoryBytes: number, descriptors = 20, threads = 5) => ({ memoryBytes, descriptors, threads });

t.test('frees-resources: a resource that rises in every sample, and by a large amount', async (t) => {
  const rising = [0, 1, 2, 3, 4, 5].map((n) => usage((50 + 200 * n) * MiB));
  t.match(growthIn(rising), { invariant: 'frees-resources', clause: 'F5' });
  t.match(growthIn([0, 1, 2, 3, 4, 5].map((n) => usage(50 * MiB, 20 + 30 * n))), {
    detail: /descriptors grew from 20 to 170/,
  });
  t.match(growthIn([0, 1, 2, 3, 4, 5].map((n) => usage(50 * MiB, 20, 5 + 30 * n))), { detail: /threads/ });
});

t.test('frees-resources: growth that levels off, is freed or is small is no breach', async (t) => {
  t.equal(growthIn([]), undefined);
  t.equal(growthIn([0, 1, 2, 3].map((n) => usage(n * 500 * MiB))), undefined, 'too few samples');
  t.equal(growthIn([0, 1, 2, 3, 4, 4].map((n) => usage(n * 500 * MiB))), undefined, 'it levels off');
  t.equal(growthIn([0, 5, 4, 5, 6, 7].map((n) => usage((50 + n) * MiB))), undefined, 'it is small');
});

t.test('keeps-to-store: names that appear outside the folders of the store', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const store = join(folder, 'store');
  for (const side of ['received', 'submitted', 'results'])
    await mkdir(join(store, side), { recursive: true });
  await writeFile(join(folder, 'log'), '');
  const monitor = storeMonitor(store);
  await monitor.start();
  await writeFile(join(store, 'received', 'a.json'), '{}');
  t.equal(await monitor.check(), undefined);
  await writeFile(join(folder, 'escaped.json'), '{}');
  t.match(await monitor.check(), {
    invariant: 'keeps-to-store',
    clause: 'R5',
    detail: /\.\.\/escaped\.json/,
  });
  t.equal(await monitor.check(), undefined, 'reported once');
  await writeFile(join(store, 'x.tmp'), '');
  t.match(await monitor.check(), { detail: /x\.tmp/ });
});
