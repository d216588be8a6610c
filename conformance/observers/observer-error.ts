/** Why the kit cannot observe a target's store or process. */

import type { Address } from '../wire/transport.ts';
import type { ProcessEnd } from './observer.ts';

/** What stands in the way. */
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

/** A command that did not come to listen. */
export interface FailedStart {
  /** The first of the addresses at which the kit looked for it. */
  readonly address: Address;
  /** The message without the output of the command: one line. */
  readonly what: string;
  /** How the process ended, and what it said. */
  readonly said: ProcessEnd;
}

/** The target cannot be observed or started. The message is one line, with text of the target escaped. */
export class ObserverError extends Error {
  override readonly name = 'ObserverError';
  readonly code: ObserverErrorCode;
  /** Present with 'exited' and 'not-listening', unless not even the shell could be started. */
  readonly failedStart: FailedStart | undefined;

  constructor(
    code: ObserverErrorCode,
    message: string,
    options?: ErrorOptions & { readonly failedStart?: FailedStart | undefined },
  ) {
    super(message, options);
    this.code = code;
    this.failedStart = options?.failedStart;
  }
}

/** Why the store could not be observed: the message of an ObserverError. Throws any other error again. */
export function storeFaultOf(error: unknown): string {
  if (error instanceof ObserverError) return error.message;
  throw error;
}
