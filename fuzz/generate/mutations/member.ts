/** What mutations of fields have in common: edits of the list of them, and what is put into their names and values. */

import fc from 'fast-check';
import type { Edit, Member } from '../../case/edits.ts';
import { indexAt, offsetAt, position, sensitive } from '../arbitraries/pools.ts';

export type Members = readonly Member[];

export function editMembers(apply: (members: Members) => Members): Edit {
  return { stage: 'message', apply };
}

/** Changes one field, if there is any. */
function change(at: number, of: (member: Member) => Member): Edit {
  return editMembers((members) => {
    const chosen = indexAt(at, members.length);
    return members.map((member, index) => (index === chosen ? of(member) : member));
  });
}

/** A change of one field that needs something drawn. */
export function changing<T>(
  drawn: fc.Arbitrary<T>,
  of: (member: Member, drawn: T) => Member,
): fc.Arbitrary<Edit> {
  return fc.tuple(position(), drawn).map(([at, value]) => change(at, (member) => of(member, value)));
}

/** Something inside the quotes of a token; a token that is no string as it is. */
export function insertInto(token: string, at: number, text: string): string {
  if (token.length < 2 || !token.startsWith('"')) return token;
  const offset = 1 + offsetAt(at, token.length - 2);
  return token.slice(0, offset) + text + token.slice(offset);
}

/** What a string may end in that a scanner for its end gets wrong; not all of it is legal. */
export const STRING_ENDS = [
  '\\\\',
  '\\"',
  '\\/',
  '\\n',
  '\\u0000',
  '\\u0022',
  '\\u005c',
  '\\ud83d',
  '\\ude80',
  '\\',
  '\\u',
  '\\x41',
  '\\u00e',
];

/** A sensitive character, as it is or escaped. */
export const oddUnit = (): fc.Arbitrary<string> =>
  fc.tuple(sensitive(), fc.nat({ max: 2 })).map(([text, how]) => {
    if (how === 0) return JSON.stringify(text).slice(1, -1);
    if (how === 1) return text;
    return Array.from(
      { length: text.length },
      (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join('');
  });
