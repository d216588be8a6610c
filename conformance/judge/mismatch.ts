/** How an observation differs from a permitted outcome: a kind for programs, a line of text for people. */

/** A field of an answer, and why it does not match. */
export type FieldMismatch =
  `${'status' | 'task_id' | 'message'} ${'unreadable' | 'missing' | 'wrong type' | 'wrong value'}`;

/** What differs, without values. Two failures with the same kinds differ from what is permitted in the same way. */
export type MismatchKind =
  | FieldMismatch
  | 'no answer'
  | 'answered'
  | 'partial frame'
  | 'bytes after the answer'
  | 'number of frames'
  | 'frame type'
  | 'not a response'
  | 'late'
  | 'kept open'
  | 'closed'
  | 'died'
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

export interface Mismatch {
  readonly kind: MismatchKind;
  /** One line. Text of the target is escaped. */
  readonly text: string;
}

export function mismatch(kind: MismatchKind, text: string): Mismatch {
  return { kind, text };
}

/** The mismatches without repetitions. */
export function distinct(mismatches: readonly Mismatch[]): Mismatch[] {
  return [...new Map(mismatches.map((one) => [one.text, one])).values()];
}
