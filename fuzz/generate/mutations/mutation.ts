/** The shape of a mutation, and what the mutations of fields share: edits of the list of fields, of names and of values. */

import fc from 'fast-check';
import type { Edit, Member } from '../../case/edits.ts';
import { indexAt, offsetAt, position, sensitive } from '../arbitraries/pools.ts';

export interface Mutation {
  /** Permanent. The part before the slash is what the mutation changes. */
  readonly name: string;
  /** How often it is used, relative to the others; 0: never. */
  readonly weight: number;
  readonly edits: fc.Arbitrary<Edit>;
}

export type Members = readonly Member[];

export function editMembers(apply: (members: Members) => Members): Edit {
  return { stage: 'message', apply };
}

/** Changes one field, if there is one. `at` selects it. */
function change(at: number, of: (member: Member) => Member): Edit {
  return editMembers((members) => {
    const chosen = indexAt(at, members.length);
    return members.map((member, index) => (index === chosen ? of(member) : member));
  });
}

/** A change of one field, by a drawn value. */
export function changing<T>(
  drawn: fc.Arbitrary<T>,
  of: (member: Member, drawn: T) => Member,
): fc.Arbitrary<Edit> {
  return fc.tuple(position(), drawn).map(([at, value]) => change(at, (member) => of(member, value)));
}

/** Inserts text inside the quotes of a string token. Any other token stays as it is. */
export function insertInto(token: string, at: number, text: string): string {
  if (token.length < 2 || !token.startsWith('"')) return token;
  const offset = 1 + offsetAt(at, token.length - 2);
  return token.slice(0, offset) + text + token.slice(offset);
}

/** Ends of a string that a scanner for its closing quote gets wrong. Some of them are not legal JSON. */
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

/** A sensitive text, as it is or escaped. */
export const oddUnit = (): fc.Arbitrary<string> =>
  fc.tuple(sensitive(), fc.nat({ max: 2 })).map(([text, how]) => {
    if (how === 0) return JSON.stringify(text).slice(1, -1);
    if (how === 1) return text;
    return Array.from(
      { length: text.length },
      (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join('');
  });
