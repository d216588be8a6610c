/**
 * The store, a directory (docs/protocol.md §7):
 *
 *     received/<task_id>.json     tasks that others submitted here; a TaskFolder
 *     submitted/<task_id>.json    tasks that were submitted from here; a TaskFolder
 *     results/                    results of submitted tasks (R6); a Directory
 *     .locks/                     empty unless tasks are being changed; see locks.ts
 *
 * Store → TaskFolder (task ⇄ file, one change at a time) → Directory (atomic writes). Directories have mode 0700, files
 * 0600. Several processes of one machine may use a store at the same time. No reader ever sees a partial file. A change
 * survives a crash and a power failure once its promise has resolved.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSafeFilename, isSafeTaskId } from '../protocol/safe-name.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import { Directory, io } from './directory.ts';
import { Locks } from './locks.ts';
import { StoreError } from './store-error.ts';
import { TaskFolder } from './task-folder.ts';

/** Options of `Store.open`. */
export interface StoreOptions {
  /** Logs each unreadable file once. Default: silent. */
  readonly logger?: Logger;
  /** Milliseconds to wait for a task that another process is changing, before a StoreError 'locked'. Default 10 000. */
  readonly lockWaitMs?: number;
}

/** A store of tasks and results; `Store.open` creates it. It holds no open file and no timer, so it needs no close. */
export class Store {
  /** Tasks that others submitted here. */
  readonly received: TaskFolder;
  /** Tasks that were submitted from here. */
  readonly submitted: TaskFolder;
  /** Locks that every process on this store shares. */
  readonly locks: Locks;
  readonly #results: Directory;

  private constructor(received: TaskFolder, submitted: TaskFolder, results: Directory, locks: Locks) {
    this.received = received;
    this.submitted = submitted;
    this.#results = results;
    this.locks = locks;
  }

  /**
   * Opens the store in the directory `path`. Creates missing directories, and removes temporary files and locks of
   * processes that have ended. Unknown files stay. Throws a StoreError 'io'.
   */
  static async open(path: string, { logger = silentLogger, lockWaitMs }: StoreOptions = {}): Promise<Store> {
    await io(mkdir(path, { recursive: true, mode: 0o700 }));
    const locks = new Locks(join(path, '.locks'), lockWaitMs);
    const received = new Directory(join(path, 'received'));
    const submitted = new Directory(join(path, 'submitted'));
    const results = new Directory(join(path, 'results'));
    await Promise.all([locks, received, submitted, results].map((part) => part.open()));
    return new Store(
      new TaskFolder(received, locks, logger),
      new TaskFolder(submitted, locks, logger),
      results,
      locks,
    );
  }

  /**
   * Stores a result of a task as `<task_id>_<filename>` (R6). Never replaces a file of that name, because it may
   * belong to another task: `a` with `b_c.txt` and `a_b` with `c.txt` share a name (R5). Storing the same bytes again
   * succeeds and changes nothing. Throws a StoreError 'unsafe-id', 'unsafe-filename', 'result-exists' or 'io'.
   */
  async keepResult(taskId: string, filename: string, bytes: Uint8Array): Promise<void> {
    if (!isSafeTaskId(taskId)) throw new StoreError('unsafe-id', 'the task id is not a safe file name');
    if (!isSafeFilename(filename))
      throw new StoreError('unsafe-filename', 'the name of the result is not a safe file name');
    const name = `${taskId}_${filename}`;
    if (await this.#results.create(name, bytes)) return;
    if (!(await this.#holds(name, bytes))) {
      throw new StoreError('result-exists', 'a file of this name exists with other content');
    }
    // The process that wrote the file may have ended before its name was on the disk.
    await this.#results.sync();
  }

  async #holds(name: string, bytes: Uint8Array): Promise<boolean> {
    try {
      const stored = await this.#results.read(name, bytes.length);
      return stored !== undefined && Buffer.compare(stored.bytes, bytes) === 0;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unreadable') return false;
      throw error;
    }
  }
}
