/** Reads the command line, runs the command that it names, and returns the exit status. */

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { EXIT, type ExitStatus } from '../conformance/report/exit-status.ts';
import { benchCommand } from './commands/bench.ts';
import { clientCommand } from './commands/client.ts';
import { corpusCommand } from './commands/corpus.ts';
import { decodeCommand } from './commands/decode.ts';
import { diffCommand } from './commands/diff.ts';
import { encodeCommand } from './commands/encode.ts';
import { explainCommand } from './commands/explain.ts';
import { fixturesCommand } from './commands/fixtures.ts';
import { fuzzCommand } from './commands/fuzz.ts';
import { gateCommand } from './commands/gate.ts';
import { initCommand } from './commands/init.ts';
import { libraryCommand } from './commands/library.ts';
import { listCommand } from './commands/list.ts';
import { resultsCommand } from './commands/node/results.ts';
import { serveCommand } from './commands/node/serve.ts';
import { submitCommand } from './commands/node/submit.ts';
import { tasksCommand } from './commands/node/tasks.ts';
import { acceptCommand, declineCommand, executeCommand } from './commands/node/transition.ts';
import { updateCommand } from './commands/node/update.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { inspectCommand } from './commands/traffic/inspect.ts';
import { proxyCommand } from './commands/traffic/proxy.ts';
import { completionCommand } from './completion/command.ts';
import type { Command } from './core/command.ts';
import { type CommandLine, readCommandLine } from './core/command-line.ts';
import type { Context } from './core/context.ts';
import { UsageError } from './core/errors.ts';
import { explainFailure } from './core/failure.ts';
import { faultText } from './core/fault.ts';
import { asksForOverview, type CommandGroup, overviewText } from './core/help.ts';

/** In the order in which the help lists them. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  ['Judge', [runCommand, clientCommand, libraryCommand, gateCommand]],
  ['Break', [fuzzCommand, replayCommand, corpusCommand]],
  ['Watch traffic', [proxyCommand, inspectCommand]],
  ['Look', [explainCommand, listCommand, reportCommand, diffCommand, decodeCommand]],
  ['Data', [fixturesCommand, encodeCommand]],
  [
    'Reference',
    [
      serveCommand,
      submitCommand,
      tasksCommand,
      acceptCommand,
      declineCommand,
      executeCommand,
      resultsCommand,
      updateCommand,
    ],
  ],
  ['Measure', [benchCommand]],
  ['Set up', [initCommand, completionCommand]],
];

export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap(([, commands]) => commands);

/** Runs the command line. Never throws. After a signal the status is 130, except for a command that a signal closes. */
export async function main(args: readonly string[], context: Context): Promise<ExitStatus> {
  if (args[0] === '--complete') return complete(args.slice(1), context);
  if (asksForOverview(args)) {
    context.out(overviewText(COMMAND_GROUPS));
    return EXIT.success;
  }
  try {
    const line = await readCommandLine(args, COMMANDS);
    if (context.interrupted.aborted) return EXIT.interrupted;
    const colored = line?.color === undefined ? context : { ...context, color: line.color };
    const status = line === undefined ? EXIT.success : await runCommandLine(line, colored);
    if (status !== EXIT.success) return status;
    // The stream reports a failure after the write has returned.
    await setImmediate();
    return context.isOutputLost?.() ? statusOfLostOutput(line?.command) : status;
  } catch (error) {
    if (context.interrupted.aborted) return EXIT.interrupted;
    const failure = await explainFailure(error);
    if (failure !== undefined) {
      context.err(`conform: ${failure.line}\n`);
      return failure.status;
    }
    context.err(faultText(error));
    return EXIT.kitError;
  }
}

/** Prints what a shell offers for the last word, a line each. Always succeeds: a message would stand in the user's prompt. */
async function complete(words: readonly string[], context: Context): Promise<ExitStatus> {
  try {
    const [{ candidates }, { NAMES }] = await Promise.all([
      import('./completion/candidates.ts'),
      import('./completion/names.ts'),
    ]);
    const found = await candidates(words, COMMANDS, NAMES);
    context.out(found.map((word) => `${word}\n`).join(''));
  } catch {
    // Then the shell offers names of files.
  }
  return EXIT.success;
}

/** A command that succeeded, but whose standard output was full: its result or its report is lost. */
function statusOfLostOutput(command: Command | undefined): ExitStatus {
  if (command === undefined || command.printsResult) return EXIT.usage;
  return command.exits.incomplete === undefined ? EXIT.success : EXIT.incomplete;
}

async function runCommandLine(
  { command, given, placeOf }: CommandLine,
  context: Context,
): Promise<ExitStatus> {
  const onSignal = command.onSignal(given);
  const { interrupted } = context;
  const running = command.run(given, context).catch((error: unknown) => {
    const place =
      error instanceof UsageError && error.option !== undefined ? placeOf(error.option) : undefined;
    throw place === undefined ? error : new UsageError(`${place}: ${(error as UsageError).message}`);
  });
  if (onSignal === 'closes') return running;
  const status =
    onSignal === 'stops'
      ? await running
      : await Promise.race([running, once(interrupted, 'abort').then(() => EXIT.interrupted)]);
  return interrupted.aborted ? EXIT.interrupted : status;
}
