/** Statistics of repeated measurements: medians, their margins, and the exponent of a cost curve. */

/** Of an even number of values, the upper of the two in the middle. Throws a RangeError without values. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError('there is no median without values');
  return middle;
}

/** The 99th percentile; null for fewer than 100 values. */
export function percentile99(values: readonly number[]): number | null {
  if (values.length < 100) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? null;
}

/** For a normal distribution: standard deviation / median deviation, and standard error of the median / that of the mean. */
const SIGMAS_PER_DEVIATION = 1.4826;
const ERROR_OF_MEDIAN = 1.2533;
/** The standard errors on each side of the mean that include 99 % of a normal distribution. */
const SIGMAS_99 = 2.576;

/**
 * How far the median of many values may be off, as a share of it, with 99 % confidence. Outliers do not widen the margin,
 * because a machine that runs other programs always gives some.
 */
export function marginOfMedian(values: readonly number[]): number {
  const middle = median(values);
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  const error = (SIGMAS_PER_DEVIATION * ERROR_OF_MEDIAN * deviation) / Math.sqrt(values.length);
  return middle === 0 ? 0 : (SIGMAS_99 * error) / middle;
}

/** Student's t for 99 % confidence, by degrees of freedom from 1. */
const STUDENT_99 = [63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169];

/**
 * How far the median of a few values may be off, as a share of it, with 99 % confidence. Up to 11 values cannot show which
 * of them is an outlier, so each outlier widens the margin. More values are ranked (see `marginByRank`). The margin of a
 * single value is unknown, and given as 0.
 */
export function marginOfFew(values: readonly number[]): number {
  const middle = median(values);
  const freedom = values.length - 1;
  if (middle === 0 || freedom === 0) return 0;
  const student = STUDENT_99[freedom - 1];
  if (student === undefined) return marginByRank(values, middle);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom;
  return (student * ERROR_OF_MEDIAN * Math.sqrt(variance / values.length)) / middle;
}

/** What a 99 % interval leaves out on each side. */
const ONE_SIDE = 0.005;

/**
 * The margin by the ranks of the values, which holds for any distribution. The true median is outside of two ranks only if
 * nearly all values are on one side of it, and each value is on either side with probability 1/2. So the highest and the
 * lowest values can be left out as long as that probability stays under `ONE_SIDE`. The wider side gives the margin.
 */
function marginByRank(values: readonly number[], middle: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  let leftOut = 0;
  let probability = 0.5 ** sorted.length;
  // `next` is the binomial probability that one more value is on that side.
  for (let next = probability * sorted.length; probability + next <= ONE_SIDE; ) {
    probability += next;
    leftOut += 1;
    next *= (sorted.length - leftOut) / (leftOut + 1);
  }
  const low = sorted[leftOut] ?? middle;
  const high = sorted[sorted.length - 1 - leftOut] ?? middle;
  return Math.max(high - middle, middle - low) / middle;
}

/** Of a few repetitions: their median, and how far it may be off, as a share of it. */
export function medianWithMargin(values: readonly number[]): {
  readonly value: number;
  readonly margin: number;
} {
  return { value: median(values), margin: marginOfFew(values) };
}

/** The exponent b of the curve y = a·x^b that fits the points best, by least squares on the logarithms. */
export function fittedExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}

/** A sentence: how `what`, the second coordinate of the points, grows with `by`, the first one. */
export function describeGrowth<Point>(
  what: string,
  by: string,
  points: readonly Point[],
  coordinates: (point: Point) => readonly [number, number],
): string {
  const power = fittedExponent(points.map(coordinates));
  return `The ${what} grows with ${by} to the power of ${power.toFixed(2)}.`;
}
