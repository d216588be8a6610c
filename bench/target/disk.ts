/**
 * What a disk gives to a program that does nothing but store small files: for each file of a batch write, fsync and rename,
 * and then one fsync of the folder for the batch. It is the baseline of a server with a store.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { median } from '../measure/statistics.ts';

const open = promisify(fs.open);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);
const close = promisify(fs.close);
const rename = promisify(fs.rename);

/** About as long as the file of the task that the load submits. */
const TASK_BYTES = Buffer.alloc(300, 'x');

export interface DiskRate {
  readonly filesPerSecond: number;
  /** Nanoseconds from the begin of a batch to its end: the median. */
  readonly batchNs: number;
}

/**
 * Stores batches of `files` new files in the existing folder for `seconds`. The calls of one batch run concurrently in the
 * threads of Node.js; a single file is stored by synchronous calls, which are faster then. Ends early when `signal` fires.
 */
export async function storeBatches(
  folder: string,
  files: number,
  { seconds, signal }: { readonly seconds: number; readonly signal?: AbortSignal | undefined },
): Promise<DiskRate> {
  const store = files === 1 ? storeFile : () => storeBatch(folder, files);
  const began = performance.now();
  const end = began + seconds * 1000;
  const times: number[] = [];
  let now = began;
  do {
    await store(folder);
    const then = now;
    now = performance.now();
    times.push(now - then);
  } while (now < end && !signal?.aborted);
  return { filesPerSecond: (times.length * files * 1000) / (now - began), batchNs: median(times) * 1e6 };
}

/** Stores a batch of `files` new files in the existing folder. Resolves when they are on the disk. */
export async function storeBatch(folder: string, files: number): Promise<void> {
  const one = async (): Promise<void> => {
    const path = newPath(folder);
    const file = await open(path, 'wx');
    await write(file, TASK_BYTES, 0, TASK_BYTES.length, null);
    await fsync(file);
    await close(file);
    await rename(path, `${path}.json`);
  };
  await Promise.all(Array.from({ length: files }, one));
  const directory = await open(folder, 'r');
  await fsync(directory);
  await close(directory);
}

function storeFile(folder: string): void {
  const path = newPath(folder);
  const file = fs.openSync(path, 'wx');
  fs.writeSync(file, TASK_BYTES);
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(path, `${path}.json`);
  const directory = fs.openSync(folder, 'r');
  fs.fsyncSync(directory);
  fs.closeSync(directory);
}

function newPath(folder: string): string {
  return join(folder, randomUUID());
}
