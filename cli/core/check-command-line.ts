/** Checks of a command line. Each fault is one line: what is wrong, where, and what would be right. */

import leven from 'leven';
import type { Options } from 'yargs';
import { printable } from '../../conformance/util/printable.ts';
import type { Command } from './command.ts';
import { UsageError, type UsageErrorCode } from './errors.ts';
import { nameOf } from './help.ts';

/** What yargs parsed: options and positional arguments by name, and in `_` the words that have no name. */
export type Values = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

/** Names that differ by more edits are not suggested. */
const MAX_EDITS = 2;

/** A first word that is no option has to be the name of a command. Throws UsageError. */
export function checkCommandName([word]: readonly string[], names: readonly string[]): void {
  if (word === undefined || word.startsWith('-') || names.includes(word)) return;
  const hint = similarName(word, names) ?? 'conform --help lists the commands';
  throw new UsageError(`unknown command ${printable(word)}; ${hint}`, 'unknown-command');
}

/**
 * Each option exists, and is followed by a value if it requires one. Checked before the values are, because a misspelt
 * option also looks like a missing one. Throws UsageError.
 */
export function checkWords(args: readonly string[], command: Command): void {
  const known = [...Object.keys(command.options), 'color', 'help', 'version'];
  const end = args.indexOf('--');
  const words = end < 0 ? args : args.slice(0, end);
  for (const [at, word] of words.entries()) {
    if (!isOption(word) || word === '-h') continue;
    const [, dashes = '', given = '', value] = /^(--?)(?:no-)?([^=]*)(=.*)?$/s.exec(word) ?? [];
    const name = inKebab(given);
    if (dashes !== '--' || !known.includes(name)) {
      const shown = word.split('=', 1)[0] ?? word;
      const hint = similarName(name, known, '--') ?? `${helpOf(command)} lists the options`;
      throw new UsageError(`unknown option ${printable(shown)}; ${hint}`, 'unknown-option');
    }
    const next = args[at + 1];
    const option = command.options[name];
    if (option !== undefined && option.type !== 'boolean' && /^--no-/.test(word))
      throw fault(
        command,
        'unknown-option',
        `--no-${name} is no option: --${name} takes a value, so leave it out`,
      );
    const isMissing = value === undefined && (next === undefined || isOption(next));
    // yargs reads an empty text as the number 0.
    const isEmptyNumber = option?.type === 'number' && (value?.slice(1) ?? next)?.trim() === '';
    if ((option?.requiresArg && isMissing) || isEmptyNumber)
      throw fault(command, 'missing-value', `--${name} needs a value`);
    const text = value?.slice(1) ?? next;
    if (option?.type === 'number' && text !== undefined && Number.isNaN(Number(text)))
      throw fault(command, 'invalid-value', `--${name} ${quotedText(text)} is not a number`);
  }
}

/** The name of the option that the word gives, such as 'max-time' for `--maxTime=5`; undefined for a word that gives none. */
export function optionIn(word: string): string | undefined {
  const [, given] = /^--([^=]+)/s.exec(word) ?? [];
  return given && inKebab(given);
}

/** The name of an option on the command line. yargs also takes and gives it in camel case. */
export function inKebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function quotedText(text: string): string {
  return printable(JSON.stringify(text));
}

/** Throws UsageError for the first fault in what yargs parsed. */
export function checkValues(command: Command, values: Values): void {
  checkArguments(command, values);
  for (const [name, option] of Object.entries(command.options)) {
    checkOption(command, name, option, values[name]);
  }
  for (const [one, other] of command.conflicts ?? []) {
    if (values[one] !== undefined && values[other] !== undefined)
      throw fault(command, 'conflicting-options', `--${one} and --${other} exclude each other`);
  }
}

/** All positional arguments are present, and no other word is. */
function checkArguments(command: Command, values: Values): void {
  const words = values._.filter((word, at) => at > 0 || word !== nameOf(command));
  const required = Object.keys(command.positionals).filter((name) => command.positionals[name]?.demandOption);
  // yargs gives the words their names only once there are enough of them.
  const isNamed = required.some((name) => values[name] !== undefined && [values[name]].flat().length > 0);
  const missing = isNamed ? [] : required.slice(words.length).map((name) => `<${name}>`);
  if (missing.length > 0)
    throw fault(
      command,
      'missing-argument',
      missing.length === 1
        ? `the argument ${missing[0]} is missing`
        : `the arguments ${missing.join(' and ')} are missing`,
    );
  for (const [name, { choices }] of Object.entries(command.positionals)) {
    checkChoice(`<${name}>`, values[name], choices);
  }
  const [extra] = words;
  if (extra === undefined) return;
  throw unexpectedArgument(command, String(extra));
}

export function unexpectedArgument(command: Command, word: string): UsageError {
  return fault(command, 'unexpected-argument', `unexpected argument ${printable(word)}`);
}

function checkOption(command: Command, name: string, option: Options, value: unknown): void {
  if (value === undefined && option.demandOption)
    throw fault(command, 'missing-argument', `the option --${name} is missing`);
  if (Array.isArray(value) && !option.array)
    throw fault(command, 'repeated-option', `--${name} is given twice`);
  if (Number.isNaN(value)) throw fault(command, 'invalid-value', `the value of --${name} is not a number`);
  checkChoice(`--${name}`, value, option.choices);
}

function checkChoice(place: string, value: unknown, choices: Options['choices']): void {
  if (choices === undefined || value === undefined) return;
  const names = choices.map(String);
  const wrong = [value].flat().find((one) => !names.includes(String(one)));
  if (wrong === undefined) return;
  throw new UsageError(notOneOf(`${place} ${quotedText(String(wrong))}`, String(wrong), names));
}

/** The message for a value that is none of the names, with the one that may have been meant. */
export function notOneOf(shown: string, given: string, names: readonly string[]): string {
  const hint = similarName(given, names);
  return `${shown} is not one of ${names.join(', ')}${hint === undefined ? '' : `; ${hint}`}`;
}

function fault(command: Command, code: UsageErrorCode, text: string): UsageError {
  return new UsageError(`${text}; see ${helpOf(command)}`, code);
}

function helpOf(command: Command): string {
  return `conform ${nameOf(command)} --help`;
}

/** As yargs decides it: a negative number is a value. */
function isOption(word: string): boolean {
  return /^-./s.test(word) && !/^-(?:\d+(?:\.\d+)?|\.\d+)$/.test(word);
}

/** The question whether a similar name was meant; undefined when no name is similar. */
export function similarName(word: string, names: readonly string[], dashes = ''): string | undefined {
  const name = closestName(word, names);
  if (name === undefined || edits(name, word) > Math.min(MAX_EDITS, name.length / 2)) return undefined;
  return `did you mean ${dashes}${name}?`;
}

/** The name with the fewest edits to the word, however many those are. */
export function closestName(word: string, names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => edits(a, word) - edits(b, word))[0];
}

/** A letter in the other case is no edit. */
function edits(name: string, word: string): number {
  return leven(name.toLowerCase(), word.toLowerCase());
}
