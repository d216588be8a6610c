/** The full cross product: names of servers → threads that play a row each → rows. */

import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { sideBySide } from './kill-check.ts';
import type { Row } from './row.ts';

/** Servers wait for much of their time. */
const THREADS = 3 * availableParallelism();

/** Plays every server with every scenario. Tells the name of each when it is through. */
export async function playMatrix(
  names: readonly string[],
  folder: string,
  tell: (name: string) => void,
): Promise<ReadonlyMap<string, Row>> {
  const threads = Array.from(
    { length: THREADS },
    () => new Worker(new URL('row.js', import.meta.url), { workerData: folder }),
  );
  const idle = [...threads];
  try {
    const rows = await sideBySide(names, threads.length, async (name): Promise<[string, Row]> => {
      const thread = idle.pop();
      if (thread === undefined) throw new Error('more lanes than threads');
      thread.postMessage(name);
      const [row] = (await once(thread, 'message')) as [Row];
      idle.push(thread);
      tell(name);
      return [name, row];
    });
    return new Map(rows);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
