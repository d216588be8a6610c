/** Mutations of the value of a field. */

import fc from 'fast-check';
import { idToken } from '../arbitraries/messages.ts';
import {
  anyToken,
  lengths,
  longToken,
  numberToken,
  position,
  shortText,
  spelled,
} from '../arbitraries/pools.ts';
import { changing, insertInto, type Mutation, oddUnit, STRING_ENDS } from './mutation.ts';

/** Names that have a meaning in a language, a shell or a file system. */
const RISKY_NAMES = [
  '__proto__',
  'constructor',
  '../../x',
  '/etc/passwd',
  '..',
  '.',
  'CON',
  'a/b',
  'a\\b',
  'C:x',
  'x\0.txt',
  '%2e%2e%2f',
  '~',
  '-rf',
  '$(x)',
  '%s%n',
  'null',
  'NaN',
  '0',
  ' ',
  'a ',
  'a.',
  '.a',
  '%00',
  'COM1.txt',
  '#{7*7}',
  '{{7*7}}',
  "' OR ''='",
  '<script>',
  'a\nb',
  'a\r\nX: b',
  '\u202ea',
  '\ufeffa',
];

/** Levels of nesting (M11). The deeper, the rarer: a biased draw prefers the ends of a range, so these are in its middle. */
function depths(): fc.Arbitrary<number> {
  return fc.tuple(fc.nat({ max: 399 }), lengths(12_000)).map(([which, few]) => {
    if (which === 200) return 1_000_000;
    return which > 200 && which < 204 ? 100_000 : few;
  });
}

export const VALUE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'value/kind',
    weight: 10,
    edits: changing(anyToken(), (member, value) => ({ ...member, value })),
  },
  {
    name: 'value/number',
    weight: 3,
    edits: changing(numberToken(), (member, value) => ({ ...member, value })),
  },
  {
    name: 'value/text',
    weight: 3,
    edits: changing(spelled(shortText()), (member, value) => ({ ...member, value })),
  },
  {
    name: 'value/insert',
    weight: 4,
    edits: changing(fc.tuple(position(), oddUnit()), (member, [at, unit]) => ({
      ...member,
      value: insertInto(member.value, at, unit),
    })),
  },
  {
    name: 'value/end',
    weight: 3,
    edits: changing(fc.constantFrom(...STRING_ENDS), (member, end) => ({
      ...member,
      value: insertInto(member.value, member.value.length - 2, end),
    })),
  },
  {
    name: 'value/long',
    weight: 2,
    edits: changing(longToken(20_000), (member, value) => ({ ...member, value })),
  },
  {
    name: 'value/loaded',
    weight: 2,
    edits: changing(fc.constantFrom(...RISKY_NAMES), (member, text) => ({
      ...member,
      value: JSON.stringify(text),
    })),
  },
  {
    name: 'value/id',
    weight: 1,
    edits: changing(idToken(), (member, value) => ({ ...member, value })),
  },
  {
    name: 'value/nest',
    weight: 2,
    edits: changing(fc.tuple(depths(), fc.boolean(), fc.boolean()), (member, [levels, isArray, isClosed]) => {
      const [open, close] = isArray ? ['[', ']'] : ['{"a":', '}'];
      return {
        ...member,
        value: open.repeat(levels) + member.value + (isClosed ? close.repeat(levels) : ''),
      };
    }),
  },
];
