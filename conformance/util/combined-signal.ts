/**
 * One signal for several reasons to stop. `AbortSignal.any` and `AbortSignal.timeout` are not used: on Node.js 20 a
 * combination of them can be garbage-collected before it fires, and what waits for it then waits forever.
 */

export interface CombinedSignal {
  readonly signal: AbortSignal;
  /** Removes the timer and the listeners. The signal does not fire afterwards. */
  readonly release: () => void;
}

/** Fires with the first of `signals`, with its reason, or after `withinMs` milliseconds. Default: no limit of time. */
export function combinedSignal(
  signals: readonly (AbortSignal | undefined)[],
  withinMs?: number,
): CombinedSignal {
  const controller = new AbortController();
  const sources = signals.filter((signal) => signal !== undefined);
  const listeners = sources.map((source) => ({
    source,
    onAbort: () => controller.abort(source.reason),
  }));
  const timer = withinMs === undefined ? undefined : setTimeout(() => controller.abort(), withinMs);
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
