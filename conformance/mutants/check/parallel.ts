/** Concurrent work: in this thread, and in worker threads. */

import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';

/**
 * Calls `work` for every item, at most `limit` of them at a time. The results are in the order of the items.
 * If a call rejects, the promise rejects with the same error.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

export interface Threads<T, R> {
  /** The file whose `workHere` handles the items. */
  readonly program: string;
  readonly count: number;
  /** For every call of `workHere`. */
  readonly data: unknown;
  /** Called when an item is done. */
  readonly onResult: (item: T, result: R) => void;
}

/** Sends every item to a worker thread. The results are in the order of the items. */
export async function mapInThreads<T, R>(
  items: readonly T[],
  { program, count, data, onResult }: Threads<T, R>,
): Promise<R[]> {
  const threads = Array.from({ length: count }, () => new Worker(program, { workerData: { program, data } }));
  const idle = [...threads];
  try {
    return await mapConcurrently(items, count, async (item) => {
      const thread = idle.pop();
      if (thread === undefined) throw new Error('more items at a time than threads');
      thread.postMessage(item);
      const [result] = (await once(thread, 'message')) as [R];
      idle.push(thread);
      onResult(item, result);
      return result;
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** The other side of `mapInThreads`: has no effect unless this thread was started for `program`. */
export function workHere<T, D, R>(program: string, work: (item: T, data: D) => Promise<R>): void {
  if (workerData?.program !== program) return;
  parentPort?.on('message', async (item: T) => parentPort?.postMessage(await work(item, workerData.data)));
}
