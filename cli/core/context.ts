/** What a command may use of its process: the output streams and the request to stop. */

import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import { cacheFolder } from './cache-folder.ts';

export interface Context {
  /** Results, text or bytes, to standard output. */
  readonly out: (data: string | Uint8Array) => void;
  /** Errors and notes, to standard error. */
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether output has colours. Default: on a terminal, unless the environment says otherwise. */
  readonly color?: boolean | undefined;
  /** How the user calls this command. Default: `conform`. */
  readonly program?: string | undefined;
  /** Where state is kept from one run to the next; it may not exist yet. Default: no state is kept. */
  readonly cacheFolder?: string | undefined;
  /** Fires at the first signal: Ctrl-C, SIGTERM or SIGHUP. */
  readonly interrupted: AbortSignal;
  /** Whether standard output could not be written. Default: it could. */
  readonly isOutputLost?: () => boolean;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Signals within this time are one: `timeout` of coreutils signals a process, and then its group. */
const SAME_MS = 300;
/** How long a command may take to stop after the first signal. */
const STOP_MS = 10_000;

/**
 * The context of this process. Decides about signals for every command. The first one asks the command to stop. A second one
 * ends the process at once with status 130, and so does the end of `STOP_MS`; then reports are completed and temporary
 * folders removed by the actions of `atExit`.
 */
export function processContext(): Context {
  const controller = new AbortController();
  // Each connection of a command may listen to it.
  setMaxListeners(0, controller.signal);
  let firstAt = 0;
  const end = (): void => process.exit(EXIT.interrupted);
  const onSignal = (): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      firstAt = now;
      setTimeout(end, STOP_MS).unref();
      controller.abort();
    } else if (now - firstAt > SAME_MS) end();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // The write over the limit of the size of a file then fails, and does not end the process.
  process.on('SIGXFSZ', () => {});
  const isOutputLost = tolerateLostOutput();
  return {
    // After a failure, more text would leave a gap.
    out: (data) => void (isOutputLost() || process.stdout.write(data)),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    program: programName(),
    cacheFolder: cacheFolder(),
    interrupted: controller.signal,
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

/**
 * How the user calls this command. Undefined if a shell finds `conform` itself. npx puts the command on the path only while it
 * runs: in a checkout it finds the command by its name, elsewhere by that of the package, since another package has the name
 * `conform`.
 */
export function programName(
  env: Readonly<Record<string, string | undefined>> = process.env,
  root: string = fileURLToPath(packageFile('.')),
): string | undefined {
  if (env['npm_command'] !== 'exec' || env['npm_lifecycle_event'] !== 'npx') return undefined;
  return /[\\/]node_modules[\\/]/.test(root) ? 'npx tasksubmit-conform' : 'npx conform';
}
