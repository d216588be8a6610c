/** The check of every limit that a caller configures: a limit that cannot hold is refused at once. */

/** A timer of Node with a longer delay fires after 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Throws a RangeError unless `value` is a whole number from `min` to 2^31 − 1, both inclusive (24.8 days in
 * milliseconds). Infinity is refused, because a timer with that delay fires after 1 ms.
 */
export function assertLimit(name: string, value: number, min = 1): void {
  if (!Number.isInteger(value) || value < min || value > MAX_TIMER_MS) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${MAX_TIMER_MS}, not ${value}`);
  }
}
