/** The tables of docs/protocol.md that describe messages, so that files that repeat them can be compared with it. */

import { readFileSync } from 'node:fs';

/** A field as its row states it. */
export interface DocumentedField {
  readonly name: string;
  readonly kind: 'string' | 'integer' | 'base64' | 'any';
  /** The most bytes, inclusive, and the clause that the row names for it. */
  readonly bound?: { readonly bytes: number; readonly clause: string };
}

const TEXT = readFileSync('docs/protocol.md', 'utf8');

/** The types of frames: number, name, and the message that the payload holds. */
export const DOCUMENTED_TYPES = [...TEXT.matchAll(/^\| +(\d+) \| `(\w+)` +\| \[(\w+)\]/gm)].map(
  ([, number, name = '', message = '']) => ({ number: Number(number), name, message }),
);

/** The fields of each message, in their order, by the name of the message. */
export const DOCUMENTED_MESSAGES: ReadonlyMap<string, readonly DocumentedField[]> = new Map(
  TEXT.slice(TEXT.indexOf('### The messages'), TEXT.indexOf('### Levels'))
    .split(/^#### /m)
    .slice(1)
    .map((section) => [/^\w+/.exec(section)?.[0] ?? '', rowsOf(section)]),
);

/** The states of a task, and the allowed extensions of files. */
export const DOCUMENTED_STATES = [...new Set(wordsIn(/^\| from .*?\n\n/ms, /`([A-Z]+)`/g))];
export const DOCUMENTED_EXTENSIONS = wordsIn(/^- Allowed: .*?^- Forbidden/ms, /`(\.\w+)`/g);

function rowsOf(section: string): readonly DocumentedField[] {
  return [...section.matchAll(/^\| (`.*?) +\| ([a-z].*?) +\| .*? +\|(?: +| (.*?) +)\|$/gm)].flatMap(
    ([, names = '', kind = '', bound = '']) => {
      const [, digits = '', clause = ''] = /^([\d ]+) bytes.*?\(\[(\w+)\]/.exec(bound) ?? [];
      return [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => ({
        name,
        kind: kindOf(kind),
        ...(digits !== '' && { bound: { bytes: Number(digits.replaceAll(' ', '')), clause } }),
      }));
    },
  );
}

function kindOf(words: string): DocumentedField['kind'] {
  if (words.includes('base64')) return 'base64';
  if (words.startsWith('integer')) return 'integer';
  return words === 'any' ? 'any' : 'string';
}

function wordsIn(part: RegExp, word: RegExp): string[] {
  return [...(part.exec(TEXT)?.[0] ?? '').matchAll(word)].map(([, found = '']) => found);
}
