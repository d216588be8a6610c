#!/usr/bin/env node
/**
 * The command `conform`. Together with cli/ the only place that reads the command line or the environment, prints,
 * or sets the exit status. Everything but the version is loaded when it is needed.
 */

import { version } from './cli/version.ts';

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === '--version') {
  process.stdout.write(`${version()}\n`);
} else {
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(args);
}
