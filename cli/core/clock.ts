/** The system's clock for the reference, which has none of its own. */

import { type Clock, fromUnixMs } from '../../reference/index.ts';

/** The time of day, or with `scale` a clock that is right at `beginMs`, and runs that many times as fast. */
export function systemClock(scale = 1, beginMs = Date.now()): Clock {
  return () => fromUnixMs(beginMs + Math.round((Date.now() - beginMs) * scale));
}
