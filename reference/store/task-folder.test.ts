import t from 'tap';
import { collect } from '../testing/store.ts';
import { inBatches } from './task-folder.ts';

t.test('inBatches yields the results in order, and works on at most 16 items at a time', async (t) => {
  for (const count of [0, 1, 16, 17, 100]) {
    let running = 0;
    let most = 0;
    const items = Array.from({ length: count }, (_, i) => i);
    const results = inBatches(items, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return 2 * item;
    });
    t.strictSame(
      await collect(results),
      items.map((item) => 2 * item),
    );
    t.equal(most, Math.min(count, 16));
  }
});

t.test('a failure ends the iteration', async (t) => {
  const failure = new Error('no');
  await t.rejects(collect(inBatches([1, 2, 3], () => Promise.reject(failure))), failure);
});
