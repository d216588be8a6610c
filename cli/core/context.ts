/** What a command may use of its process: the output streams and the request to stop. */

import { EXIT } from '../../conformance/report/exit-status.ts';

export interface Context {
  /** Results, text or bytes, to standard output. */
  readonly out: (data: string | Uint8Array) => void;
  /** Errors and notes, to standard error. */
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Fires at Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once. */
  readonly interrupted: AbortSignal;
}

/** The context of this process. `release` removes its signal handlers. */
export function processContext(): { context: Context; release: () => void; isOutputLost: () => boolean } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const isOutputLost = tolerateLostOutput();
  return {
    context: {
      // After a failure, more text would leave a gap.
      out: (data) => void (isOutputLost() || process.stdout.write(data)),
      err: (text) => void process.stderr.write(text),
      isTerminal: process.stdout.isTTY === true,
      interrupted: controller.signal,
    },
    release: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
    isOutputLost,
  };
}

/**
 * A stream that is gone or full ends no command. When the reader of a pipe ends first, as `head` does, the rest of the output
 * is dropped without an error. Any other failure of standard output is one line on standard error, and the returned function
 * is true from then on.
 */
export function tolerateLostOutput(): () => boolean {
  let isLost = false;
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || isLost) return;
    isLost = true;
    process.stderr.write(`conform: cannot write standard output (${code})\n`);
  });
  process.stderr.on('error', () => {});
  return () => isLost;
}
