/** Reads a command line: which command it names, and the values of the command's arguments and options. */

import yargs, { type Argv } from 'yargs';
import { EXIT, EXIT_MEANINGS, type ExitName } from '../../conformance/report/exit-status.ts';
import {
  checkCommandName,
  checkValues,
  checkWords,
  nameOf,
  unexpectedArgument,
  type Values,
} from './check-command-line.ts';
import type { Command } from './command.ts';
import { type Configuration, readConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { HELP_COLUMNS } from './help.ts';
import { version } from './version.ts';

export interface CommandLine {
  readonly command: Command;
  /** The values that `command.run` takes. */
  readonly given: unknown;
  /** Whether output has colours. Default: as the terminal and the environment say. */
  readonly color: boolean | undefined;
  /** The file and the line that gave the value of an option such as `--shard`; undefined for one of the command line. */
  readonly placeOf: (option: string) => string | undefined;
}

/** What `conform --help` shows first. */
const INTRODUCTION = `$0 [--target HOST:PORT | --exec COMMAND] [options]

Checks whether a server conforms to the task-submission protocol.

Start here:
$ conform --target 127.0.0.1:1003                      judge the server that listens there
$ conform --exec './server --port {port} --dir {dir}'  start a server, judge it, its store and its memory
$ conform                                              judge the embedded reference server, as a demonstration
$ conform init                                         write a configuration file and a CI workflow
$ conform explain frame/length-over-cap                show what a scenario sends and what it accepts
$ conform COMMAND --help                               show the options of one of the commands below`;

const ANSWERED_BY_YARGS = ['--help', '-h', '--version'];

/** Stands before an argument that yargs would not read as text. No argument of a process holds a NUL. */
const AS_TEXT = '\0';
/** Stands before an argument that follows `--`. */
const AFTER_END = '\0\0';

/**
 * Undefined when yargs has answered the command line itself, as for --help. Throws UsageError,
 * in English whatever the locale is.
 */
export async function readCommandLine(
  args: readonly string[],
  commands: readonly Command[],
): Promise<CommandLine | undefined> {
  // A command line that asks for help may be wrong.
  const isChecked = !beforeEnd(args).some((word) => ANSWERED_BY_YARGS.includes(word));
  if (isChecked) checkCommandName(args, commands.map(nameOf));
  let named: Command | undefined;
  let read: CommandLine | undefined;
  let configuration: Configuration | undefined;
  const parser = newParser();
  for (const command of commands) {
    parser.command<object>({
      command: command.isDefault ? [command.usage, '$0'] : command.usage,
      describe: command.describe,
      builder: async (yargs) => {
        named = command;
        if (isChecked) checkWords(args, command);
        const declared = declare(yargs, command);
        if (command.configured === undefined || !isChecked) return declared;
        configuration = await readConfig(command.configured, beforeEnd(args), command.conflicts);
        return declared.config(configuration.options);
      },
      handler: (given) => {
        const values = valuesOf(command, given);
        checkValues(command, values);
        const color = typeof values['color'] === 'boolean' ? values['color'] : undefined;
        read = { command, given: values, color, placeOf: (option) => configuration?.placeOf(option) };
      },
    });
  }
  // yargs reports what it finds as a sentence only, so the check is repeated on the values that it has parsed.
  parser.fail((message, error) => {
    if (error) throw error;
    if (named !== undefined && parser.parsed) checkValues(named, valuesOf(named, parser.parsed.argv));
    throw new UsageError(message.replaceAll(/\s+/g, ' '), 'other');
  });
  await parser.parseAsync(asText(args));
  return read;
}

function beforeEnd(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

/** What yargs has to parse: it drops an argument `-`, and gives the arguments after `--` no names. */
function asText(args: readonly string[]): readonly string[] {
  const before = beforeEnd(args);
  return [
    ...before.map((word) => (word === '-' ? AS_TEXT + word : word)),
    ...args.slice(before.length + 1).map((word) => AFTER_END + word),
  ];
}

/** Undoes `asText`. Throws a UsageError for an option that has taken an argument after `--` as one of its values. */
function valuesOf(command: Command, parsed: object): Values {
  const entries = Object.entries(parsed).map(([name, value]: [string, unknown]) => {
    const isOption = Object.hasOwn(command.options, name);
    const taken = [value].flat().find((word) => typeof word === 'string' && word.startsWith(AFTER_END));
    if (isOption && taken !== undefined) throw unexpectedArgument(command, String(restored(taken)));
    return [name, restored(value)];
  });
  return Object.fromEntries(entries) as Values;
}

function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored);
  return typeof value === 'string' ? value.replace(/^\0+/, '') : value;
}

function newParser(): Argv {
  return yargs()
    .scriptName('conform')
    .detectLocale(false)
    .updateStrings({ 'Positionals:': 'Arguments:' })
    .usage(INTRODUCTION)
    .version(version())
    .help()
    .alias('help', 'h')
    .option('color', {
      type: 'boolean',
      describe: 'Colour what is printed; default: on a terminal, unless NO_COLOR is set',
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(HELP_COLUMNS, process.stdout.columns ?? HELP_COLUMNS));
}

function declare(yargs: Argv, { positionals, options, examples, exits }: Command): Argv {
  // The help shows the groups in the order in which they are declared.
  let declared = yargs;
  for (const [name, positional] of Object.entries(positionals)) {
    declared = declared.positional(name, positional);
  }
  declared = declared.options(options).epilogue(exitStatusText(exits));
  for (const [line, purpose] of examples) declared = declared.example(line, purpose);
  return declared;
}

/** The exit statuses that a command may end with, a line each. */
export function exitStatusText(exits: Command['exits']): string {
  const { usage, kitError } = EXIT_MEANINGS;
  const meanings: Command['exits'] = { usage, kitError, interrupted: 'interrupted', ...exits };
  const lines = (Object.keys(EXIT) as ExitName[])
    .filter((name) => meanings[name] !== undefined)
    .map((name) => `  ${String(EXIT[name]).padEnd(3)}  ${meanings[name]}`);
  return ['Exit status:', ...lines].join('\n');
}
