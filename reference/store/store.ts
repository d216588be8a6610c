/**
 * The store, a directory (docs/protocol.md §7):
 *
 *     received/<task_id>.json     tasks that others submitted here
 *     submitted/<task_id>.json    tasks that were submitted from here
 *     results/                    what came back (R6)
 *     .locks/                     empty but while tasks change; see locks.ts
 *
 * Directories are 0700, files 0600. Several processes of one machine may work on a store at a time. No file is ever half
 * written, and what a resolved promise said is on the disk survives a crash and a power failure.
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
  /** Hears of unreadable files, once for each. Default: silent. */
  readonly logger?: Logger;
  /** Milliseconds to wait for a task that another process is changing. Default 10 000. */
  readonly lockWaitMs?: number;
}

/** Comes from `Store.open`. It holds no open file and no timer, so there is nothing to close. */
export class Store {
  readonly received: TaskFolder;
  readonly submitted: TaskFolder;
  readonly locks: Locks;
  readonly #results: Directory;

  private constructor(received: TaskFolder, submitted: TaskFolder, results: Directory, locks: Locks) {
    this.received = received;
    this.submitted = submitted;
    this.#results = results;
    this.locks = locks;
  }

  /**
   * Makes what is missing of the directory, and removes temporary files and locks of processes that died. Files that it
   * does not know stay. Throws a StoreError 'io'.
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
   * Keeps what came back for a task as `<task_id>_<filename>`. A file of that name is never replaced, because it may be
   * another task's: `a` with `b_c.txt` and `a_b` with `c.txt` share one (R5). The same bytes once more are no change.
   * Throws a StoreError 'unsafe-id', 'unsafe-filename', 'result-exists' or 'io'.
   */
  async keepResult(taskId: string, filename: string, bytes: Uint8Array): Promise<void> {
    if (!isSafeTaskId(taskId)) throw new StoreError('unsafe-id', 'the task id is no safe file name');
    if (!isSafeFilename(filename)) throw new StoreError('unsafe-filename', 'not a safe file name');
    const name = `${taskId}_${filename}`;
    if (await this.#results.create(name, bytes)) return;
    if (!(await this.#holds(name, bytes))) {
      throw new StoreError('result-exists', 'the name of the result is taken');
    }
    // Whoever wrote the bytes may have died before their name was safe.
    await this.#results.sync();
  }

  async #holds(name: string, bytes: Uint8Array): Promise<boolean> {
    try {
      const there = await this.#results.read(name, bytes.length);
      return there !== undefined && Buffer.compare(there.bytes, bytes) === 0;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unreadable') return false;
      throw error;
    }
  }
}
