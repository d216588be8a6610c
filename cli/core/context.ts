/** What a command may use of the process that it runs in. */

/** Streams, colours and the wish to stop. */
export interface Context {
  /** Results, text or bytes: to standard output. */
  readonly out: (data: string | Uint8Array) => void;
  /** Complaints and notes: to standard error. */
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Fires at Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once. */
  readonly interrupted: AbortSignal;
}

/** The process's own streams and signals; `release` lets go of the signals. */
export function processContext(): { context: Context; release: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  letReaderGo();
  return {
    context: {
      out: (data) => void process.stdout.write(data),
      err: (text) => void process.stderr.write(text),
      isTerminal: process.stdout.isTTY === true,
      interrupted: controller.signal,
    },
    release: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}

/** A reader that goes away, such as `head`, ends the output and not the process with a stack trace. */
export function letReaderGo(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
