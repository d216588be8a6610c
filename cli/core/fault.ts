/** Faults of the kit itself. They have an exit status of their own; that of Node.js, 1, would mean that a MUST failed. */

import { EXIT } from '../../conformance/report/exit-status.ts';

/** The text for standard error, with the stack. */
export function faultText(error: unknown): string {
  return `conform: a fault of the kit itself: ${error instanceof Error ? error.stack : String(error)}\n`;
}

/** From now on, an error that nothing catches is reported, and ends the process with the exit status of a fault. */
export function exitOnFault(): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(faultText(error));
    process.exit(EXIT.kitError);
  });
}
