/** The shape of a command: what yargs needs to know, and a function that does it. */

import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { Context } from './context.ts';

export interface Command<Options> {
  /** As yargs reads it: 'submit <text>', or with aliases. */
  readonly command: string | readonly string[];
  readonly describe: string;
  readonly builder: (yargs: Argv) => Argv<Options>;
  /** Whether options may come from a configuration file. Default false. */
  readonly isConfigured?: boolean;
  /** Does it and returns the exit status. Throws UsageError. */
  readonly run: (options: ArgumentsCamelCase<Options>, context: Context) => Promise<number>;
}
