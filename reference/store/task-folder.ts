/**
 * The tasks of one side on disk, each in a file of its own: `<task_id>.json` ⇄ TaskFile. A task is created once and
 * then changed under its lock, so a change always applies to the latest state.
 *
 * Only the files count; memory holds a cache. A status only moves forward (L1). So a task that was once past a status
 * is never in that status again, and a task in another status need not be read again while its file is the same. A file
 * that was removed is forgotten at the next listing, because another task may then have its id.
 */

import type { TaskStatus } from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { isSafeTaskId } from '../protocol/safe-name.ts';
import type { Logger } from '../support/logger.ts';
import { canTransition, isTaskStatus } from '../task/state-machine.ts';
import { marshalTaskFile, type TaskFile, unmarshalTaskFile } from '../task/task-file.ts';
import type { Directory } from './directory.ts';
import type { Locks } from './locks.ts';
import { StoreError } from './store-error.ts';

/** A file of the directory. */
export type StoreEntry =
  | { readonly kind: 'task'; readonly task: TaskFile }
  /** The file is damaged, or is not a task. The store never changes it. `name` is its file name. */
  | { readonly kind: 'unreadable'; readonly name: string; readonly error: StoreError };

/** Options of `TaskFolder.inStatus`. */
export interface InStatusOptions {
  /** Ids of tasks that are not read. Default: none. */
  readonly except?: { has(taskId: string): boolean } | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SUFFIX = '.json';
/**
 * Twice the size of the largest task: its texts are bounded, and JSON needs at most six bytes for one of their bytes.
 */
const MAX_TASK_FILE_BYTES = 16 * 1024 * 1024;

/** The most files that are open at a time while a directory is read. */
const BATCH_SIZE = 16;

/** The tasks of one side. `Store` has one for received and one for submitted tasks. */
export class TaskFolder {
  readonly #directory: Directory;
  readonly #locks: Locks;
  readonly #logger: Logger;
  /** By file name, what the file held when it was last read. */
  readonly #seen = new Map<string, { readonly status: TaskStatus; readonly version: string }>();
  /** The names of unreadable files that were logged. */
  readonly #reported = new Set<string>();

  constructor(directory: Directory, locks: Locks, logger: Logger) {
    this.#directory = directory;
    this.#locks = locks;
    this.#logger = logger;
  }

  /**
   * Stores a new task. Resolves when it is on the disk. Throws a StoreError 'unsafe-id', 'task-exists' or 'io'; the
   * store is then unchanged.
   */
  async create(task: TaskFile): Promise<void> {
    const name = fileName(task.taskId);
    if (!(await this.#directory.create(name, marshalTaskFile(task)))) {
      throw new StoreError('task-exists', 'a task with this id exists');
    }
    this.#forget(name);
  }

  /** Reads a task. Throws a StoreError 'unsafe-id', 'unknown-task', 'unreadable' or 'io'. */
  async read(taskId: string): Promise<TaskFile> {
    const name = fileName(taskId);
    try {
      const content = await this.#directory.read(name, MAX_TASK_FILE_BYTES);
      if (content === undefined) throw new StoreError('unknown-task', 'no task has this id');
      const task = taskIn(content.bytes, taskId);
      this.#seen.set(name, { status: task.status, version: content.version });
      return task;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unreadable') this.#report(name, error);
      throw error;
    }
  }

  /**
   * Replaces a task by the result of `change`. Resolves to the result when it is on the disk. If `change` returns the
   * given object, nothing is written. If it throws, the task is unchanged and `update` throws the same error. Also
   * throws a StoreError as `read` does, or 'locked'; after 'io' the task may be changed. Changes of one task run one
   * after another, also of other processes.
   */
  async update(taskId: string, change: (task: TaskFile) => TaskFile | Promise<TaskFile>): Promise<TaskFile> {
    const name = fileName(taskId);
    return await this.#locks.run(this.#directory.lockKey(name), async () => {
      const before = await this.read(taskId);
      const after = await change(before);
      if (after !== before) await this.#directory.replace(name, marshalTaskFile(after));
      return after;
    });
  }

  /**
   * Changes a task if `isDue` holds for it under its lock. Resolves to the changed task; undefined when it is not
   * due. A task that cannot be read or changed is logged and gives undefined, so that a sweep goes on with the
   * others.
   */
  async changeIfDue(
    taskId: string,
    isDue: (task: TaskFile) => boolean,
    change: (task: TaskFile) => TaskFile,
  ): Promise<TaskFile | undefined> {
    let due = false;
    try {
      const task = await this.update(taskId, (latest) => {
        due = isDue(latest);
        return due ? change(latest) : latest;
      });
      return due ? task : undefined;
    } catch (err) {
      if (!(err instanceof StoreError)) throw err;
      if (err.code !== 'unknown-task') this.#logger.warn({ taskId, err }, 'task could not be swept');
      return undefined;
    }
  }

