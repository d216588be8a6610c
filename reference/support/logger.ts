/**
 * Where the server tells what it does. The shape is the part of a pino logger that is needed, so that a program passes
 * its own and the library depends on none.
 */

type Log = (fields: object, message: string) => void;

/** A structured logger; pino's satisfies it. Contents of tasks are not passed to it. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
}

/** Drops everything. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {} };
