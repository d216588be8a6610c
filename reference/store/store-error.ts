/** Why an operation on a stored task came to nothing, for whoever keeps tasks. Test the `code`, never the message. */

/** A closed list. Unless it says otherwise, the store is as it was. */
export type StoreErrorCode =
  /** The task id may not become part of a file's name (R5). */
  | 'unsafe-id'
  /** The name of a result file may not become part of a file's name (R5). */
  | 'unsafe-filename'
  /** There is a task with this id, or a file where its file would go. */
  | 'task-exists'
  /** The name of the result file is taken by other bytes, perhaps of another task (R5). */
  | 'result-exists'
  /** There is no such task. */
  | 'unknown-task'
  /** The file of the task is damaged, not a plain file, or holds another task. It is left alone. */
  | 'unreadable'
  /** The task has been accepted, but others are to be executed before it (L2). */
  | 'not-head'
  /** Another process held the task for longer than anyone should. */
  | 'locked'
  /** The file system refused; `cause` holds its error. The operation may be tried again. */
  | 'io';

/** An operation on the store failed; the `code` gives the reason. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
