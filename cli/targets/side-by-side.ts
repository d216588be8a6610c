/** Work on many items side by side: bounded in total, and for the items of one group. */

export interface Bounds {
  /** Items at a time. At least 1. */
  readonly total: number;
  /** Items of one group at a time. At least 1. */
  readonly perGroup: number;
}

/**
 * Calls `work` for each item: in the order of the items within a group, and one of each group in turn. After the signal has fired, no more items are begun.
 * Resolves when all that was begun has ended. Rejects with the first error of `work`, after which none is begun, either.
 */
export async function sideBySide<T>(
  items: readonly T[],
  groupOf: (item: T) => string,
  { total, perGroup }: Bounds,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const active = new Map<string, number>();
  const activeIn = (group: string): number => active.get(group) ?? 0;
  const waiting = new Map<string, T[]>();
  for (const item of items) {
    const group = groupOf(item);
    const queue = waiting.get(group);
    if (queue === undefined) waiting.set(group, [item]);
    else queue.push(item);
  }
  let failure: { readonly error: unknown } | undefined;
  const running = new Set<Promise<void>>();
  const begin = (group: string, item: T): void => {
    active.set(group, activeIn(group) + 1);
    const done = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        active.set(group, activeIn(group) - 1);
        running.delete(done);
      });
    running.add(done);
  };
  const beginAll = (): void => {
    // One of each group in turn, so that the hosts are loaded alike.
    for (let isAny = true; isAny; ) {
      isAny = false;
      for (const [group, queue] of waiting) {
        if (running.size >= total || signal.aborted || failure !== undefined) return;
        if (activeIn(group) >= perGroup) continue;
        const item = queue.shift();
        if (queue.length === 0) waiting.delete(group);
        if (item === undefined) continue;
        begin(group, item);
        isAny = true;
      }
    }
  };
  for (beginAll(); running.size > 0; beginAll()) await Promise.race(running);
  if (failure !== undefined) throw failure.error;
}
