/** The tokens that a field of each kind accepts, with their values, and those that it refuses. */
import { type Bytes, concat, repeat, text } from '../../scenario/bytes.ts';
import type { Field } from '../build/messages.ts';
import type { FieldValue, Level } from '../build/vector.ts';

/** A token and its value. Without a value the token is refused. */
export interface TokenRow {
  readonly slug: string;
  readonly note: string;
  readonly clause: string;
  readonly level: Level;
  readonly token: string | Bytes;
  readonly value?: FieldValue;
}

function refused(slug: string, note: string, clause: string, level: Level, token: string): TokenRow {
  return { slug, note, clause, level, token };
}

function accepted(
  slug: string,
  note: string,
  clause: string,
  level: Level,
  token: string | Bytes,
  value: FieldValue,
): TokenRow {
  return { slug, note, clause, level, token, value };
}

/** Bytes that a JavaScript string cannot hold. */
const raw = (hex: string): Bytes => ({ raw: Buffer.from(hex, 'hex') });

/** Tokens that no kind of field but `json` accepts. */
const OTHER_TYPES: readonly TokenRow[] = [
  refused('object', 'An object is of the wrong type.', 'M4', 'must', '{}'),
  refused('true', 'true is of the wrong type.', 'M4', 'must', 'true'),
  refused('false', 'false is of the wrong type.', 'M4', 'must', 'false'),
];

const STRING: readonly TokenRow[] = [
  refused('number', 'A number is of the wrong type.', 'M4', 'must', '1'),
  refused('array', 'An array is of the wrong type.', 'M4', 'must', '["x"]'),
  ...OTHER_TYPES,
  accepted('null', 'null leaves the zero value.', 'M3', 'must', 'null', ''),
  accepted('empty', 'An empty string.', 'M2', 'must', '""', ''),
  accepted('plain', 'A string.', 'M2', 'must', '"x"', 'x'),
  accepted('number-in-quotes', 'Digits in quotes are a string.', 'M4', 'must', '"1"', '1'),
  accepted(
    'escapes',
    'Every short escape is decoded.',
    'M6',
    'must',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\/\b\f\n\r\t',
  ),
  accepted('escaped-nul', 'An escaped NUL is a character.', 'M6', 'must', '"a\\u0000b"', 'a\0b'),
  accepted('escaped-pair', 'An escaped surrogate pair.', 'M6', 'must', '"\\uD83D\\uDE80"', '\u{1f680}'),
  accepted('unicode', 'One to four bytes a character.', 'M6', 'must', '"aé日\u{1f680}"', 'aé日\u{1f680}'),
  accepted('lone-surrogate', 'A lone surrogate reads as U+FFFD.', 'M8', 'may', '"\\udc00"', '\ufffd'),
  accepted('high-surrogate-twice', 'Two lone surrogates.', 'M8', 'may', '"\\ud83d\\ud83d"', '\ufffd\ufffd'),
  accepted(
    'invalid-utf8',
    'Each invalid byte reads as U+FFFD.',
    'M8',
    'may',
    raw('2280ff22'),
    '\ufffd\ufffd',
  ),
  accepted('truncated-utf8', 'A truncated character.', 'M8', 'may', raw('22f09f9a22'), '\ufffd\ufffd\ufffd'),
];

