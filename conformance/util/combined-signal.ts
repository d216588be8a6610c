/**
 * One signal for several reasons to stop. `AbortSignal.any` and `AbortSignal.timeout` are not used: on Node.js 20 a
 * combination of them can be garbage-collected before it fires, and what waits for it then waits forever.
 */

import { setMaxListeners } from 'node:events';

/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface CombinedSignal {
  readonly signal: AbortSignal;
  /** Removes the timer and the listeners. The signal does not fire afterwards. */
  readonly release: () => void;
}

/**
 * Fires with the first of `signals`, with its reason, or after `withinMs` milliseconds. Default, and from 2^31 on: no limit of time. Any
 * number of listeners may listen to it, while each of `signals` gets one.
 */
export function combinedSignal(
  signals: readonly (AbortSignal | undefined)[],
  withinMs?: number,
): CombinedSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const sources = signals.filter((signal) => signal !== undefined);
  const listeners = sources.map((source) => ({
    source,
    onAbort: () => controller.abort(source.reason),
  }));
  const timer =
    withinMs === undefined || withinMs > LONGEST_TIMER_MS
      ? undefined
      : setTimeout(() => controller.abort(), withinMs);
  for (const { source, onAbort } of listeners) {
    source.addEventListener('abort', onAbort);
    if (source.aborted) onAbort();
  }
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      for (const { source, onAbort } of listeners) source.removeEventListener('abort', onAbort);
    },
  };
}

/** The value of the promise. Rejects with the reason of the signal if that fires first; the promise is not awaited then. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
