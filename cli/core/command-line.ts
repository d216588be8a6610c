/** Reads a command line: which command it names, and the values of the command's arguments and options. */

import yargs, { type Argv } from 'yargs';
import {
  checkCommandName,
  checkValues,
  checkWords,
  unexpectedArgument,
  type Values,
} from './check-command-line.ts';
import type { Command } from './command.ts';
import { type Configuration, readConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { exitStatusText, HELP_COLUMNS, nameOf } from './help.ts';
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
        if (!isChecked) return withHelp(yargs, command);
        const declared = declare(yargs, command, true);
        if (command.configured === undefined) return declared;
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

/** yargs also writes the help of a command that it runs, which takes longer than to read the command line. So options are hidden then. */
function declare(yargs: Argv, { positionals, options }: Command, hidden: boolean): Argv {
  // The help shows the groups in the order in which they are declared.
  let declared = yargs;
  for (const [name, positional] of Object.entries(positionals)) {
    declared = declared.positional(name, { ...positional, hidden });
  }
  for (const [name, option] of Object.entries(options))
    declared = declared.option(name, { ...option, hidden });
  return declared;
}

function withHelp(yargs: Argv, command: Command): Argv {
  let declared = declare(yargs, command, false).epilogue(exitStatusText(command.exits));
  for (const [line, purpose] of command.examples) declared = declared.example(line, purpose);
  return declared;
}
