/** The one check on numbers that a caller configures, so that a limit that would not hold is refused at once. */

/** Node runs a timer with a longer delay after 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Throws a RangeError unless `value` is a whole number from `least` to 2^31 − 1 (24.8 days in milliseconds).
 * Infinity is refused: as the delay of a timer it would mean 1 ms.
 */
export function assertLimit(name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least || value > MAX_TIMER_MS) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${MAX_TIMER_MS}, not ${value}`);
  }
}
