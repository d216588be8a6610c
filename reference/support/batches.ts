/** Work on a stream of items, a few at a time: neither one after another, nor thousands of open files at once. */

const BATCH_SIZE = 16;

/** What `work` makes of each item, in their order. The first failure ends the stream. */
export async function* inBatches<T, U>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<U>,
): AsyncGenerator<U> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < BATCH_SIZE) continue;
    yield* await Promise.all(batch.map(work));
    batch = [];
  }
  yield* await Promise.all(batch.map(work));
}
