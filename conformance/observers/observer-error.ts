/** Why the kit cannot observe a target's store or process. */

export type ObserverErrorCode =
  /** The directory is missing, or has no received/. */
  | 'no-store'
  | 'store-unreadable'
  /** More files, or more bytes, than the observer reads. */
  | 'store-too-large'
  /** The kit cannot write a task to the store. */
  | 'store-unwritable'
  /** The command does not contain the port on which the target has to listen. */
  | 'no-port'
  /** The command has a name in braces that is no placeholder. */
  | 'unknown-placeholder'
  /** Another program listens on the port, and would be judged instead of the target. */
  | 'port-taken'
  /** The command ended before it listened, or could not be started. */
  | 'exited'
  /** The command did not listen in time. */
  | 'not-listening';

/** The target cannot be observed or started. The message is one line, with text of the target escaped. */
export class ObserverError extends Error {
  override readonly name = 'ObserverError';
  readonly code: ObserverErrorCode;

  constructor(code: ObserverErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why the store could not be observed: the message of an ObserverError. Throws any other error again. */
export function storeFaultOf(error: unknown): string {
  if (error instanceof ObserverError) return error.message;
  throw error;
}
