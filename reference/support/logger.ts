/**
 * The logger that a program passes to the server, the store and the roles. Its type is a part of pino's, so a program
 * can pass its own logger and the library depends on none.
 */

type Log = (fields: object, message: string) => void;

/** A structured logger; a pino logger is one. It never receives the contents of tasks. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
}

/** Drops every record. The default wherever a logger is optional. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {} };