  /**
   * Changes every task that is in a status and for which `isDue` holds. Resolves to the changed tasks. After `signal` has
   * fired, it changes no more tasks.
   */
  async sweep(
    status: TaskStatus,
    isDue: (task: TaskFile) => boolean,
    change: (task: TaskFile) => TaskFile,
    signal?: AbortSignal,
  ): Promise<TaskFile[]> {
    const changes = inBatches(this.inStatus(status, { signal }), async (task) =>
      isDue(task) ? await this.changeIfDue(task.taskId, isDue, change) : undefined,
    );
    const changed: TaskFile[] = [];
    for await (const task of changes) if (task !== undefined) changed.push(task);
    return changed;
  }

  /** Yields every file of the directory, in no order. Throws a StoreError 'io'. */
  async *list(): AsyncGenerator<StoreEntry> {
    for await (const entry of inBatches(await this.#names(), (name) => this.#entry(name))) {
      if (entry !== undefined) yield entry;
    }
  }

  /**
   * Yields every task that is in a status, except those whose ids are in `except`, in no order. Ends early when `signal`
   * fires. Throws a StoreError 'io'.
   */
  async *inStatus(status: TaskStatus, { except, signal }: InStatusOptions = {}): AsyncGenerator<TaskFile> {
    const names = (await this.#names()).filter((name) => {
      const seen = this.#seen.get(name)?.status ?? status;
      // A task that the stall timeout has expired may go on as an ACCEPTED one.
      const from = seen === 'EXPIRED' ? 'ACCEPTED' : seen;
      const isPast = seen !== status && !canTransition(from, status, 'submitter');
      return !isPast && !except?.has(taskIdOf(name));
    });
    const entries = inBatches(names, async (name) => {
      const seen = this.#seen.get(name);
      const isOther = seen !== undefined && seen.status !== status;
      const skip = isOther && seen.version === (await this.#directory.version(name));
      return skip ? undefined : await this.#entry(name);
    });
    for await (const entry of entries) {
      if (signal?.aborted) return;
      if (entry?.kind === 'task' && entry.task.status === status) yield entry.task;
    }
  }

  /** The names of all files. What is known of others is dropped. */
  async #names(): Promise<string[]> {
    const names = await this.#directory.names();
    const present = new Set(names);
    for (const known of [this.#seen, this.#reported])
      for (const name of known.keys()) if (!present.has(name)) this.#forget(name);
    return names;
  }

  #forget(name: string): void {
    this.#seen.delete(name);
    this.#reported.delete(name);
  }

  async #entry(name: string): Promise<StoreEntry | undefined> {
    try {
      const taskId = taskIdOf(name);
      if (!isSafeTaskId(taskId) || fileName(taskId) !== name) {
        const error = new StoreError('unreadable', 'the file does not have the name of a task');
        this.#report(name, error);
        return { kind: 'unreadable', name, error };
      }
      return { kind: 'task', task: await this.read(taskId) };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return error.code === 'unknown-task' ? undefined : { kind: 'unreadable', name, error };
    }
  }

  #report(name: string, err: StoreError): void {
    if (this.#reported.has(name)) return;
    this.#reported.add(name);
    this.#logger.warn(
      { directory: this.#directory.path, file: name, err },
      'file in the store is unreadable',
    );
  }
}

function fileName(taskId: string): string {
  if (!isSafeTaskId(taskId)) throw new StoreError('unsafe-id', 'the task id is not a safe file name');
  return taskId + SUFFIX;
}

function taskIdOf(name: string): string {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '';
}

function taskIn(bytes: Uint8Array, taskId: string): TaskFile & { readonly status: TaskStatus } {
  try {
    const task = unmarshalTaskFile(bytes);
    if (task.taskId !== taskId) throw new StoreError('unreadable', 'the file holds another task');
    const { status } = task;
    if (!isTaskStatus(status)) throw new StoreError('unreadable', 'the status of the task is unknown');
    return { ...task, status };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new StoreError('unreadable', 'the file is damaged', { cause: error });
  }
}

/** Yields the result of `work` for each item, in the order of the items. The first failure ends the iteration. */
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
