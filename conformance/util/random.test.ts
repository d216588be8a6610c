import fc from 'fast-check';
import t from 'tap';
import { seeded, shuffled } from './random.ts';
import { newTaskId } from './task-id.ts';

t.test('a seed reproduces the same numbers, from 0 to below 1', async () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [one, other] = [seeded(seed), seeded(seed)];
      return Array.from({ length: 50 }, one).every((value) => value === other() && value >= 0 && value < 1);
    }),
  );
});

t.test('shuffling keeps every item', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      const order = (values: readonly number[]) => [...values].sort((a, b) => a - b).join();
      return order(shuffled(items, seeded(seed))) === order(items);
    }),
  );
});

t.test('task ids have the documented form, and never repeat', async (t) => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
  t.match(newTaskId(), form);
  t.not(newTaskId(), newTaskId());
});
