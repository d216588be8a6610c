/**
 * A line through measurements that a few wrong ones do not change: the estimate of Theil and Sen, which is the median of the
 * slopes between all pairs, with Sen's confidence bound. Pure.
 */

/** A measurement. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Units of y for each unit of x. */
export interface Slope {
  readonly estimate: number;
  /** The true slope is above it with a confidence of 99 %. */
  readonly lower: number;
}

/** Of the normal distribution, for 99 % on one side. */
const Z = 2.326;
/** More points are thinned: their pairs would be too many. */
const MOST_POINTS = 120;
/** With fewer points, no order of them is rare enough. */
const FEWEST_POINTS = 5;

/** The slope of a line through the points. Undefined for fewer than five points, or fewer than five different x. */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const stride = Math.ceil(points.length / MOST_POINTS);
  // Counted from the end, so that the latest point is one of them.
  const used = points.filter((_, at) => (points.length - 1 - at) % stride === 0);
  const count = used.length;
  if (new Set(used.map(({ x }) => x)).size < FEWEST_POINTS) return undefined;
  const slopes = used
    .flatMap((one, at) =>
      used
        .slice(at + 1)
        .filter(({ x }) => x !== one.x)
        .map((other) => (other.y - one.y) / (other.x - one.x)),
    )
    .sort((a, b) => a - b);
  const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const lowest = Math.max(0, Math.floor((slopes.length - spread) / 2));
  return { estimate: medianOf(slopes), lower: slopes[lowest] ?? 0 };
}

/** The median of sorted numbers; 0 without any. */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/**
 * By how much more `mine` are than `others`, at least, with a confidence of 99 %: the bound of Hodges and Lehmann, from the
 * ranks of both. Negative infinity for fewer than five of each.
 */
export function lowerShift(mine: readonly number[], others: readonly number[]): number {
  const [m, n] = [mine.length, others.length];
  const differences = mine.flatMap((one) => others.map((other) => one - other)).sort((a, b) => a - b);
  const rank = Math.floor((m * n) / 2 - Z * Math.sqrt((m * n * (m + n + 1)) / 12));
  return (m < FEWEST_POINTS || n < FEWEST_POINTS ? undefined : differences[rank]) ?? Number.NEGATIVE_INFINITY;
}
