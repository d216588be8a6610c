/** Values for one field each, close to what its clause documents: texts at its bound, times, base64, file names. */

import fc from 'fast-check';
import {
  DESCRIPTION_CAP,
  FILENAME_CAP,
  JUSTIFICATION_CAP,
  RESULT_TEXT_CAP,
} from '../../../conformance/scenario/bytes.ts';

/** The documented bounds in bytes, inclusive, by the tokens of the names (S5, U4, R2). */
const CAPS: Readonly<Record<string, number>> = {
  '"task_description"': DESCRIPTION_CAP,
  '"justification"': JUSTIFICATION_CAP,
  '"result_text"': RESULT_TEXT_CAP,
  '"filename"': FILENAME_CAP,
};
/** The bound of a file name on most systems, in bytes: for fields without a documented bound. */
const NAME_CAP = 255;
/** A larger bound is drawn rarely, because such a case costs a thousand times as much as others. */
const CHEAP_CAP = 64 * 1024;
const RARE = 16;

/** A character as written in JSON, and its sizes: UTF-8 bytes, characters, UTF-16 units, and bytes as written. */
const UNITS: readonly (readonly [written: string, ...sizes: readonly number[]])[] = [
  ['a', 1, 1, 1, 1],
  ['\u00e9', 2, 1, 1, 2],
  ['\u20ac', 3, 1, 1, 3],
  ['\u{1f680}', 4, 1, 2, 4],
  ['\\n', 1, 1, 1, 2],
  ['\\u0061', 1, 1, 1, 6],
  ['\\u20ac', 3, 1, 1, 6],
  ['\\ud83d\\ude80', 4, 1, 2, 12],
];
const MEASURES = 4;

/** A text that is at the bound of its field, or one unit from it, by one of the measures. */
export interface AtBound {
  /** -1, 0 or 1. */
  readonly delta: number;
  readonly unit: number;
  readonly measure: number;
  readonly rare: number;
}

export const atBound = (): fc.Arbitrary<AtBound> =>
  fc
    .tuple(
      fc.integer({ min: -1, max: 1 }),
      fc.nat({ max: UNITS.length - 1 }),
      fc.nat({ max: MEASURES - 1 }),
      fc.nat({ max: RARE - 1 }),
    )
    .map(([delta, unit, measure, rare]) => ({ delta, unit, measure, rare }));

/** The token for the field of this name. */
export function boundToken(name: string, { delta, unit, measure, rare }: AtBound): string {
  const documented = CAPS[name] ?? NAME_CAP;
  const cap = documented > CHEAP_CAP && rare !== RARE / 2 ? CHEAP_CAP : documented;
  const [written = 'a', ...sizes] = UNITS[unit] ?? [];
  const size = sizes[measure] ?? 1;
  const length = cap + delta;
  const count = Math.floor(length / size);
  return `"${written.repeat(count)}${'a'.repeat(length - count * size)}"`;
}

/** The parts of an RFC 3339 time: the first of each is ordinary. Then legal ones at a bound, and ones that are not legal. */
const TIME_PARTS: readonly (readonly string[])[] = [
  ['2025', '0000', '0001', '1969', '1970', '2024', '2038', '2262', '9999', '10000', '-001', '25', ''],
  ['-', '', '/', '\u2010'],
  ['06', '01', '02', '12', '00', '13', '6', '99'],
  ['-', ''],
  ['01', '28', '29', '30', '31', '00', '32', '1', '001'],
  ['T', 't', ' ', '_', ''],
  ['12', '00', '23', '24', '1', '-1', '012'],
  [':', '', '.'],
  ['00', '59', '60', '0', ''],
  [':', ''],
  ['00', '59', '60', '61', '0', ''],
  [''],
  [
    'Z',
    'z',
    '+00:00',
    '-00:00',
    '+14:00',
    '-23:59',
    '+23:60',
    '+24:00',
    '+24:01',
    '+0000',
    '+00',
    '+1:00',
    '',
    ' Z',
    'UTC',
  ],
];
const FRACTION = 11;
const MOST_DIGITS = 40;
const SEPARATORS = ['.', '.', '.', ','];

/** A time as a token: at most two parts are unusual, and the fraction has 0 to 40 digits. */
export function timeToken(): fc.Arbitrary<string> {
  const part = fc.tuple(fc.nat({ max: TIME_PARTS.length - 1 }), fc.nat({ max: 0xff }));
  const fraction = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: MOST_DIGITS }), fc.constantFrom('0', '9', '1'));
  return fc.tuple(part, part, fraction, fc.boolean()).map(([one, other, [has, digits, digit], isOne]) => {
    const parts = TIME_PARTS.map(([usual = '']) => usual);
    for (const [at, which] of isOne ? [one] : [one, other]) {
      const values = TIME_PARTS[at] ?? [];
      parts[at] = values[which % values.length] ?? '';
    }
    if (has > 0) parts[FRACTION] = `${SEPARATORS[has] ?? '.'}${digit.repeat(digits)}`;
    return JSON.stringify(parts.join(''));
  });
}

const STANDARD = 'Rm9ydHktdHdvIGJ5dGVzIG9mIGRhdGEr/w';
const LINE_BREAKS = ['\\n', '\\r\\n', '\\r', ' ', '\\t', '\\u0000'];

/** Base64 as a token: of every length modulo 4, with and without padding, in both alphabets, with line breaks (M10). */
export function base64Token(): fc.Arbitrary<string> {
  const length = fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(64, 75, 76, 77, 1023, 1024, 1025, 4096));
  const ending = fc.constantFrom('right', 'none', '=', '==', '===', '====', '=A', '-', '!');
  const breaks = fc.tuple(fc.nat({ max: 3 }), fc.constantFrom(4, 64, 76), fc.constantFrom(...LINE_BREAKS));
  return fc.tuple(length, ending, breaks, fc.boolean()).map(([count, end, [has, every, mark], isUrl]) => {
    const all = STANDARD.repeat(Math.ceil(count / STANDARD.length) + 1);
    const body = isUrl ? all.replaceAll('+', '-').replaceAll('/', '_') : all;
    const padding = end === 'right' ? '='.repeat((4 - (count % 4)) % 4) : end === 'none' ? '' : end;
    const text = body.slice(0, count) + padding;
    return `"${has === 0 ? (text.match(new RegExp(`.{1,${every}}`, 'g')) ?? []).join(mark) : text}"`;
  });
}

const EXTENSIONS = ['.md', '.txt', '.pdf', '.csv', '.png', '.bin', '.h5', '.TXT', '.py', ''];
const STEMS = [
  '../../x',
  '../received/x',
  '/tmp/x',
  'a/b',
  'a\\b',
  '..\\x',
  'C:x',
  'C:\\x',
  '.',
  '..',
  '',
  'x\0',
  'x.md\0',
  'x.py',
  '.hidden',
  '-rf',
  'CON',
  'nul',
  'x\n',
  ' x ',
  'x\u202e',
  '%2e%2e%2fx',
  '\u2025/x',
  'x'.repeat(190),
  'x'.repeat(251),
];
/** After the extension. */
const TAILS = ['', '', '', '.', '/', ' ', '\0', ':x', '/../x.md'];

/** A file name whose extension is mostly allowed (R4), and whose other part is not a plain name (R5). */
export function filenameToken(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...STEMS), fc.constantFrom(...EXTENSIONS), fc.constantFrom(...TAILS))
    .map((parts) => JSON.stringify(parts.join('')));
}
