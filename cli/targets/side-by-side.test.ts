import t from 'tap';
import { sideBySide } from './side-by-side.ts';

const NEVER = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('all items are worked on once, within both bounds', async (t) => {
  const items = Array.from({ length: 60 }, (_, index) => `${'abc'[index % 3]}${index}`);
  const active = new Map<string, number>();
  let [total, most, mostOfOne] = [0, 0, 0];
  const done: string[] = [];
  await sideBySide(
    items,
    (item) => item.charAt(0),
    { total: 5, perGroup: 2 },
    NEVER,
    async (item) => {
      const group = item.charAt(0);
      active.set(group, (active.get(group) ?? 0) + 1);
      total += 1;
      most = Math.max(most, total);
      mostOfOne = Math.max(mostOfOne, ...active.values());
      for (let turns = 0; turns <= item.length; turns += 1) await turn();
      active.set(group, (active.get(group) ?? 0) - 1);
      total -= 1;
      done.push(item);
    },
  );
  t.strictSame(done.toSorted(), items.toSorted());
  t.equal(most, 5);
  t.equal(mostOfOne, 2);
});

t.test('a full group does not keep the others waiting', async (t) => {
  const begun: string[] = [];
  let free = (): void => {};
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const all = sideBySide(
    ['a1', 'a2', 'b1'],
    (item) => item.charAt(0),
    { total: 2, perGroup: 1 },
    NEVER,
    async (item) => {
      begun.push(item);
      if (item === 'a1') await held;
      if (item === 'b1') free();
    },
  );
  await all;
  t.strictSame(begun, ['a1', 'b1', 'a2']);
});

t.test('after a signal, or an error, nothing is begun; what runs is awaited', async (t) => {
  const stop = new AbortController();
  let ended = 0;
  await sideBySide(
    [1, 2, 3, 4],
    () => '',
    { total: 2, perGroup: 2 },
    stop.signal,
    async () => {
      stop.abort();
      await turn();
      ended += 1;
    },
  );
  t.equal(ended, 1, 'the signal came before the second one');
  const begun: number[] = [];
  const failing = sideBySide(
    [1, 2, 3],
    () => '',
    { total: 1, perGroup: 1 },
    NEVER,
    async (item) => {
      begun.push(item);
      throw new Error('no');
    },
  );
  await t.rejects(failing, { message: 'no' });
  t.strictSame(begun, [1]);
});
