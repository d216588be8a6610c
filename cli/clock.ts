/** The system's clock for the reference, which has none of its own. */

import { type Clock, fromUnixMs } from '../reference/index.ts';

/** The time of day, or with `scale` a clock that begins there and runs that many times as fast. */
export function systemClock(scale = 1): Clock {
  const begin = Date.now();
  return () => fromUnixMs(begin + Math.round((Date.now() - begin) * scale));
}
