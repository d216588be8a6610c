/** What keeps the kit from seeing a target from beside. The message is one line for a person, already escaped. */

/** A closed list. */
export type ObserverErrorCode =
  /** The directory is missing, or has no received/. */
  | 'no-store'
  | 'store-unreadable'
  /** More files, or more bytes, than are looked at. */
  | 'store-too-large'
  /** No task can be put into it. */
  | 'store-unwritable'
  /** The command does not say where the target is to listen. */
  | 'no-port'
  /** Something listens there already, and would be judged in the target's place. */
  | 'port-taken'
  /** The command ended, or could not be started, instead of listening. */
  | 'exited'
  /** Nothing listened in time. */
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
