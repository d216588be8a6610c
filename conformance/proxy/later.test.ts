import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Later } from './later.ts';

t.test('work is done in its order, after the turn that planned it', async (t) => {
  const later = new Later();
  const done: number[] = [];
  for (let count = 0; count < 10_000; count += 1) later.push(1, () => done.push(count));
  t.strictSame(done, [], 'nothing yet');
  while (done.length < 10_000) await turn();
  t.strictSame(
    done,
    done.toSorted((a, b) => a - b),
  );
});

t.test('long work lets sockets be served in between', async (t) => {
  const later = new Later();
  let done = 0;
  const busy = (): void => {
    const until = performance.now() + 3;
    while (performance.now() < until);
    done += 1;
  };
  for (let count = 0; count < 5; count += 1) later.push(1, busy);
  await turn();
  await turn();
  t.ok(done < 5, `${done} of 5`);
  later.flush();
  t.equal(done, 5, 'a flush does the rest at once');
});

t.test('beyond the bound, the oldest is done at once', async (t) => {
  const later = new Later(100);
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) later.push(40, () => done.push(name));
  t.strictSame(done, ['a']);
  later.push(1000, () => done.push('large'));
  t.strictSame(done, ['a', 'b', 'c', 'large']);
});
