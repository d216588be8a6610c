/** Reads the command line, runs the command that it names, and returns the exit status. */

import leven from 'leven';
import yargs from 'yargs';
import { benchCommand } from './commands/bench.ts';
import { decodeCommand } from './commands/decode.ts';
import { diffCommand } from './commands/diff.ts';
import { encodeCommand } from './commands/encode.ts';
import { explainCommand } from './commands/explain.ts';
import { fixturesCommand } from './commands/fixtures.ts';
import { fuzzCommand } from './commands/fuzz.ts';
import { listCommand } from './commands/list.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { resultsCommand } from './commands/results.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { submitCommand } from './commands/submit.ts';
import { tasksCommand } from './commands/tasks.ts';
import { updateCommand } from './commands/update.ts';
import type { Command } from './core/command.ts';
import { readConfig } from './core/config.ts';
import { type Context, processContext } from './core/context.ts';
import { UsageError } from './core/errors.ts';
import { explainFailure } from './core/failure.ts';
import { HELP_COLUMNS } from './core/help.ts';
import { version } from './core/version.ts';
import { acceptCommand, declineCommand, executeCommand } from './options/steps.ts';

/** Exit status of a wrong command line. */
const USAGE = 2;
/** Exit status of a fault of the kit itself. */
const KIT_ERROR = 6;

/** Runs the command line. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const { context, release } = processContext();
  try {
    return await dispatch(args, context);
  } catch (error) {
    if (error instanceof UsageError) {
      context.err(`conform: ${error.message}\n`);
      return USAGE;
    }
    const failure = explainFailure(error);
    if (failure !== undefined) {
      context.err(`conform: ${failure.line}\n`);
      return failure.status;
    }
    context.err(
      `conform: a fault of the kit itself: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return KIT_ERROR;
  } finally {
    release();
  }
}

async function dispatch(args: readonly string[], context: Context): Promise<number> {
  let status = 0;
  const parser = yargs()
    .scriptName('conform')
    .detectLocale(false)
    .usage('$0 [--target host:port] [options]\n\nJudges an implementation of the task-submission protocol.')
    .version(version())
    .help()
    .alias('help', 'h')
    .strict()
    .recommendCommands()
    .completion('completion', 'Print a script for the completion of your shell')
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(HELP_COLUMNS, process.stdout.columns ?? HELP_COLUMNS))
    .epilogue(
      'Exit status: 0 conforms, 1 a MUST failed, 2 wrong usage, 3 target unreachable or died, 4 not everything ran,\n' +
        '5 stale known failure, 6 fault of the kit, 130 interrupted.',
    );
  const add = <Options>(command: Command<Options>): void => {
    parser.command<Options>({
      command: command.command,
      describe: command.describe,
      builder: async (yargs) => {
        const built = command.builder(yargs).check(isThereOnce, false);
        return command.isConfigured ? built.config(await readConfig(args)) : built;
      },
      handler: async (options) => {
        status = await command.run(options, context);
      },
    });
  };
  add(runCommand);
  add(fuzzCommand);
  add(replayCommand);
  add(serveCommand);
  add(submitCommand);
  add(listCommand);
  add(explainCommand);
  add(reportCommand);
  add(diffCommand);
  add(decodeCommand);
  add(encodeCommand);
  add(fixturesCommand);
  add(benchCommand);
  add(tasksCommand);
  add(acceptCommand);
  add(declineCommand);
  add(executeCommand);
  add(resultsCommand);
  add(updateCommand);
  parser.fail((message, error) => {
    throw error ?? new Complaint(message);
  });
  try {
    await parser.parseAsync([...args]);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // YError is what yargs throws for a command line that it cannot read, such as an option without its value.
    const isComplaint = error instanceof Complaint || error.name === 'YError';
    throw isComplaint ? new UsageError(explain(error.message, args, await parser.getHelp())) : error;
  }
  return status;
}

/** What yargs has against a command line. */
class Complaint extends Error {}

/** Throws a UsageError for an option that is there twice and is no list, which yargs would make one of it. */
function isThereOnce(options: object, declared: object): true {
  // The types of yargs know only of aliases here.
  const { array: lists } = declared as { readonly array: readonly string[] };
  const twice = Object.entries(options).find(
    // Besides its own name, each option has one in camel case.
    ([name, value]) => Array.isArray(value) && !/^_$|[A-Z]/.test(name) && !lists.includes(name),
  );
  if (twice !== undefined) throw new UsageError(`--${twice[0]} is there twice`);
  return true;
}

/** yargs' complaint on one line, with the option or the command that was probably meant. */
function explain(message: string, args: readonly string[], help: string): string {
  const unknowns = /^Unknown (?:argument|command)s?: (.*)/.exec(message)?.[1]?.split(', ') ?? [];
  const command = unknowns.find((name) => args.includes(name));
  const unknown = command ?? unknowns[0];
  if (unknown === undefined) return message.replaceAll(/\s+/g, ' ');
  const isVerb = command !== undefined;
  const known = help.matchAll(isVerb ? /^ {2}conform ([a-z]+)/gm : /--([a-z][a-z-]+)/g);
  const nearest = [...known]
    .map(([, name = '']) => ({ name, distance: leven(name, unknown) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const dashes = isVerb ? '' : unknown.length === 1 ? '-' : '--';
  const hint =
    nearest && nearest.distance <= 2 ? `did you mean ${dashes}${nearest.name}?` : 'see conform --help';
  return `unknown ${isVerb ? 'command' : 'option'} ${dashes}${unknown}; ${hint}`;
}
