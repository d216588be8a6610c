/** What a shell offers for the last word of a command line. An empty list: the shell offers names of files. */

import type { Command, OptionTable } from '../core/command.ts';
import { nameOf } from '../core/help.ts';

/** The names that are read only when a word needs them. */
export interface Names {
  /** Of the scenarios that the command knows; the name of a command such as `run`. */
  readonly ids: (command: string) => Promise<readonly string[]>;
  readonly clauses: () => Promise<readonly string[]>;
  readonly formats: () => Promise<readonly string[]>;
}

/**
 * `words`: those after the name of the program; the last one is being typed, and may be empty. A candidate that ends with `/` is
 * a part of a word. In bash `=` is a word of its own.
 */
export async function candidates(
  words: readonly string[],
  commands: readonly Command[],
  names: Names,
): Promise<readonly string[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const named = commands.find((command) => nameOf(command) === before[0]);
  const command = named ?? commands.find(({ isDefault }) => isDefault);
  if (command === undefined) return [];
  const [, option, begin] = /^--([\w-]+)=(.*)$/s.exec(typed) ?? [];
  if (option !== undefined && begin !== undefined) {
    const values = await valuesOf(command, option, begin, names);
    return values.map((value) => `--${option}=${value}`);
  }
  if (typed.startsWith('-')) return startingWith(typed, optionsOf(command));
  const awaited = optionBefore(before, command);
  if (awaited !== undefined) return valuesOf(command, awaited, typed === '=' ? '' : typed, names);
  if (before.length === 0) return startingWith(typed, commands.map(nameOf));
  if (named !== undefined && nameOf(named) === 'explain') return idOrClause(typed, names);
  const choices = Object.values(command.positionals).flatMap(({ choices = [] }) => [choices].flat());
  return startingWith(typed, choices.map(String));
}

function startingWith(typed: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(typed));
}

function optionsOf({ options }: Command): readonly string[] {
  return [...Object.keys(options), 'color', 'no-color', 'help', 'version'].map((name) => `--${name}`);
}

/** The option whose value the next word is; undefined if that word is none. */
function optionBefore(before: readonly string[], { options }: Command): string | undefined {
  const at = before.findLastIndex((word) => word.startsWith('-'));
  const name = before[at]?.replace(/^--/, '') ?? '';
  const option = options[name];
  if (option === undefined || !takesValue(option)) return undefined;
  const given = before.slice(at + 1).filter((word) => word !== '=').length;
  return given === 0 || option.array ? name : undefined;
}

function takesValue({ type, choices }: OptionTable[string]): boolean {
  return choices !== undefined || (type !== undefined && type !== 'boolean');
}

async function valuesOf(
  command: Command,
  name: string,
  typed: string,
  names: Names,
): Promise<readonly string[]> {
  const option = command.options[name];
  if (option === undefined) return [];
  if (option.choices !== undefined) return startingWith(typed, option.choices.map(String));
  const ids = () => names.ids(nameOf(command));
  switch (name) {
    case 'only':
    case 'skip':
      return idsIn(typed, await ids());
    case 'section':
      return startingWith(typed, sectionsOf(await ids()));
    case 'clause':
      return startingWith(typed.toUpperCase(), await names.clauses());
    case 'reporter':
    case 'format':
      return startingWith(typed, await names.formats());
    default:
      return [];
  }
}

function sectionsOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.map((id) => id.split('/', 1)[0] ?? id))];
}

/** Sections first: all ids together are too many to read. */
function idsIn(typed: string, ids: readonly string[]): readonly string[] {
  if (typed.includes('/')) return startingWith(typed, ids);
  return startingWith(
    typed,
    sectionsOf(ids).map((section) => `${section}/`),
  );
}

async function idOrClause(typed: string, names: Names): Promise<readonly string[]> {
  const clauses = typed === '' || /^[A-Z]\d*$/.test(typed) ? await names.clauses() : [];
  return [...idsIn(typed, await names.ids('explain')), ...startingWith(typed, clauses)];
}
