import fc from 'fast-check';
import t from 'tap';
import { lengths } from './pools.ts';

/** How often each length is drawn. The seed is fixed, so the result is always the same. */
function countLengths(max: number, draws: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const length of fc.sample(lengths(max), { numRuns: draws, seed: 1 }))
    counts.set(length, (counts.get(length) ?? 0) + 1);
  return counts;
}

t.test('every length up to 512 is drawn, and none above the bound', async (t) => {
  const counts = countLengths(20_000, 60_000);
  for (let length = 0; length <= 512; length += 1) t.ok(counts.has(length), String(length));
  t.ok(Math.max(...counts.keys()) <= 20_000);
  t.strictSame([...countLengths(1, 100).keys()].toSorted(), [0, 1]);
});

t.test(
  'lengths near powers of two, round numbers and bounds of the protocol are drawn more often than others',
  async (t) => {
    const counts = countLengths(20_000, 60_000);
    const times = (length: number): number => counts.get(length) ?? 0;
    for (const length of [1023, 1025, 4095, 4097, 899, 900, 901, 7000, 20_000, 16_383, 16_385])
      t.ok(times(length) > 20, `${length}: ${times(length)}`);
    t.ok(times(5431) < 10);
  },
);
