/**
 * The queue of accepted tasks, first in, first out (L2). Only the files of the tasks define it: a task in status
 * ACCEPTED waits, `accepted_at` is its place, and `staged_at` marks the head. So the queue survives a restart, and
 * all processes on the store see the same queue.
 *
 * Memory holds the places of the tasks that are known to wait; a place never changes. To choose a head, the queue
 * lists the directory once and reads the tasks that another process may have accepted since.
 */
import { ProtocolError, TransitionError } from '../protocol/errors.ts';
import { type Instant, parseTime } from '../protocol/time.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { stage } from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';

/** The queue of one store. */
export class Queue {
  readonly #store: Store;
  /** By task id, the place of each task that is known to wait. */
  readonly #waiting = new Map<string, Instant>();
  /** The task id of the head. */
  #head: string | undefined;
  /** The last place in the queue. */
  #last: Instant | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The place of the task that is accepted at `now`. It is `now`, or one nanosecond after the last place when `now` is
   * not later than that, because the clock is coarse or was set back.
   */
  place(taskId: string, now: Instant): Instant {
    // It may have the id of a task that waited here, and whose file was removed.
    this.#waiting.delete(taskId);
    this.#last = this.#last === undefined || isBefore(this.#last, now) ? now : nextInstant(this.#last);
    return this.#last;
  }

  /**
   * The head of the queue; undefined when the queue is empty. Without a head, the first task becomes the head at
   * `now`. Rejects with the reason of `signal` when that fires before the tasks are read.
   */
  async head(now: Instant, signal?: AbortSignal): Promise<TaskFile | undefined> {
    return await this.#store.locks.run('queue', async () => {
      const head = (await this.#knownHead()) ?? (await this.#scan(signal)) ?? (await this.#stageFirst(now));
      this.#head = head?.taskId;
      if (head === undefined) this.#last = undefined;
      return head;
    });
  }

  async #knownHead(): Promise<TaskFile | undefined> {
    if (this.#head === undefined) return undefined;
    const task = await unlessGone(this.#store.received.read(this.#head));
    return task?.status === 'ACCEPTED' && task.stagedAt !== undefined ? task : undefined;
  }

  /**
   * Finds tasks that other processes, or this one before a restart, have accepted, and the head if it is among them.
   */
  async #scan(signal: AbortSignal | undefined): Promise<TaskFile | undefined> {
    let head: TaskFile | undefined;
    for await (const task of this.#store.received.inStatus('ACCEPTED', { except: this.#waiting, signal })) {
      const place = placeOf(task);
      if (this.#last === undefined || isBefore(this.#last, place)) this.#last = place;
      if (task.stagedAt === undefined) this.#waiting.set(task.taskId, place);
      else head ??= task;
    }
    // A part of the tasks does not show which one is the first.
    signal?.throwIfAborted();
    return head;
  }

  async #stageFirst(now: Instant): Promise<TaskFile | undefined> {
    for (let taskId = this.#first(); taskId !== undefined; taskId = this.#first()) {
      const head = await unlessGone(this.#store.received.update(taskId, (task) => stage(task, now)));
      this.#waiting.delete(taskId);
      if (head !== undefined) return head;
    }
    return undefined;
  }

  #first(): string | undefined {
    let first: [string, Instant] | undefined;
    for (const entry of this.#waiting) {
      if (first === undefined || isBefore(entry[1], first[1])) first = entry;
    }
    return first?.[0];
  }
}

/** The task of a call; undefined when it no longer waits or its file is gone or unreadable. */
async function unlessGone(call: Promise<TaskFile>): Promise<TaskFile | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TransitionError) return undefined;
    if (error instanceof StoreError && ['unknown-task', 'unreadable'].includes(error.code)) return undefined;
    throw error;
  }
}

/** A task whose `accepted_at` is not a time comes first, because this implementation did not write it. */
function placeOf({ acceptedAt = '' }: TaskFile): Instant {
  try {
    return parseTime(acceptedAt);
  } catch (error) {
    if (error instanceof ProtocolError) return { seconds: 0, nanosecond: 0 };
    throw error;
  }
}

function isBefore(a: Instant, b: Instant): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanosecond < b.nanosecond);
}

function nextInstant({ seconds, nanosecond }: Instant): Instant {
  if (nanosecond < 999_999_999) return { seconds, nanosecond: nanosecond + 1 };
  return { seconds: seconds + 1, nanosecond: 0 };
}
