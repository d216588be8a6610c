/**
 * One side's tasks on disk, a file each: `<task_id>.json` ⇄ TaskFile. A task is created once and then changed under its
 * lock, so no change is ever made to anything but the latest state.
 *
 * The files are the only truth; what is kept in memory spares reading. A status only ever moves forward (L1), so a task
 * that was once seen past a status need not be looked at again to know that it is not in it; nor read again, while its
 * file is the same.
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

/** What is found in the directory. */
export type StoreEntry =
  | { readonly kind: 'task'; readonly task: TaskFile }
  /** Damaged or foreign. Such a file is never touched. */
  | { readonly kind: 'unreadable'; readonly name: string; readonly error: StoreError };

const SUFFIX = '.json';
/** Twice what the largest task needs: its texts are bounded, and JSON spends at most six bytes on one of theirs. */
const MAX_TASK_FILE_BYTES = 16 * 1024 * 1024;

/** Files that are open at a time while a directory is read. */
const BATCH_SIZE = 16;

/** The tasks of one side of a store, received or submitted. Comes from a `Store`. */
export class TaskFolder {
  readonly #directory: Directory;
  readonly #locks: Locks;
  readonly #logger: Logger;
  readonly #seen = new Map<string, { readonly status: TaskStatus; readonly version: string }>();
  readonly #reported = new Set<string>();

  constructor(directory: Directory, locks: Locks, logger: Logger) {
    this.#directory = directory;
    this.#locks = locks;
    this.#logger = logger;
  }

  /**
   * Resolves when the task is safe on the disk. Throws a StoreError 'unsafe-id', 'task-exists' (the task that was there
   * stays) or 'io', and then nothing is left of it.
   */
  async create(task: TaskFile): Promise<void> {
    const name = fileName(task.taskId);
    if (!(await this.#directory.create(name, marshalTaskFile(task)))) {
      throw new StoreError('task-exists', 'the task id is in use');
    }
  }

  /** Throws a StoreError 'unsafe-id', 'unknown-task', 'unreadable' or 'io'. */
  async read(taskId: string): Promise<TaskFile> {
    const name = fileName(taskId);
    try {
      const content = await this.#directory.read(name, MAX_TASK_FILE_BYTES);
      if (content === undefined) throw new StoreError('unknown-task', 'there is no such task');
      const task = taskIn(content.bytes, taskId);
      this.#seen.set(taskId, { status: task.status, version: content.version });
      return task;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unreadable') this.#report(name, error);
      throw error;
    }
  }

  /**
   * Replaces the task by what `change` makes of it, and resolves to that when it is safe on the disk. The same object
   * means no change. A throw leaves the task as it was and is passed on. Otherwise throws as `read`, and 'locked'.
   */
  async update(taskId: string, change: (task: TaskFile) => TaskFile | Promise<TaskFile>): Promise<TaskFile> {
    const name = fileName(taskId);
    return await this.#locks.run(`${this.#directory.path}/${name}`, async () => {
      const before = await this.read(taskId);
      const after = await change(before);
      if (after !== before) await this.#directory.replace(name, marshalTaskFile(after));
      return after;
    });
  }

  /**
   * Changes a task for which `isDue`, judged under its lock; undefined when it is not, or can be neither read nor
   * changed now (which is logged). For sweeps: one bad file must not keep them from the others.
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
      if (err.code !== 'unknown-task') this.#logger.warn({ taskId, err }, 'task not swept');
      return undefined;
    }
  }

  /** Changes every task in a status for which `isDue`, and resolves to what they became. */
  async sweep(
    status: TaskStatus,
    isDue: (task: TaskFile) => boolean,
    change: (task: TaskFile) => TaskFile,
  ): Promise<TaskFile[]> {
    const changes = inBatches(this.inStatus(status), async (task) =>
      isDue(task) ? await this.changeIfDue(task.taskId, isDue, change) : undefined,
    );
    const changed: TaskFile[] = [];
    for await (const task of changes) if (task !== undefined) changed.push(task);
    return changed;
  }

  /** Everything in the directory, as it is read, in no order. */
  async *list(): AsyncGenerator<StoreEntry> {
    for await (const entry of inBatches(await this.#directory.names(), (name) => this.#entry(name))) {
      if (entry !== undefined) yield entry;
    }
  }

  /** The tasks that are in a status now, but for the ids in `except`. */
  async *inStatus(
    status: TaskStatus,
    except: { has(taskId: string): boolean } = new Set(),
  ): AsyncGenerator<TaskFile> {
    const names = (await this.#directory.names()).filter((name) => {
      const taskId = taskIdOf(name);
      const seen = this.#seen.get(taskId)?.status ?? status;
      const isPast = seen !== status && !canTransition(seen, status, 'submitter');
      return !isPast && !except.has(taskId);
    });
    const entries = inBatches(names, async (name) => {
      const seen = this.#seen.get(taskIdOf(name));
      const isOther = seen !== undefined && seen.status !== status;
      const skip = isOther && seen.version === (await this.#directory.version(name));
      return skip ? undefined : await this.#entry(name);
    });
    for await (const entry of entries) {
      if (entry?.kind === 'task' && entry.task.status === status) yield entry.task;
    }
  }

  async #entry(name: string): Promise<StoreEntry | undefined> {
    try {
      const taskId = taskIdOf(name);
      if (!isSafeTaskId(taskId) || fileName(taskId) !== name) {
        const error = new StoreError('unreadable', 'not the name of a task');
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
    this.#logger.warn({ directory: this.#directory.path, file: name, err }, 'unreadable file in the store');
  }
}

function fileName(taskId: string): string {
  if (!isSafeTaskId(taskId)) throw new StoreError('unsafe-id', 'the task id is no safe file name');
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
    if (!isTaskStatus(status)) throw new StoreError('unreadable', 'the task has no known status');
    return { ...task, status };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new StoreError('unreadable', 'the file is damaged', { cause: error });
  }
}

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
