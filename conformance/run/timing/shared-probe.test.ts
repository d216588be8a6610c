import t from 'tap';
import { SharedProbe } from './shared-probe.ts';

/** Probes that end when the test says so. */
function probes(apartMs: number) {
  const ends: ((value: number) => void)[] = [];
  const began: (() => void)[] = [];
  const shared = new SharedProbe<number>(
    () =>
      new Promise((resolve) => {
        ends.push(resolve);
        began.shift()?.();
      }),
    () => apartMs,
  );
  return { shared, ends, next: () => new Promise<void>((resolve) => began.push(resolve)) };
}

t.test('requests share a probe that has not begun', async (t) => {
  const { shared, ends, next } = probes(0);
  const begun = next();
  const requests = [shared.request(), shared.request()];
  await begun;
  t.equal(ends.length, 1);
  ends[0]?.(7);
  t.same(await Promise.all(requests), [7, 7]);
});

t.test('a request after the beginning of a probe gets another one', async (t) => {
  const { shared, ends, next } = probes(0);
  let begun = next();
  const first = shared.request();
  await begun;
  begun = next();
  const second = shared.request();
  await begun;
  t.equal(ends.length, 2);
  ends[0]?.(1);
  ends[1]?.(2);
  t.same(await Promise.all([first, second]), [1, 2]);
});

t.test('a failed probe fails its requests, and the next request gets another one', async (t) => {
  let count = 0;
  const shared = new SharedProbe(
    async () => {
      count += 1;
      if (count === 1) throw new Error('injected');
      return count;
    },
    () => 0,
  );
  await t.rejects(shared.request(), { message: 'injected' });
  t.equal(await shared.request(), 2);
});
