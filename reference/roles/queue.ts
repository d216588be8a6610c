/**
 * The queue of accepted tasks, first in, first out (L2). It lives in the tasks' files and nowhere else: a task with
 * status ACCEPTED waits, `accepted_at` is its place, and `staged_at` marks the one that has become the head. So it
 * survives a restart, and other processes on the store see the same queue.
 *
 * In memory are the places of tasks known to wait, which never change. Choosing a head costs one listing of the
 * directory and one read for each task that might have been accepted unseen: the new ones.
 */
import { ProtocolError, TransitionError } from '../protocol/errors.ts';
import { type Instant, parseTime } from '../protocol/time.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { stage } from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';

export class Queue {
  readonly #store: Store;
  /** By task id, the place of each task that waits. */
  readonly #waiting = new Map<string, Instant>();
  #head: string | undefined;
  #last: Instant | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The place of a task that is accepted at `now`: that time, or a nanosecond behind the last one when a coarse clock, or
   * one that was set back, would put it level with it or ahead.
   */
  place(now: Instant): Instant {
    this.#last = this.#last === undefined || isBefore(this.#last, now) ? now : nextInstant(this.#last);
    return this.#last;
  }

  /** The head of the queue; undefined when it is empty. Without a head, the first in line becomes it at `now`. */
  async head(now: Instant): Promise<TaskFile | undefined> {
    return await this.#store.locks.run('queue', async () => {
      const head = (await this.#knownHead()) ?? (await this.#scan()) ?? (await this.#stageFirst(now));
      this.#head = head?.taskId;
      if (head === undefined) this.#last = undefined;
      return head;
    });
  }

  async #knownHead(): Promise<TaskFile | undefined> {
    if (this.#head === undefined) return undefined;
    const task = await unlessGone(this.#store.received.read(this.#head));
    return task?.status === 'ACCEPTED' ? task : undefined;
  }

  /** Learns of tasks that were accepted unseen, and finds the head if there was one before this process, or from another. */
  async #scan(): Promise<TaskFile | undefined> {
    let head: TaskFile | undefined;
    for await (const task of this.#store.received.inStatus('ACCEPTED', this.#waiting)) {
      const place = placeOf(task);
      if (this.#last === undefined || isBefore(this.#last, place)) this.#last = place;
      if (task.stagedAt === undefined) this.#waiting.set(task.taskId, place);
      else head ??= task;
    }
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

/** Undefined for a task that no longer waits, whatever became of it. */
async function unlessGone(call: Promise<TaskFile>): Promise<TaskFile | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TransitionError) return undefined;
    if (error instanceof StoreError && ['unknown-task', 'unreadable'].includes(error.code)) return undefined;
    throw error;
  }
}

/** A task whose time of acceptance cannot be read goes first: it can only have been written by others, or long ago. */
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
