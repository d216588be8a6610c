import fc from 'fast-check';
import t from 'tap';
import { fittedExponent, marginOfFew, marginOfMedian, median, percentile99 } from './statistics.ts';

t.test('statistics of repeated measurements', (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.throws(() => median([]), RangeError);
  t.equal(marginOfMedian([5, 5, 5]), 0);
  t.equal(marginOfMedian([10, 10, 10, 1000]), 0, 'an outlier does not count');
  t.ok(marginOfMedian([8, 9, 10, 11, 12]) > 0.1);
  t.equal(marginOfFew([5]), 0);
  t.ok(
    Math.abs(marginOfFew([9, 10, 11]) - ((1.2533 * 9.925) / Math.sqrt(3)) * 0.1) < 1e-9,
    'as the tables have it',
  );
  t.equal(
    marginOfFew([...Array(11).fill(10), 1000]),
    0,
    'twelve values do without the highest and the lowest',
  );
  t.equal(marginOfFew([...Array(10).fill(10), 1000, 1000]), 99, 'but not without two of one side');
  t.equal(marginOfFew([...Array(13).fill(10), 1000, 1000]), 0, 'fifteen values do');
  t.equal(percentile99(Array.from({ length: 200 }, (_, index) => 200 - index)), 198);
  t.equal(percentile99([1, 2, 3]), null);
  t.ok(marginOfFew([10, 10, 10, 1000]) > 1, 'an outlier counts');
  fc.assert(
    fc.property(
      fc.double({ min: -2, max: 3, noNaN: true }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (exponent, factor) => {
        const points = [1, 10, 100].map((x) => [x, factor * x ** exponent] as const);
        return Math.abs(fittedExponent(points) - exponent) < 1e-9;
      },
    ),
  );
  t.end();
});