const INT64: readonly TokenRow[] = [
  refused('string', 'Digits in quotes are a string.', 'M4', 'must', '"1"'),
  refused('empty-string', 'An empty string is of the wrong type.', 'M4', 'must', '""'),
  refused('array', 'An array is of the wrong type.', 'M4', 'must', '[1]'),
  ...OTHER_TYPES,
  refused('fraction', 'A fraction is not an integer.', 'M9', 'should', '0.5'),
  refused('fraction-zero', 'A fraction of zero is not an integer either.', 'M9', 'should', '1.0'),
  refused('exponent', 'An exponent, though the value is whole.', 'M9', 'should', '1e3'),
  refused('exponent-zero', 'An exponent of zero.', 'M9', 'should', '1E0'),
  refused('above-max', '2^63, one too many.', 'M9', 'should', '9223372036854775808'),
  refused('below-min', '-2^63 - 1, one too few.', 'M9', 'should', '-9223372036854775809'),
  refused('40-digits', 'Forty digits.', 'M9', 'should', '1234567890123456789012345678901234567890'),
  refused('beyond-double', 'Beyond the range of a double.', 'M9', 'should', '1e400'),
  refused('leading-zero', 'A leading zero.', 'M6', 'should', '01'),
  refused('plus-sign', 'A plus sign.', 'M6', 'should', '+1'),
  accepted('null', 'null leaves the zero value.', 'M3', 'must', 'null', 0),
  accepted('zero', 'Zero.', 'M9', 'must', '0', 0),
  accepted('minus-zero', '-0 is read as 0.', 'M9', 'should', '-0', 0),
  accepted('one', 'One.', 'M9', 'must', '1', 1),
  accepted('minus-one', 'Integers are signed.', 'M9', 'must', '-1', -1),
  accepted('2-31', '2^31, beyond 32 bits.', 'M9', 'must', '2147483648', 2147483648),
  accepted(
    '2-53-minus-1',
    'The largest integer up to which a double holds every integer.',
    'M9',
    'must',
    '9007199254740991',
    9007199254740991,
  ),
  accepted('2-53', '2^53.', 'M9', 'should', '9007199254740992', { int64: '9007199254740992' }),
  accepted('2-53-plus-1', '2^53 + 1, which no double holds.', 'M9', 'should', '9007199254740993', {
    int64: '9007199254740993',
  }),
  accepted('max', 'The largest int64.', 'M9', 'should', '9223372036854775807', {
    int64: '9223372036854775807',
  }),
  accepted('min', 'The smallest int64.', 'M9', 'should', '-9223372036854775808', {
    int64: '-9223372036854775808',
  }),
];

const bytes = (hex: string): FieldValue => ({ hex, times: 1 });

const BYTES: readonly TokenRow[] = [
  ...OTHER_TYPES,
  refused('number', 'A number is of the wrong type.', 'M4', 'must', '0'),
  refused('padding-alone', 'Padding without letters.', 'M10', 'should', '"===="'),
  refused('padding-three', 'Three padding letters.', 'M10', 'should', '"A==="'),
  refused('padding-before-letter', 'A letter after padding.', 'M10', 'should', '"AA=A"'),
  refused(
    'padding-behind-whole',
    'A group of padding after a complete group.',
    'M10',
    'should',
    '"AAAA===="',
  ),
  refused('two-texts', 'Two padded texts in a row.', 'M10', 'should', '"AA==AA=="'),
  refused('five-letters', 'A group of one letter.', 'M10', 'should', '"AAAAA"'),
  refused('url-safe-minus', 'Minus belongs to the URL-safe alphabet.', 'M10', 'should', '"-A=="'),
  refused('url-safe-underscore', 'Underscore belongs to the URL-safe alphabet.', 'M10', 'should', '"_A=="'),
  refused('space-before', 'A space before the text.', 'M10', 'should', '" AAEC"'),
  refused('space-behind', 'A space after the text.', 'M10', 'should', '"AAEC "'),
  refused('tab-inside', 'An escaped tab inside the text.', 'M10', 'should', '"AA\\tEC"'),
  refused('nul-inside', 'An escaped NUL inside the text.', 'M10', 'should', '"AA\\u0000EC"'),
  refused('full-width', 'A full-width letter.', 'M10', 'should', '"AAE\uff23"'),
  refused('wide-letter', 'U+0141, whose low byte is that of A.', 'M10', 'should', '"\u0141AEC"'),
  refused('invalid-letters', 'A comma inside the text.', 'M10', 'should', '"AA,C"'),
  refused('array-minus-one', '-1 is not a byte value.', 'M10', 'should', '[-1]'),
  refused('array-fraction', '0.5 is not a byte value.', 'M10', 'should', '[0.5]'),
  refused('array-string', 'A string is not a byte value.', 'M10', 'should', '["0"]'),
  refused('array-true', 'true is not a byte value.', 'M10', 'should', '[true]'),
  refused('array-nested', 'An array is not a byte value.', 'M10', 'should', '[[0]]'),
  accepted('null', 'null leaves the zero value.', 'M3', 'must', 'null', bytes('')),
  accepted('empty', 'An empty string stands for zero bytes.', 'M10', 'must', '""', bytes('')),
  accepted('one-byte', 'One byte.', 'M10', 'must', '"/w=="', bytes('ff')),
  accepted('two-bytes', 'Two bytes.', 'M10', 'must', '"//4="', bytes('fffe')),
  accepted('three-bytes', 'Three bytes.', 'M10', 'must', '"//79"', bytes('fffefd')),
  accepted('zeros', 'Bytes of zero.', 'M10', 'must', '"AAAA"', bytes('000000')),
  accepted('escaped-slash', 'An escaped slash is a slash.', 'M10', 'must', '"\\/w=="', bytes('ff')),
  accepted('escaped-padding', 'Escaped padding is padding.', 'M10', 'must', '"/w\\u003d="', bytes('ff')),
  accepted(
    'unused-bits-one',
    'One of the two unused bits after the last byte is set.',
    'M10',
    'may',
    '"AAF="',
    bytes('0001'),
  ),
  accepted('line-feed-alone', 'A line feed is skipped.', 'M10', 'may', '"\\n"', bytes('')),
  accepted(
    'line-feed-in-padding',
    'A line feed between padding letters.',
    'M10',
    'may',
    '"/w=\\n="',
    bytes('ff'),
  ),
  accepted(
    'carriage-returns',
    'Carriage returns are skipped.',
    'M10',
    'may',
    '"\\rAA\\r\\rEC\\r"',
    bytes('000102'),
  ),
  accepted('array-255', 'The largest byte value.', 'M10', 'may', '[ 255 , 0 ]', bytes('ff00')),
  accepted('long', '3 MiB of zeros.', 'M10', 'must', concat(text('"'), repeat('A', 1 << 22), text('"')), {
    hex: '00',
    times: 3 << 20,
  }),
];

