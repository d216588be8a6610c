/** Mutations of a message as a list of fields: of the list, and of the names. */

import fc from 'fast-check';
import type { Member } from '../../case/edits.ts';
import { fieldToken } from '../arbitraries/messages.ts';
import { anyToken, indexAt, lengths, longToken, offsetAt, position } from '../arbitraries/pools.ts';
import { changing, editMembers, insertInto, type Mutation, oddUnit, STRING_ENDS } from './mutation.ts';

const LOOKALIKES: readonly (readonly [string, string])[] = [
  ['s', '\u017f'],
  ['k', '\u212a'],
  ['a', '\u0430'],
  ['_', '-'],
  ['_', ''],
];

const OTHER_SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name.toUpperCase(),
  (name) => name.replace(/[a-z]/, (letter) => letter.toUpperCase()),
  (name) => name.replaceAll(/[a-z](?=_|")/g, (letter) => letter.toUpperCase()),
  ...LOOKALIKES.map(
    ([from, to]) =>
      (name: string) =>
        name.replace(from, to),
  ),
];

/** More members have a short value each, because a value may have hundreds of digits. */
const MOST_WITH_ANY_VALUE = 301;

/** Numbers of members (M1). The larger, the rarer: a biased draw prefers the ends of a range, so these are in its middle. */
function memberCounts(): fc.Arbitrary<number> {
  return fc
    .tuple(fc.nat({ max: 399 }), fc.integer({ min: -1, max: 1 }), lengths(300))
    .map(([which, delta, few]) => {
      if (which === 0) return 100_000 + delta;
      if (which < 8) return 10_000 + delta;
      return which < 28 ? 1000 + delta : few;
    });
}

export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'field/drop',
    weight: 2,
    edits: position().map((at) =>
      editMembers((members) => members.filter((_, index) => index !== indexAt(at, members.length))),
    ),
  },
  {
    name: 'field/repeat',
    weight: 3,
    edits: fc
      .tuple(position(), fc.integer({ min: 1, max: 4 }), fc.option(anyToken()), position())
      .map(([at, times, other, where]) =>
        editMembers((members) => {
          const member = members[indexAt(at, members.length)];
          if (member === undefined) return members;
          const copy = other === null ? member : { ...member, value: other };
          const offset = offsetAt(where, members.length);
          return members.toSpliced(offset, 0, ...Array.from({ length: times }, () => copy));
        }),
      ),
  },
  {
    name: 'field/swap',
    weight: 1,
    edits: fc.tuple(position(), position()).map(([from, to]) =>
      editMembers((members) => {
        const moved = members[indexAt(from, members.length)];
        if (moved === undefined) return members;
        const rest = members.filter((member) => member !== moved);
        return rest.toSpliced(offsetAt(to, rest.length), 0, moved);
      }),
    ),
  },
  {
    name: 'field/add',
    weight: 3,
    edits: fc
      .tuple(fieldToken(), anyToken(), position())
      .map(([name, value, where]) =>
        editMembers((members) => members.toSpliced(offsetAt(where, members.length), 0, { name, value })),
      ),
  },
  {
    name: 'field/many',
    weight: 1,
    edits: fc.tuple(memberCounts(), anyToken()).map(([count, value]) =>
      editMembers((members) => [
        ...members,
        ...Array.from(
          { length: count },
          (_, index): Member => ({
            name: `"f${index}"`,
            value: count > MOST_WITH_ANY_VALUE ? '0' : value,
          }),
        ),
      ]),
    ),
  },
  {
    name: 'name/insert',
    weight: 4,
    edits: changing(fc.tuple(position(), oddUnit()), (member, [at, unit]) => ({
      ...member,
      name: insertInto(member.name, at, unit),
    })),
  },
  {
    name: 'name/other',
    weight: 3,
    edits: changing(fieldToken(), (member, name) => ({ ...member, name })),
  },
  {
    name: 'name/case',
    weight: 2,
    edits: changing(fc.nat({ max: OTHER_SPELLINGS.length - 1 }), (member, which) => ({
      ...member,
      name: (OTHER_SPELLINGS[which] ?? String)(member.name),
    })),
  },
  {
    name: 'name/long',
    weight: 2,
    edits: changing(longToken(20_000), (member, name) => ({ ...member, name })),
  },
  {
    name: 'name/kind',
    weight: 1,
    edits: changing(anyToken(), (member, name) => ({ ...member, name })),
  },
  {
    name: 'name/end',
    weight: 2,
    edits: changing(fc.constantFrom(...STRING_ENDS), (member, end) => ({
      ...member,
      name: insertInto(member.name, member.name.length - 2, end),
    })),
  },
];
