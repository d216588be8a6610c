/** Stores in temporary directories, a clock that stands still until it is told, and a look at everything on the disk. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, fromUnixMs, type Instant } from '../protocol/time.ts';
import { newTaskFile } from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';

export const START_MS = Date.UTC(2026, 0, 1);

/** Goes forward, and back, only when `advance` says so. */
export function manualClock(): { clock: Clock; advance(ms: number): Instant } {
  let nowMs = START_MS;
  return {
    clock: () => fromUnixMs(nowMs),
    advance(ms) {
      nowMs += ms;
      return fromUnixMs(nowMs);
    },
  };
}

/** A NEW task. */
export function newTask(taskId: string, fields: Partial<TaskFile> = {}): TaskFile {
  const given = { taskId, taskDescription: 'count to ten', from: 'a', to: 'b' };
  return { ...newTaskFile(given, fromUnixMs(START_MS)), ...fields };
}

/** Everything under `path`: for each file or directory its mode, and for a file what it holds. */
export async function snapshot(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(path, { recursive: true })).sort()) {
    const stats = await lstat(join(path, name));
    const mode = (stats.mode & 0o777).toString(8);
    found[name] = stats.isFile() ? `${mode} ${digest(await readFile(join(path, name)))}` : mode;
  }
  return found;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What `generator` yields, in order. */
export async function collect<T>(generator: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of generator) all.push(item);
  return all;
}
