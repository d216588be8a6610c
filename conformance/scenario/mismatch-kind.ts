/** How an observation can differ from what a scenario permits, as kinds without values. */

/** A field of an answer, and why it does not match. */
export type FieldMismatch =
  `${'status' | 'task_id' | 'message'} ${'unreadable' | 'missing' | 'wrong type' | 'wrong value'}`;

/** What differs, without values. Two failures with the same kinds differ from what is permitted in the same way. */
export type MismatchKind =
  | FieldMismatch
  | 'no answer'
  | 'answered'
  /** A legal answer with status 200, or with status 400, where only the other one is permitted. */
  | 'accepted'
  | 'rejected'
  | 'partial frame'
  | 'bytes after the answer'
  | 'number of frames'
  | 'frame type'
  | 'not a response'
  | 'late'
  | 'kept open'
  | 'closed'
  | 'died'
  /** No connection was established any more, so the scenario is not what the target died of. */
  | 'gone'
  | 'growth'
  /** A file of the store, or outside it. */
  | 'file touched'
  | 'file escaped'
  | 'task file missing'
  | 'task file unreadable'
  | 'task file permissions'
  | 'data not kept'
  | 'result file missing'
  | 'result file content'
  /** A field of a task file, by its name on the wire. */
  | `stored ${string}`;

/**
 * A kind of mismatch for which a cause is known. A missing answer is two: the target closed the connection, or it kept it
 * open. `stored field` is any field of a task file.
 */
export type Sign = Exclude<MismatchKind, 'no answer'> | 'no answer, closed' | 'no answer, open';

/** No answer came back, however the connection ended. */
export const NO_ANSWER: readonly Sign[] = ['no answer, closed', 'no answer, open'];
/** A file changed that must not. */
export const FILE_CHANGED: readonly Sign[] = ['file touched', 'file escaped'];
