/** The placeholders `{port}` and `{dir}` in a command line for a POSIX shell. */

import { ObserverError } from './observer-error.ts';

/** How the shell reads a character: as it stands, or between quotes. */
type Quoting = 'bare' | 'single' | 'double';

interface Placeholder {
  readonly name: string;
  /** The place of its `{`. */
  readonly at: number;
  readonly quoting: Quoting;
}

/** A name in braces. `${name}` is a variable of the shell. */
const PLACEHOLDER = /\{([A-Za-z][\w-]*)\}/y;
/** Characters that mean nothing to a shell. */
const PLAIN = /^[\w./:-]*$/;

/** Whether the command has the placeholder. */
export function hasPlaceholder(command: string, name: string): boolean {
  return placeholdersOf(command).some((placeholder) => placeholder.name === name);
}

/**
 * Replaces each placeholder by its value, which the shell then reads as it is, whatever characters it has, also where the
 * placeholder is in quotes. Throws an ObserverError 'unknown-placeholder' for a name that `values` does not have, except
 * where the braces may belong to a program: in single quotes, and in double quotes with white space.
 */
export function withValues(command: string, values: Readonly<Record<string, string>>): string {
  let filled = '';
  let from = 0;
  for (const { name, at, quoting } of placeholdersOf(command)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      if (quoting === 'single' || (quoting === 'double' && /\s/.test(quotedTextAt(command, at)))) continue;
      const known = Object.keys(values).map((known) => `{${known}}`);
      throw new ObserverError(
        'unknown-placeholder',
        `the command has {${name}}, and the placeholders are ${known.join(' and ')}; single quotes keep braces as they are`,
      );
    }
    filled += command.slice(from, at) + (PLAIN.test(value) ? value : QUOTED[quoting](value));
    from = at + `{${name}}`.length;
  }
  return filled + command.slice(from);
}

const QUOTED: Readonly<Record<Quoting, (value: string) => string>> = {
  bare: (value) => `'${value.replaceAll("'", "'\\''")}'`,
  single: (value) => value.replaceAll("'", "'\\''"),
  double: (value) => value.replace(/["$`\\]/g, '\\$&'),
};

function placeholdersOf(command: string): readonly Placeholder[] {
  const found: Placeholder[] = [];
  let quoting: Quoting = 'bare';
  for (let at = 0; at < command.length; at += 1) {
    const character = command[at];
    if (character === '\\' && quoting !== 'single') at += 1;
    else if (character === "'" && quoting !== 'double') quoting = quoting === 'bare' ? 'single' : 'bare';
    else if (character === '"' && quoting !== 'single') quoting = quoting === 'bare' ? 'double' : 'bare';
    else if (character === '{' && (command[at - 1] !== '$' || quoting === 'single')) {
      PLACEHOLDER.lastIndex = at;
      const name = PLACEHOLDER.exec(command)?.[1];
      if (name !== undefined) found.push({ name, at, quoting });
    }
  }
  return found;
}

/** The text between the double quotes around this place. */
function quotedTextAt(command: string, at: number): string {
  const end = command.indexOf('"', at);
  return command.slice(command.lastIndexOf('"', at) + 1, end < 0 ? undefined : end);
}
