import { readdir } from 'node:fs/promises';
import t from 'tap';
import { storeBatches } from './disk.ts';

for (const files of [1, 3])
  t.test(`a batch of ${files} is stored under new names`, async (t) => {
    const folder = t.testdir();
    const { filesPerSecond, batchNs } = await storeBatches(folder, files, { seconds: 0 });
    const names = await readdir(folder);
    t.equal(names.length, files);
    t.ok(names.every((name) => name.endsWith('.json')));
    t.ok(filesPerSecond > 0);
    t.ok(batchNs > 0);
  });
