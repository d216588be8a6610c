/** Mutations of a message as a list of fields: which there are, and what they are called. */

import fc from 'fast-check';
import type { Member } from '../../case/edits.ts';
import { fieldToken } from '../arbitraries/messages.ts';
import { anyToken, lengths, longToken, pick, place, somewhere } from '../arbitraries/pools.ts';
import { changing, editMembers, insertInto, oddUnit, STRING_ENDS } from './member.ts';
import type { Mutation } from './mutation.ts';

const LOOKALIKES: readonly (readonly [string, string])[] = [
  ['s', '\u017f'],
  ['k', '\u212a'],
  ['a', '\u0430'],
  ['_', '-'],
  ['_', ''],
];

const CASES: readonly ((name: string) => string)[] = [
  (name) => name.toUpperCase(),
  (name) => name.replace(/[a-z]/, (letter) => letter.toUpperCase()),
  (name) => name.replaceAll(/[a-z](?=_|")/g, (letter) => letter.toUpperCase()),
  ...LOOKALIKES.map(
    ([from, to]) =>
      (name: string) =>
        name.replace(from, to),
  ),
];

export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'field/drop',
    weight: 2,
    edits: somewhere().map((at) =>
      editMembers((members) => members.filter((_, index) => index !== pick(at, members.length))),
    ),
  },
  {
    name: 'field/repeat',
    weight: 3,
    edits: fc
      .tuple(somewhere(), fc.integer({ min: 1, max: 4 }), fc.option(anyToken()), somewhere())
      .map(([at, times, other, where]) =>
        editMembers((members) => {
          const member = members[pick(at, members.length)];
          if (member === undefined) return members;
          const copy = other === null ? member : { ...member, value: other };
          const offset = place(where, members.length);
          return members.toSpliced(offset, 0, ...Array.from({ length: times }, () => copy));
        }),
      ),
  },
  {
    name: 'field/swap',
    weight: 1,
    edits: fc.tuple(somewhere(), somewhere()).map(([from, to]) =>
      editMembers((members) => {
        const moved = members[pick(from, members.length)];
        if (moved === undefined) return members;
        const rest = members.filter((member) => member !== moved);
        return rest.toSpliced(place(to, rest.length), 0, moved);
      }),
    ),
  },
  {
    name: 'field/add',
    weight: 3,
    edits: fc
      .tuple(fieldToken(), anyToken(), somewhere())
      .map(([name, value, where]) =>
        editMembers((members) => members.toSpliced(place(where, members.length), 0, { name, value })),
      ),
  },
  {
    name: 'field/many',
    weight: 1,
    edits: fc
      .tuple(lengths(300), anyToken())
      .map(([count, value]) =>
        editMembers((members) => [
          ...members,
          ...Array.from({ length: count }, (_, index): Member => ({ name: `"f${index}"`, value })),
        ]),
      ),
  },
  {
    name: 'name/insert',
    weight: 4,
    edits: changing(fc.tuple(somewhere(), oddUnit()), (member, [at, unit]) => ({
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
    edits: changing(fc.nat({ max: CASES.length - 1 }), (member, which) => ({
      ...member,
      name: (CASES[which] ?? String)(member.name),
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
