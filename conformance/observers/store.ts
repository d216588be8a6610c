/**
 * The target's store as files: a snapshot of the folder that it lies in, so that a file that was written beside the
 * store shows as well as one inside. Deeper escapes, out of that folder, do not show.
 */

import { createHash, randomBytes } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { realpath, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { IdSlot } from '../bytes.ts';
import type { Planted } from '../scenario.ts';
import type { SeenFile, StoreObserver, StoreSnapshot } from './observer.ts';

/** Files that are looked at; a folder with more is no folder of a test. */
const MAX_FILES = 20_000;
/** Bytes of a file that are kept for comparison with what was sent. */
const SEEN_BYTES = 2 * 1024 * 1024;
/** How long a look is put off for others to share it. */
const SHARED_MS = 10;

/** The folder given as the store cannot be observed. `message` says why, on one line. */
export class ObserverError extends Error {
  override readonly name = 'ObserverError';
}

/** Observes the store in a directory. Throws an ObserverError when it is none. */
export async function openStoreObserver(tasksDir: string): Promise<StoreObserver> {
  const path = await realpath(tasksDir).catch(() => undefined);
  if (path === undefined) throw new ObserverError(`the store ${tasksDir} does not exist`);
  if (!(await stat(path)).isDirectory()) throw new ObserverError(`the store ${tasksDir} is no directory`);
  return new FolderObserver(path);
}

interface Known {
  readonly stamp: string;
  readonly file: SeenFile;
}

class FolderObserver implements StoreObserver {
  readonly #path: string;
  readonly #known = new Map<string, Known>();
  #next: Promise<StoreSnapshot> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get store(): string {
    return basename(this.#path);
  }

  /** Calls that come close together share one look. */
  snapshot(): Promise<StoreSnapshot> {
    this.#next ??= setTimeout(SHARED_MS).then(() => {
      this.#next = undefined;
      return this.#lookAtAll();
    });
    return this.#next;
  }

  async glance(paths: readonly string[]): Promise<StoreSnapshot> {
    const seen = paths.flatMap((path) => {
      const file = this.#see(join(dirname(this.#path), path));
      return file === undefined ? [] : [[path, file] as const];
    });
    return { store: this.store, files: new Map(seen) };
  }

  /** Looks at each file synchronously: a tenth of the time that a round through the thread pool takes, for thousands. */
  #lookAtAll(): StoreSnapshot {
    const root = dirname(this.#path);
    const files = new Map<string, SeenFile>();
    const folders = [root];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of entriesOf(folder)) {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          folders.push(path);
          continue;
        }
        const file = this.#see(path);
        if (file !== undefined) files.set(path.slice(root.length + 1), file);
        if (files.size > MAX_FILES) throw new ObserverError(`${root} holds over ${MAX_FILES} files`);
      }
    }
    return { store: this.store, files };
  }

  /** Undefined for what vanished meanwhile. A file that looks the same from outside is not read again. */
  #see(path: string): SeenFile | undefined {
    try {
      const stats = lstatSync(path);
      const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.file;
      const bytes = stats.isFile() ? readFileSync(path) : Buffer.alloc(0);
      const file: SeenFile = {
        sizeBytes: bytes.length,
        digest: createHash('sha256').update(bytes).digest('hex'),
        ...(bytes.length <= SEEN_BYTES && { bytes }),
        mode: stats.mode & 0o777,
      };
      this.#known.set(path, { stamp, file });
      return file;
    } catch {
      return undefined;
    }
  }

  async plant({ side, taskId, status }: Planted, idOf: (slot: IdSlot) => string): Promise<void> {
    const now = new Date().toISOString();
    const task = {
      task_id: idOf(taskId),
      task_description: 'planted by the kit',
      created_at: now,
      status,
      status_justification: 'A new task was created',
      from: '0:0000.0000.0001',
      to: '0:0000.0000.0002',
      ...(status === 'ACCEPTED' && { accepted_at: now }),
    };
    const folder = join(this.#path, side);
    const temporary = join(folder, `.${randomBytes(8).toString('hex')}`);
    await writeFile(temporary, JSON.stringify(task, null, 2), { mode: 0o600 });
    await rename(temporary, join(folder, `${task.task_id}.json`));
  }
}

/** Nothing for a folder that vanished meanwhile. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
