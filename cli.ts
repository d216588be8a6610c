#!/usr/bin/env node

/**
 * The command `conform`. Together with cli/ the only place that reads the command line or the environment, prints,
 * or sets the exit status. Everything but the version and the help is loaded when it is needed.
 */

import { letReaderGo } from './cli/core/context.ts';
import { keptHelp } from './cli/core/help.ts';
import { version } from './cli/core/version.ts';

const args = process.argv.slice(2);
const kept = args.length === 1 ? keptAnswer(args[0]) : undefined;
if (kept !== undefined) {
  letReaderGo();
  process.stdout.write(kept);
} else {
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(args);
}

/** What is known before anything else is loaded. */
function keptAnswer(question: string | undefined): string | undefined {
  switch (question) {
    case '--version':
      return `${version()}\n`;
    case '--help':
    case '-h':
      return keptHelp(process.stdout.columns);
    default:
      return undefined;
  }
}
