/** Small arbitraries that messages and mutations share: lengths at bounds, text and its spellings, tokens of every kind. */

import fc from 'fast-check';
import {
  DESCRIPTION_CAP,
  FILENAME_CAP,
  JUSTIFICATION_CAP,
  PAYLOAD_CAP,
  RESULT_TEXT_CAP,
} from '../../../conformance/scenario/bytes.ts';
import { SENSITIVE } from './protocol-types.ts';

/** A position in something whose length is not known yet; `offsetAt` and `indexAt` apply it. Shrinks to the beginning. */
export const position = (): fc.Arbitrary<number> => fc.nat({ max: 0xffff });

/** The offset that a position means in something of `length` units, from 0 to `length`, inclusive. */
export function offsetAt(at: number, length: number): number {
  return at % (length + 1);
}

/** The index that a position means among `count` items; 0 if there are none. */
export function indexAt(at: number, count: number): number {
  return count === 0 ? 0 : at % count;
}

/** Each power of two and its two neighbours, up to `max`, inclusive. */
function powers(max: number): number[] {
  const around = Array.from({ length: 33 }, (_, exponent) => 2 ** exponent).flatMap((n) => [n - 1, n, n + 1]);
  return [...new Set(around)].filter((n) => n <= max);
}

/** Every bound that the protocol has for a text, and its two neighbours. */
const CAPS = [FILENAME_CAP, JUSTIFICATION_CAP, DESCRIPTION_CAP, RESULT_TEXT_CAP].flatMap((n) => [
  n - 1,
  n,
  n + 1,
]);

/** One digit and zeros, 10 to 9 000 000, and the two neighbours: programs often have such bounds and buffer sizes. */
const ROUND = [10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((power) =>
  Array.from({ length: 9 }, (_, digit) => (digit + 1) * power).flatMap((n) => [n - 1, n, n + 1]),
);

/** Every length up to this one is drawn often: most bounds that an implementation adds are this short. */
const SHORT = 512;

/** Lengths from 0 to `max`, inclusive: near powers of two, round numbers and the protocol's bounds, short ones, or any. */
export function lengths(max: number): fc.Arbitrary<number> {
  const upToMax = (numbers: readonly number[]): number[] => numbers.filter((n) => n <= max);
  const special = [...powers(max), ...upToMax(CAPS)];
  const round = upToMax(ROUND);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...special) },
    ...(round.length === 0 ? [] : [{ weight: 2, arbitrary: fc.constantFrom(...round) }]),
    { weight: 4, arbitrary: fc.nat({ max: Math.min(max, SHORT) }) },
    { weight: 1, arbitrary: fc.nat({ max }) },
  );
}

/** Numbers from 0 to `max`, inclusive: mostly near powers of two, else small ones, or any. */
export function uint32(max = 0xffffffff): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...powers(max)) },
    { weight: 1, arbitrary: fc.nat({ max: Math.min(max, 0xff) }) },
    { weight: 1, arbitrary: fc.nat({ max }) },
  );
}

/** Lengths for a header: mostly within the cap (F2), else any. */
export function declaredLengths(): fc.Arbitrary<number> {
  return fc.oneof({ weight: 3, arbitrary: uint32(PAYLOAD_CAP) }, { weight: 1, arbitrary: uint32() });
}

const UNITS = ['a', ' ', '\u00e9', '\u20ac', '\u{1f680}', '\0', '\\', '"'] as const;

/** One of the texts that codecs get wrong. */
export const sensitive = (): fc.Arbitrary<string> => fc.constantFrom(...SENSITIVE);

/** Short text: ordinary words, alone or with a text that codecs get wrong. */
export function shortText(): fc.Arbitrary<string> {
  const word = fc.constantFrom(
    '',
    'a',
    'task',
    'Summarise the attached paper',
    '0:0000.0000.0001',
    'é',
    'NEW',
  );
  const mixed = fc
    .tuple(word, sensitive(), word, fc.boolean())
    .map(([before, odd, after, isLast]) => (isLast ? before + odd : before + odd + after));
  return fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: mixed });
}

/** Ways to write a string in JSON. The last does not escape, and so is JSON for harmless strings only. */
const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify(text),
  (text) => `"${escaped(text, /[^\x20-\x7e]|["\\]/g)}"`,
  (text) => `"${escaped(text, /[\s\S]/g)}"`,
  (text) => `"${text}"`,
];

function escaped(text: string, which: RegExp): string {
  return text.replaceAll(which, (unit) =>
    Array.from(
      { length: unit.length },
      (_, at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** The string as a JSON token: mostly with the usual escapes, else with more escapes, or with none. */
export function spelled(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const spelling = fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.nat({ max: SPELLINGS.length - 1 }) },
  );
  return fc.tuple(text, spelling).map(([value, which]) => (SPELLINGS[which] ?? JSON.stringify)(value));
}

/** One character, repeated, as a JSON token. `max`, inclusive, is in characters. */
export function longToken(max: number): fc.Arbitrary<string> {
  const spelling = fc.constantFrom(...SPELLINGS);
  return fc
    .tuple(fc.constantFrom(...UNITS), spelling, lengths(max))
    .map(([unit, spell, times]) => `"${spell(unit).slice(1, -1).repeat(times)}"`);
}

/** Number tokens: legal ones, and ones that are nearly legal. */
export function numberToken(): fc.Arbitrary<string> {
  const sign = fc.constantFrom('', '-', '+');
  const digits = fc.oneof(
    fc.constantFrom('0', '1', '200', '400', '00', '01', ''),
    fc.constantFrom('9223372036854775807', '9223372036854775808', '9007199254740993', '4294967296'),
    fc.tuple(fc.constantFrom('9', '0', '1'), lengths(400)).map(([digit, times]) => digit.repeat(times)),
  );
  const fraction = fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('.0', '.5', '.', '.00000000000000000001') },
  );
  const exponent = fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('e0', 'E2', 'e+2', 'e-2', 'e', 'e400', 'e-400', 'e99999999999') },
  );
  return fc.tuple(sign, digits, fraction, exponent).map((parts) => parts.join(''));
}

/** Small values of every kind. */
const LEGAL_TOKENS = ['null', 'true', 'false', '0', '""', '[]', '{}', '[0]', '[""]', '{"":0}'] as const;

/** Values that are legal in a dialect of JSON, or nearly legal. */
const ODD_TOKENS = [
  '[null]',
  '{"a":{"b":[]}}',
  '[[[[]]]]',
  'nul',
  'True',
  'NaN',
  'Infinity',
  'undefined',
  "'a'",
  '',
  '"',
  '[',
  '{',
  '[,]',
  '{,}',
  '0x10',
  '1_0',
] as const;

/** A JSON value of any kind, or a token that is nearly one. */
export function anyToken(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...LEGAL_TOKENS) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_TOKENS) },
    { weight: 2, arbitrary: numberToken() },
    { weight: 2, arbitrary: spelled(shortText()) },
  );
}
