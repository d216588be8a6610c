/** Values of a field of each kind, and the canonical token of each (M12). */
import { type Bytes, concat, KiB, repeat, text } from '../../scenario/bytes.ts';
import type { Field } from '../build/messages.ts';
import type { FieldValue, Level } from '../build/vector.ts';

/** The default clause is M12, the default level must. */
export type EncodeRow<Token = string | Bytes> = readonly [
  slug: string,
  note: string,
  value: FieldValue,
  token: Token,
  clause?: string,
  level?: Level,
];

export const quotedRun = (unit: string, times: number): Bytes =>
  concat(text('"'), repeat(unit, times), text('"'));

const SHORT_ESCAPES: Readonly<Record<number, string>> = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r' };

/** Used for `task_description` of a SubmitRequest, and as a string inside `result`. */
export const CHARACTERS: readonly EncodeRow<string>[] = [
  ...Array.from({ length: 0x20 }, (_, code): EncodeRow<string> => {
    const hex = code.toString(16).padStart(2, '0');
    const escaped = `\\${SHORT_ESCAPES[code] ?? `u00${hex}`}`;
    return [
      `control-${hex}`,
      `U+00${hex.toUpperCase()} as ${escaped}`,
      String.fromCharCode(code),
      `"${escaped}"`,
    ];
  }),
  ['quote', 'A quotation mark.', '"', '"\\""'],
  ['backslash', 'A backslash.', '\\', '"\\\\"'],
  ['slash', 'A slash is not escaped.', '/', '"/"'],
  ['apostrophe', 'An apostrophe is not escaped.', "'", `"'"`],
  ['less-than', '< is escaped.', '<', '"\\u003c"'],
  ['greater-than', '> is escaped.', '>', '"\\u003e"'],
  ['ampersand', '& is escaped.', '&', '"\\u0026"'],
  ['delete', 'U+007F is not escaped.', '\u007f', '"\u007f"'],
  ['c1-control', 'U+0085 is not escaped.', '\u0085', '"\u0085"'],
  ['two-bytes-first', 'U+0080, the first of two bytes.', '\u0080', '"\u0080"'],
  ['two-bytes-last', 'U+07FF, the last of two bytes.', '\u07ff', '"\u07ff"'],
  ['three-bytes-first', 'U+0800, the first of three bytes.', '\u0800', '"\u0800"'],
  ['before-separators', 'U+2027 is not escaped.', '\u2027', '"\u2027"'],
  ['line-separator', 'U+2028 is escaped.', '\u2028', '"\\u2028"'],
  ['paragraph-separator', 'U+2029 is escaped.', '\u2029', '"\\u2029"'],
  ['behind-separators', 'U+202A is not escaped.', '\u202a', '"\u202a"'],
  ['before-surrogates', 'U+D7FF is not escaped.', '\ud7ff', '"\ud7ff"'],
  ['behind-surrogates', 'U+E000 is not escaped.', '\ue000', '"\ue000"'],
  ['replacement-character', 'A genuine U+FFFD is not escaped.', '\ufffd', '"\ufffd"'],
  ['three-bytes-last', 'U+FFFF, the last of three bytes.', '\uffff', '"\uffff"'],
  ['four-bytes-first', 'U+10000, the first of four bytes.', '\u{10000}', '"\u{10000}"'],
  ['four-bytes-last', 'U+10FFFF, the last of four bytes.', '\u{10ffff}', '"\u{10ffff}"'],
  ['byte-order-mark', 'U+FEFF is not escaped.', '\ufeff', '"\ufeff"'],
  ['looks-escaped', 'Text that looks like an escape is text.', '\\u003c', '"\\\\u003c"'],
];

export const INVALID: readonly EncodeRow[] = [
  ['invalid-first', 'A byte that begins no character.', { utf8_hex: 'ff61' }, '"\\ufffda"', 'M8', 'may'],
  ['invalid-continuation', 'A continuation byte alone.', { utf8_hex: '6180' }, '"a\\ufffd"', 'M8', 'may'],
  ['overlong', 'An overlong slash.', { utf8_hex: 'c0af' }, '"\\ufffd\\ufffd"', 'M8', 'may'],
  ['low-surrogate', 'A low surrogate.', { utf8_hex: 'edb080' }, '"\\ufffd\\ufffd\\ufffd"', 'M8', 'may'],
  [
    'truncated-by-character',
    'A truncated character before an é.',
    { utf8_hex: 'e282c3a9' },
    '"\\ufffd\\ufffdé"',
    'M8',
    'may',
  ],
  [
    'above-unicode',
    'Above U+10FFFF.',
    { utf8_hex: 'f4908080' },
    '"\\ufffd\\ufffd\\ufffd\\ufffd"',
    'M8',
    'may',
  ],
];

