/** Failures that end a command with one line for a person instead of a stack trace. */

/** A closed list: what about a command line, or a file that it names, is wrong. */
export type UsageErrorCode =
  | 'unknown-command'
  | 'unknown-option'
  /** An argument that the command does not take. */
  | 'unexpected-argument'
  /** A required argument or option is absent. */
  | 'missing-argument'
  /** An option stands last, or before another option, and needs a value. */
  | 'missing-value'
  /** An option that takes one value is given twice. */
  | 'repeated-option'
  /** Two options exclude each other. */
  | 'conflicting-options'
  /** A value, or a combination of options, is not permitted. */
  | 'invalid-value'
  /** A finding of yargs that the kit does not know. */
  | 'other';

/** The command line, or a file that it names, is wrong. The message is one line for a person; the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code: UsageErrorCode;
  /** The option whose value is wrong, such as `--shard`, if it is one: its value may come from a file. */
  readonly option: string | undefined;

  constructor(message: string, code: UsageErrorCode = 'invalid-value', option?: string) {
    super(message);
    this.code = code;
    this.option = option;
  }
}

/** The system's code for a failed file operation, such as 'ENOENT'. Throws everything else. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
