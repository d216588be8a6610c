/** Reads the command line, runs the verb that it names, and returns the exit status. */

import leven from 'leven';
import yargs, { type Argv } from 'yargs';
import { type Io, processIo, UsageError } from './io.ts';
import { listVerb } from './list.ts';
import { runVerb } from './run.ts';
import { serveVerb } from './serve.ts';
import { submitVerb } from './submit.ts';
import type { Verb } from './verb.ts';
import { version } from './version.ts';

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
    .usage('$0 [--target host:port] [options]\n\nJudges an implementation of the task-submission protocol.')
    .version(version())
    .help()
    .alias('help', 'h')
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(
      'Exit status: 0 conforms, 1 a MUST failed, 2 wrong usage, 3 target unreachable or died, 4 not everything ran,\n' +
        '5 stale known failure, 6 fault of the kit, 130 interrupted.',
    );
  const add = <Options>(verb: Verb<Options>): void => {
    parser.command<Options>({
      command: verb.command,
      describe: verb.describe,
      builder: verb.builder,
      handler: async (options) => {
        status = await verb.run(options, io);
      },
    });
  };
  add(runVerb);
  add(serveVerb);
  add(submitVerb);
  add(listVerb);
  let refusal: string | undefined;
  parser.fail((message, error) => {
    if (error) throw error;
    refusal = message;
  });
  await parser.parseAsync([...args]);
  if (refusal !== undefined) throw new UsageError(await explain(refusal, parser));
  return status;
}

/** yargs' complaint on one line, with the option that was probably meant. */
async function explain(message: string, parser: Argv): Promise<string> {
  const unknown = /^Unknown arguments?: ([^,\s]+)/.exec(message)?.[1];
  if (unknown === undefined) return message.replaceAll('\n', ' ');
  const known = new Set(
    [...(await parser.getHelp()).matchAll(/--([a-z][a-z-]+)/g)].map((match) => match[1] ?? ''),
  );
  const nearest = [...known].sort((a, b) => leven(a, unknown) - leven(b, unknown))[0];
  const suggestion =
    nearest !== undefined && leven(nearest, unknown) <= 2 ? `; did you mean --${nearest}?` : '';
  const dashes = unknown.length === 1 ? '-' : '--';
  return `unknown option ${dashes}${unknown}${suggestion || '; conform --help lists them'}`;
}
