/**
 * How a text that has the right value differs from the canonical one (M12): in its order, its white space, the optional fields
 * that it writes, and how it writes characters and numbers. All of that is free.
 */

/** The freedoms that a writer of JSON has, by name. */
export type Freedom =
  | 'key-order'
  | 'white-space'
  | 'optional-fields'
  | 'html-escapes'
  | 'control-escapes'
  | 'other-escapes'
  | 'numbers';

export interface Difference {
  readonly freedom: Freedom;
  /** As it was written, and as the canonical text has it. Not escaped. */
  readonly got: string;
  readonly wanted: string;
}

/** Tokens of JSON, with the white space before them. */
const TOKEN = /(\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[a-z]+|[{}[\]:,])/gsy;

interface Member {
  readonly name: string;
  /** The token of a simple value, or those of a container. */
  readonly tokens: readonly string[];
}

/** Each freedom once, with its first example. Both texts are JSON objects of the same value. */
export function differencesOf(got: string, canonical: string): readonly Difference[] {
  const found = new Map<Freedom, Difference>();
  const add = (freedom: Freedom, one: string, other: string) => {
    if (!found.has(freedom)) found.set(freedom, { freedom, got: one, wanted: other });
  };
  if (/\s/.test(got.replace(/"(?:[^"\\]|\\.)*"/gs, ''))) add('white-space', got, canonical);
  const ours = membersOf(got);
  const theirs = membersOf(canonical);
  const names = new Set(theirs.map(({ name }) => name));
  const surplus = ours.find(({ name }) => !names.has(name));
  if (surplus !== undefined)
    add('optional-fields', `"${surplus.name}":${surplus.tokens.join('')}`, 'left out');
  const order = ours.map(({ name }) => name).filter((name) => names.has(name));
  if (order.join() !== theirs.map(({ name }) => name).join())
    add('key-order', order.join(', '), theirs.map(({ name }) => name).join(', '));
  for (const { name, tokens } of theirs) {
    const own = ours.find((member) => member.name === name)?.tokens ?? [];
    compareTokens(own, tokens, add);
  }
  return [...found.values()];
}

function compareTokens(
  got: readonly string[],
  wanted: readonly string[],
  add: (freedom: Freedom, got: string, wanted: string) => void,
): void {
  const isSameShape = got.length === wanted.length;
  if (!isSameShape || [...got].sort().join() === [...wanted].sort().join()) {
    if (got.join() !== wanted.join()) add('key-order', got.join(''), wanted.join(''));
    return;
  }
  for (const [at, token] of wanted.entries()) {
    const own = got[at] ?? '';
    if (own === token) continue;
    if (!token.startsWith('"')) add('numbers', own, token);
    else compareStrings(own, token, add);
  }
}

/** One character of a string token, as it is written. */
const CHARACTER = /\\u[0-9a-fA-F]{4}|\\.|[^\\]/gsu;

function compareStrings(
  got: string,
  wanted: string,
  add: (freedom: Freedom, got: string, wanted: string) => void,
): void {
  const ours = unitsOf(got);
  const theirs = unitsOf(wanted);
  for (const [at, one] of theirs.entries()) {
    const own = ours[at] ?? { value: '', written: '' };
    if (own.written === one.written) continue;
    const freedom = /[<>&\u2028\u2029]/.test(one.value)
      ? 'html-escapes'
      : one.value < ' ' || one.value === '\x7f'
        ? 'control-escapes'
        : 'other-escapes';
    add(freedom, own.written, one.written);
    if (own.value !== one.value) return;
  }
}

/** By UTF-16 units, because an escape stands for one. */
function unitsOf(token: string): readonly { readonly value: string; readonly written: string }[] {
  return (token.slice(1, -1).match(CHARACTER) ?? []).flatMap((written) => {
    if (!written.startsWith('\\')) return written.split('').map((unit) => ({ value: unit, written: unit }));
    try {
      return [{ value: JSON.parse(`"${written}"`) as string, written }];
    } catch {
      return [{ value: written, written }];
    }
  });
}

/** The members of the outermost object. */
function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let depth = 0;
  let name: string | undefined;
  let tokens: string[] = [];
  const close = () => {
    if (name !== undefined) members.push({ name, tokens });
    name = undefined;
    tokens = [];
  };
  for (const [, , token = ''] of text.matchAll(TOKEN)) {
    if (depth === 1 && (token === ',' || token === '}')) close();
    if (depth === 1 && name === undefined && token.startsWith('"')) {
      name = token.slice(1, -1);
      continue;
    }
    if (token === '{' || token === '[') depth += 1;
    if (depth > 1 || (depth === 1 && name !== undefined && token !== ':')) tokens.push(token);
    if (token === '}' || token === ']') depth -= 1;
  }
  return members;
}
