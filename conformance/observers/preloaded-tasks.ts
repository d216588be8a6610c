/**
 * The tasks that the kit puts into a store, and takes out again: exactly the files that it wrote, and the folders that it created, if
 * they are empty. What the target made of a task elsewhere in its store stays.
 */

import { randomBytes } from 'node:crypto';
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { IdSlot } from '../scenario/bytes.ts';
import type { PreloadedTask } from '../scenario/scenario.ts';
import { makeFolder } from '../util/folders.ts';
import { printablePath } from '../util/printable.ts';
import { ObserverError } from './observer-error.ts';

export class PreloadedTasks {
  readonly #store: string;
  readonly #now: () => Date;
  readonly #files = new Set<string>();
  /** The outermost first. */
  readonly #folders = new Set<string>();

  /** `store`: the path of the store. `now` dates the tasks. */
  constructor(store: string, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /** Throws an ObserverError 'store-unwritable'. */
  async write(task: PreloadedTask, idOf: (slot: IdSlot) => string): Promise<void> {
    const id = `${idOf(task.taskId)}${task.idSuffix ?? ''}`;
    const folder = join(this.#store, task.side);
    const temporary = join(this.#store, `.${randomBytes(8).toString('hex')}`);
    const file = join(folder, `${id}.json`);
    try {
      if (makeFolder(folder, 0o700)) this.#folders.add(folder);
      await writeFile(temporary, taskFile(id, task, this.#now()), { flag: 'wx', mode: 0o600 });
      this.#files.add(file);
      await rename(temporary, file);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw new ObserverError('store-unwritable', `the kit cannot write a task to ${printablePath(folder)}`, {
        cause,
      });
    }
  }

  /**
   * Removes what was written. Returns the paths that could not be removed. Follows no link: a folder that was replaced by a link, and
   * all in it, is left.
   */
  remove(): readonly string[] {
    const left: string[] = [];
    for (const file of this.#files) {
      if (isA('folder', dirname(file)) && isA('file', file) && !attempt(() => unlinkSync(file)))
        left.push(file);
    }
    for (const folder of this.#folders) if (isA('folder', folder)) attempt(() => rmdirSync(folder));
    this.#files.clear();
    this.#folders.clear();
    return left;
  }
}

function isA(what: 'file' | 'folder', path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return (what === 'file' ? stats?.isFile() : stats?.isDirectory()) ?? false;
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

/** A task file as the target itself writes it (M13). */
function taskFile(id: string, { status, stagedMsAgo }: PreloadedTask, now: Date): string {
  // Without zeros at the end of the fraction, so that a target that writes the file again does not change the time.
  const at = new Date(now.getTime() - (stagedMsAgo ?? 0)).toISOString().replace(/\.?0+Z$/, 'Z');
  const task = {
    task_id: id,
    task_description: 'Preloaded by the conformance kit',
    created_at: at,
    status,
    status_justification: 'A new task was created',
    from: '0:0000.0000.0001',
    to: '0:0000.0000.0002',
    ...(status !== 'NEW' && { accepted_at: at }),
    ...(stagedMsAgo !== undefined && { staged_at: at }),
  };
  return JSON.stringify(task, null, 2);
}
