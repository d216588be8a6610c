/** What becomes of repeated measurements: medians, how far those may be off, and the exponent of a cost curve. */

/** Of at least one value; the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError('no values have no median');
  return middle;
}

/** Of a hundred values at least; null when there are fewer. */
export function percentile99(values: readonly number[]): number | null {
  if (values.length < 100) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? null;
}

/** Of normal values: their standard deviation by the median deviation, and the error of their median by that of the mean. */
const SIGMAS_PER_DEVIATION = 1.4826;
const ERROR_OF_MEDIAN = 1.2533;
/** Standard errors to each side that hold 99 % of a normal distribution. */
const SIGMAS_99 = 2.576;

/**
 * How far the median of many values may be off, as a share of it, with 99 % confidence. Outliers do not widen it: on a
 * machine that others use as well there always are some.
 */
export function marginOfMedian(values: readonly number[]): number {
  const middle = median(values);
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  const error = (SIGMAS_PER_DEVIATION * ERROR_OF_MEDIAN * deviation) / Math.sqrt(values.length);
  return middle === 0 ? 0 : (SIGMAS_99 * error) / middle;
}

/** Student's t for 99 % confidence, by degrees of freedom from 1 on; beyond, the last is a little more than needed. */
const STUDENT_99 = [63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055];

/**
 * How far the median of a handful of values may be off, as a share of it, with 99 % confidence. With so few, none can be
 * told to be an outlier, so each widens it; of a single one nothing is known.
 */
export function marginOfFew(values: readonly number[]): number {
  const middle = median(values);
  const freedom = values.length - 1;
  if (middle === 0 || freedom === 0) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom;
  const student = STUDENT_99[Math.min(freedom, STUDENT_99.length) - 1] ?? 0;
  return (student * ERROR_OF_MEDIAN * Math.sqrt(variance / values.length)) / middle;
}

/** Of a handful of repetitions: their median, and how far it may be off, as a share of it. */
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

/** How the `what` of the points, their second coordinate, grows with the first, in a sentence. */
export function describeGrowth<Point>(
  what: string,
  by: string,
  points: readonly Point[],
  coordinates: (point: Point) => readonly [number, number],
): string {
  const power = fittedExponent(points.map(coordinates));
  return `The ${what} grows with ${by} to the power of ${power.toFixed(2)}.`;
}
