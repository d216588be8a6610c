import t from 'tap';
import { lowerShift, slopeOf } from './slope.ts';

const line = (count: number, y: (n: number) => number) =>
  Array.from({ length: count }, (_, n) => ({ x: 100 * n, y: y(n) }));

t.test('the slope of a line, and a bound that is below it', async (t) => {
  t.match(slopeOf(line(6, (n) => 7 + 50 * n)), { estimate: 0.5, lower: 0.5 });
  t.equal(slopeOf(line(4, (n) => n)), undefined, 'too few points');
  t.equal(slopeOf(Array.from({ length: 9 }, () => ({ x: 1, y: 2 }))), undefined, 'no two places');
  t.equal(slopeOf(line(500, (n) => n))?.estimate, 0.01, 'many points');
});

t.test('a few wrong points do not change the slope', async (t) => {
  const slope = slopeOf(line(30, (n) => (n % 10 === 3 ? 9000 : 100 * n)));
  t.ok(slope && Math.abs(slope.estimate - 1) < 0.1, `${slope?.estimate}`);
  t.ok(slope && slope.lower > 0.5, `${slope?.lower}`);
});

t.test('no bound above zero: what stays, what is freed, what levels off at once', async (t) => {
  const jitter = (n: number): number => ((n * 7919) % 13) - 6;
  for (const y of [() => 5, jitter, (n: number) => 1000 * (n % 7), (n: number) => (n === 0 ? 0 : 4000)])
    t.ok((slopeOf(line(40, y))?.lower ?? 0) <= 0, String(y));
});

t.test('the bound of a shift needs five of each, and tolerates a wrong one', async (t) => {
  const zeros = [0, 0, 0, 0, 0];
  t.equal(lowerShift([9, 9, 9, 9], [0, 0, 0, 0]), Number.NEGATIVE_INFINITY);
  t.equal(lowerShift([9, 8, 7, 9, 9], zeros), 7);
  t.ok(lowerShift([0, 1, -1, 0, 1], zeros) < 0);
  const more = Array.from({ length: 9 }, () => 9);
  t.equal(lowerShift([...more, -50], [...zeros, ...zeros]), 9);
});
