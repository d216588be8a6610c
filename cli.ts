#!/usr/bin/env node

/**
 * The command `conform`. Only this file and cli/ read the command line and the environment, print, and set the exit status.
 * The version and the help are answered before anything else is loaded, because loading takes most of the time.
 */

import { processContext, tolerateLostOutput } from './cli/core/context.ts';
import { exitOnFault } from './cli/core/fault.ts';
import { builtHelp } from './cli/core/help.ts';
import { version } from './cli/core/version.ts';
import { EXIT } from './conformance/report/exit-status.ts';

exitOnFault();
const args = process.argv.slice(2);
const answer = args.length === 1 ? quickAnswer(args[0]) : undefined;
if (answer !== undefined) {
  const isOutputLost = tolerateLostOutput();
  process.stdout.write(answer);
  process.on('exit', () => {
    if (isOutputLost()) process.exitCode = EXIT.usage;
  });
} else {
  // From now on a signal counts, also while the command is loaded.
  const context = processContext();
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(args, context);
  // What is still open, such as an input that does not end, must not keep the process after a signal.
  if (context.interrupted.aborted) process.exit();
  context.interrupted.addEventListener('abort', () => process.exit());
}

/** Undefined for a command line that needs more than a file to answer. */
function quickAnswer(question: string | undefined): string | undefined {
  switch (question) {
    case '--version':
      return `${version()}\n`;
    case '--help':
    case '-h':
      return builtHelp();
    default:
      return undefined;
  }
}
