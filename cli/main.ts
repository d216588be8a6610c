/** Reads the command line, runs the verb that it names, and returns the exit status. */

import leven from 'leven';
import yargs from 'yargs';
import { benchVerb } from './commands/bench.ts';
import { decodeVerb } from './commands/decode.ts';
import { diffVerb } from './commands/diff.ts';
import { encodeVerb } from './commands/encode.ts';
import { explainVerb } from './commands/explain.ts';
import { fixturesVerb } from './commands/fixtures.ts';
import { fuzzVerb } from './commands/fuzz.ts';
import { listVerb } from './commands/list.ts';
import { replayVerb } from './commands/replay.ts';
import { reportVerb } from './commands/report.ts';
import { resultsVerb } from './commands/results.ts';
import { runVerb } from './commands/run.ts';
import { serveVerb } from './commands/serve.ts';
import { submitVerb } from './commands/submit.ts';
import { tasksVerb } from './commands/tasks.ts';
import { updateVerb } from './commands/update.ts';
import type { Verb } from './core/command.ts';
import { readConfig } from './core/config.ts';
import { type Io, processIo, UsageError } from './core/context.ts';
import { explainFailure } from './core/failure.ts';
import { HELP_COLUMNS } from './core/help.ts';
import { version } from './core/version.ts';
import { acceptVerb, declineVerb, executeVerb } from './options/steps.ts';

/** Exit status of a wrong command line. */
const USAGE = 2;
/** Exit status of a fault of the kit itself. */
const KIT_ERROR = 6;

/** Runs the command line. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const { io, release } = processIo();
  try {
    return await dispatch(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`conform: ${error.message}\n`);
      return USAGE;
    }
    const failure = explainFailure(error);
    if (failure !== undefined) {
      io.err(`conform: ${failure.line}\n`);
      return failure.status;
    }
    io.err(`conform: a fault of the kit itself: ${error instanceof Error ? error.stack : String(error)}\n`);
    return KIT_ERROR;
  } finally {
    release();
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
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
  const add = <Options>(verb: Verb<Options>): void => {
    parser.command<Options>({
      command: verb.command,
      describe: verb.describe,
      builder: async (yargs) => {
        const built = verb.builder(yargs).check(isThereOnce, false);
        return verb.isConfigured ? built.config(await readConfig(args)) : built;
      },
      handler: async (options) => {
        status = await verb.run(options, io);
      },
    });
  };
  add(runVerb);
  add(fuzzVerb);
  add(replayVerb);
  add(serveVerb);
  add(submitVerb);
  add(listVerb);
  add(explainVerb);
  add(reportVerb);
  add(diffVerb);
  add(decodeVerb);
  add(encodeVerb);
  add(fixturesVerb);
  add(benchVerb);
  add(tasksVerb);
  add(acceptVerb);
  add(declineVerb);
  add(executeVerb);
  add(resultsVerb);
  add(updateVerb);
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

/** yargs' complaint on one line, with the option or the verb that was probably meant. */
function explain(message: string, args: readonly string[], help: string): string {
  const unknowns = /^Unknown (?:argument|command)s?: (.*)/.exec(message)?.[1]?.split(', ') ?? [];
  const verb = unknowns.find((name) => args.includes(name));
  const unknown = verb ?? unknowns[0];
  if (unknown === undefined) return message.replaceAll(/\s+/g, ' ');
  const isVerb = verb !== undefined;
  const known = help.matchAll(isVerb ? /^ {2}conform ([a-z]+)/gm : /--([a-z][a-z-]+)/g);
  const nearest = [...known]
    .map(([, name = '']) => ({ name, distance: leven(name, unknown) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const dashes = isVerb ? '' : unknown.length === 1 ? '-' : '--';
  const hint =
    nearest && nearest.distance <= 2 ? `did you mean ${dashes}${nearest.name}?` : 'see conform --help';
  return `unknown ${isVerb ? 'command' : 'option'} ${dashes}${unknown}; ${hint}`;
}
