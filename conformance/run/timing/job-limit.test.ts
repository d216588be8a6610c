import fc from 'fast-check';
import t from 'tap';
import { JobLimit } from './job-limit.ts';

const BOUNDS = { initial: 8, cap: 32 };
const LATENCY_MS = 100;

/** The limits that a run sees whose target takes `latencyOf(limit)` for each of 2000 answers. */
function limits(latencyOf: (limit: number) => number): number[] {
  const limit = new JobLimit(BOUNDS, LATENCY_MS);
  return Array.from({ length: 2000 }, () => {
    limit.observe(latencyOf(limit.now));
    return limit.now;
  });
}

t.test('a target that keeps up gets the cap', async (t) => {
  const seen = limits(() => LATENCY_MS);
  t.equal(seen.at(-1), BOUNDS.cap);
  t.equal(seen.findIndex((limit) => limit > 8) > 7, true, 'not by one answer');
});

t.test('a serial target is never kept at a limit at which it is overloaded', async (t) => {
  const seen = limits((limit) => LATENCY_MS * limit);
  t.ok(Math.max(...seen.slice(100)) <= 5, String(seen.slice(100)));
  t.ok(Math.min(...seen.slice(100)) >= 2, 'and is not served one by one, either');
});

t.test('a single slow answer halves the limit once, and it recovers', async (t) => {
  let count = 0;
  const seen = limits(() => (count++ === 3 ? 10_000 : LATENCY_MS));
  t.equal(Math.min(...seen), 4);
  t.equal(seen.at(-1), BOUNDS.cap);
});

t.test('the limit is from 1 to the cap, whatever the latencies are', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000)), fc.integer({ min: 1, max: 32 }), (latencies, initial) => {
      const limit = new JobLimit({ initial, cap: 32 }, LATENCY_MS);
      return latencies.every((latencyMs) => {
        limit.observe(latencyMs);
        return Number.isInteger(limit.now) && limit.now >= 1 && limit.now <= 32;
      });
    }),
  );
});

t.test('a limit of this machine lowers the most, too', async (t) => {
  const limit = new JobLimit({ initial: 8, cap: 32 }, 1);
  limit.lower();
  for (let answer = 0; answer < 100; answer += 1) limit.observe(1);
  t.equal(limit.now, 4);
});
