/** Helpers for tests of the store: tasks, a clock that the test sets, and a snapshot of a directory. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, fromUnixMs, type Instant } from '../protocol/time.ts';
import { newTaskFile } from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';

export const START_MS = Date.UTC(2026, 0, 1);

/** A clock that only `advance` moves, forward or back. */
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

/** A NEW task, with other values for the given fields. */
export function newTask(taskId: string, fields: Partial<TaskFile> = {}): TaskFile {
  const given = { taskId, taskDescription: 'count to ten', from: 'a', to: 'b' };
  return { ...newTaskFile(given, fromUnixMs(START_MS)), ...fields };
}

/** Every file and directory under `path` with its mode, and for a file the hash of its content. */
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

/** The values that an iterable yields, in order. */
export async function collect<T>(generator: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of generator) all.push(item);
  return all;
}