export const BY_KIND: Readonly<Record<Field['kind'], readonly EncodeRow[]>> = {
  string: [
    [
      'escapes',
      'Everything that is escaped.',
      '"\\<>&\u2028\t\u0001',
      '"\\"\\\\\\u003c\\u003e\\u0026\\u2028\\t\\u0001"',
    ],
    ['empty', 'Empty: left out if the field is optional.', '', '""'],
  ],
  int64: [
    ['zero', 'Zero: left out if the field is optional.', 0, '0'],
    ['minus-one', 'Integers are signed.', -1, '-1'],
    ['safe', '2^53 - 1.', 9007199254740991, '9007199254740991'],
    [
      'beyond-safe',
      '2^53 + 1, which no double holds.',
      { int64: '9007199254740993' },
      '9007199254740993',
      'M9',
      'should',
    ],
    ['max', 'The largest int64.', { int64: '9223372036854775807' }, '9223372036854775807', 'M9', 'should'],
    ['min', 'The smallest int64.', { int64: '-9223372036854775808' }, '-9223372036854775808', 'M9', 'should'],
  ],
  bytes: [
    ['empty', 'No bytes: left out.', { hex: '', times: 1 }, '""'],
    ['zeros', 'Bytes of zero.', { hex: '000000', times: 1 }, '"AAAA"', 'M10'],
    [
      'all-letters',
      'All 64 letters of the alphabet.',
      {
        hex: '00108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3dfbf',
        times: 1,
      },
      '"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"',
      'M10',
    ],
    [
      'long',
      '9 KiB of zeros, in one line.',
      { hex: '00', times: 9 * KiB },
      quotedRun('AAAA', 3 * KiB),
      'M10',
    ],
  ],
  json: [
    ['false', 'A boolean.', { json: 'false' }, 'false'],
    ['empty-string', 'An empty string.', { json: '""' }, '""'],
    ['empty-object', 'An empty object.', { json: '{}' }, '{}'],
    ['nested', 'Containers inside each other.', { json: '[[],[{"a":[{}]}]]' }, '[[],[{"a":[{}]}]]'],
    [
      'keys-sorted',
      'Keys in the order of their bytes.',
      { json: '{"b":1,"a":2,"B":3,"":4}' },
      '{"":4,"B":3,"a":2,"b":1}',
    ],
    [
      'keys-beyond-utf16',
      'U+FFFF before U+10000, unlike in UTF-16.',
      { json: '{"\u{10000}":1,"\uffff":2}' },
      '{"\uffff":2,"\u{10000}":1}',
    ],
    [
      'keys-prefix',
      'A key comes before the keys that it is a prefix of.',
      { json: '{"aa":1,"a":2}' },
      '{"a":2,"aa":1}',
    ],
    ['keys-digits', 'Digits are text: 10 before 9.', { json: '{"9":1,"10":2}' }, '{"10":2,"9":1}'],
    [
      'keys-escaped',
      'Keys are escaped in the same way as strings.',
      { json: '{"<&>":1}' },
      '{"\\u003c\\u0026\\u003e":1}',
    ],
    ['minus-zero', 'Negative zero keeps its sign.', { json: '-0.0' }, '-0', 'M12', 'may'],
    ['whole', 'A whole number is written without a fraction.', { json: '1.0' }, '1'],
    ['tenth', 'The fewest digits that give the same double again.', { json: '0.1' }, '0.1'],
    ['third', 'A double that needs sixteen digits.', { json: '0.3333333333333333' }, '0.3333333333333333'],
    ['1e22', 'A large power of ten is written with an exponent.', { json: '1e22' }, '1e+22'],
    [
      'below-1e21',
      'The largest number that is written without an exponent.',
      { json: '999999999999999868928' },
      '999999999999999900000',
      'M12',
      'should',
    ],
    ['1-5e-7', 'A small number that is written with an exponent.', { json: '0.00000015' }, '1.5e-7'],
    ['1-5e-6', 'A small number that is written without an exponent.', { json: '1.5e-6' }, '0.0000015'],
    ['largest', 'The largest double.', { json: '1.7976931348623157e308' }, '1.7976931348623157e+308'],
    ['smallest', 'The smallest double.', { json: '5e-324' }, '5e-324'],
  ],
};
