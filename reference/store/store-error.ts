/** The error of the store. A program tests the `code`, never the message. */
import { Refusable } from '../protocol/errors.ts';

/** Why an operation of the store failed. A closed list. The store is unchanged unless the code says otherwise. */
export type StoreErrorCode =
  /** The task id may not become part of the name of a file (R5). */
  | 'unsafe-id'
  /** The name of the result file may not become part of the name of a file (R5). */
  | 'unsafe-filename'
  /** A task with this id exists, or another file has the name of its file. */
  | 'task-exists'
  /** A file with the name of the result exists and has other content; it may belong to another task (R5). */
  | 'result-exists'
  /** No task has this id. */
  | 'unknown-task'
  /** The file of the task is damaged, is not a regular file, or holds another task. The store does not change it. */
  | 'unreadable'
  /** The task is accepted, but it is not the head of the queue (L2). */
  | 'not-head'
  /** Another process held the lock of the task for longer than `lockWaitMs`. */
  | 'locked'
  /**
   * The file system reported an error, which is the `cause`. A change may have been made all the same, since the last step is to flush
   * it: read the task again. A caller may repeat the operation.
   */
  | 'io';

/** An operation of the store failed. */
export class StoreError extends Refusable {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override get isRefusal(): boolean {
    return this.code !== 'io' && this.code !== 'locked';
  }
}
