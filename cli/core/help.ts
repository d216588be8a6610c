/**
 * The text of `conform --help`: what the product does, and its commands, on one screen. The build writes it to a file, because
 * users ask for it most, and loading all commands takes longer than starting Node.
 */

import { readFileSync } from 'node:fs';
import { EXIT, EXIT_MEANINGS, type ExitName } from '../../conformance/report/exit-status.ts';
import type { Command } from './command.ts';

/** Characters of a line of help at the most, also for output that is not a terminal. */
export const HELP_COLUMNS = 110;

/** What a user wants to do, and the commands for it. */
export type CommandGroup = readonly [purpose: string, commands: readonly Command[]];

export const HELP_FILE = new URL('../../help.txt', import.meta.url);

/** Undefined before the build has written the file. */
export function builtHelp(): string | undefined {
  try {
    return readFileSync(HELP_FILE, 'utf8');
  } catch {
    return undefined;
  }
}

const INTRODUCTION = `conform [--target HOST:PORT | --exec COMMAND] [options]

Checks whether implementations of the task-submission protocol conform to it.

  conform --target 127.0.0.1:1003                      judge the server that listens there
  conform --exec './server --port {port} --dir {dir}'  start a server; judge it, its store and its memory
  conform                                              judge the embedded reference, as a demonstration
  conform COMMAND --help                               options and examples; conform run --help: of the above
`;

/** Words that ask for the overview if no other word stands next to them. */
const OVERVIEW = ['--help', '-h', '--color', '--no-color'];

export function asksForOverview(args: readonly string[]): boolean {
  return (
    args.some((word) => word === '--help' || word === '-h') && args.every((word) => OVERVIEW.includes(word))
  );
}

export function overviewText(groups: readonly CommandGroup[]): string {
  const names = groups.flatMap(([, commands]) => commands.map(nameOf));
  const width = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length)) + 2;
  const purposes = width(groups.map(([purpose]) => purpose));
  const lines = groups.flatMap(([purpose, commands]) =>
    commands.map(
      (command, at) =>
        `  ${(at === 0 ? purpose : '').padEnd(purposes)}${nameOf(command).padEnd(width(names))}${command.describe}`,
    ),
  );
  return [INTRODUCTION, ...lines, '', exitStatusText(EXIT_MEANINGS), ''].join('\n');
}

/** The word that calls the command. */
export function nameOf({ usage }: Pick<Command, 'usage'>): string {
  return usage.split(' ', 1)[0] ?? usage;
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
