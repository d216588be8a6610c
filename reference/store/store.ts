/**
 * The store, a directory (docs/protocol.md §7):
 *
 *     received/<task_id>.json     tasks that others submitted here; a TaskFolder
 *     submitted/<task_id>.json    tasks that were submitted from here; a TaskFolder
 *     results/                    results of submitted tasks (R6); a ResultFolder
 *     late/                       results that came too late for their tasks; the same ResultFolder
 *     .locks/                     empty unless tasks are being changed; see locks.ts
 *
 * Store → TaskFolder (task ⇄ file, one change at a time) → Directory (atomic writes). Directories have mode 0700, files
 * 0600. Several processes of one machine may use a store at the same time. No reader ever sees a partial file. A change
 * survives a crash and a power failure once its promise has resolved.
 *
 * Node.js syncs at most four files at a time, in its threads. `UV_THREADPOOL_SIZE=64` in the environment permits more, which can
 * help a program that stores many tasks at the same time. It has to be there when the process starts.
 */
import { join } from 'node:path';
import { type Logger, silentLogger } from '../support/logger.ts';
import { Directory, makeDirectory } from './directory.ts';
import { Locks } from './locks.ts';
import { ResultFolder } from './result-folder.ts';
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
  readonly #results: ResultFolder;

  private constructor(received: TaskFolder, submitted: TaskFolder, results: ResultFolder, locks: Locks) {
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
    await makeDirectory(path);
    const locks = new Locks(join(path, '.locks'), lockWaitMs);
    const received = new Directory(path, 'received', locks);
    const submitted = new Directory(path, 'submitted', locks);
    const results = new Directory(path, 'results', locks);
    const late = new Directory(path, 'late', locks);
    await Promise.all([locks, received, submitted, results, late].map((part) => part.open()));
    return new Store(
      new TaskFolder(received, locks, logger),
      new TaskFolder(submitted, locks, logger),
      new ResultFolder(results, late),
      locks,
    );
  }

  /** Stores the result of a submitted task; `ResultFolder.keep` says how. */
  async keepResult(taskId: string, filename: string, bytes: Uint8Array): Promise<void> {
    await this.#results.keep(taskId, filename, bytes);
  }

  /** Stores a result that its task does not take; `ResultFolder.keepLate` says how. */
  async keepLateResult(taskId: string, filename: string, bytes: Uint8Array): Promise<string | undefined> {
    return await this.#results.keepLate(taskId, filename, bytes);
  }
}