const json = (value: string): FieldValue => ({ json: value });

const JSON_VALUE: readonly TokenRow[] = [
  ...Object.entries({
    null: 'null',
    true: 'true',
    zero: '0',
    negative: '-1',
    fraction: '0.5',
    'empty-string': '""',
    string: '"x"',
    'empty-array': '[]',
    'empty-object': '{}',
    'array-of-null': '[null]',
    'arrays-nested': '[[[]]]',
  }).map(([slug, token]) => accepted(slug, `The value ${token}.`, 'M2', 'must', token, json(token))),
  accepted('white-space', 'White space inside.', 'M2', 'must', '[ 1 , { "a" : 2 } ]', json('[1,{"a":2}]')),
  accepted('escapes', 'Escapes inside.', 'M6', 'must', '{"\\u0061":"\\u00e9\\/"}', json('{"a":"é/"}')),
  accepted(
    'proto',
    '__proto__ is a key.',
    'M1',
    'must',
    '{"__proto__":{"a":1}}',
    json('{"__proto__":{"a":1}}'),
  ),
  accepted('exponent', 'A number with an exponent.', 'M2', 'must', '1.5E+3', json('1500')),
  accepted('smallest-double', 'The smallest double.', 'M12', 'should', '5e-324', json('5e-324')),
  accepted(
    'largest-double',
    'The largest double.',
    'M12',
    'should',
    '1.7976931348623157e308',
    json('1.7976931348623157e+308'),
  ),
  accepted('underflow', 'Too small for a double: zero.', 'M12', 'may', '1e-400', json('0')),
  accepted(
    'long-fraction',
    'More digits than a double holds.',
    'M12',
    'may',
    '0.1000000000000000055',
    json('0.1'),
  ),
  accepted(
    'surrogates',
    'Lone surrogates inside.',
    'M8',
    'may',
    '["\\ud800","\\udc00a"]',
    json('["\ufffd","\ufffda"]'),
  ),
  accepted('invalid-utf8', 'Invalid UTF-8 inside.', 'M8', 'may', raw('5b22ff225d'), json('["\ufffd"]')),
  refused('beyond-double', 'Beyond the range of a double.', 'M4', 'should', '[-1e999]'),
  refused('trailing-comma', 'A comma after the last item.', 'M6', 'should', '[1,]'),
  refused('nan', 'NaN is not JSON.', 'M6', 'should', 'NaN'),
];

export const TOKENS: Readonly<Record<Field['kind'], readonly TokenRow[]>> = {
  string: STRING,
  int64: INT64,
  bytes: BYTES,
  json: JSON_VALUE,
};
