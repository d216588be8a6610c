/**
 * Payloads that every message must accept, or that every message must refuse: JSON and malformed JSON, bytes around the
 * object, and unknown fields. Each row becomes a vector for each message.
 */
import { type Bytes, concat, repeat, text } from '../../scenario/bytes.ts';
import { LEAST_TASK_FILE, MESSAGES, messageValue, TASK_FILE } from '../build/messages.ts';
import { payloadFields, renderBytes } from '../build/runs.ts';
import type { DecodeVector, Level } from '../build/vector.ts';

type Row = readonly [slug: string, note: string, clause: string, level: Level, payload: string | Bytes];

const UTF_16_LE = { raw: Buffer.from('{}', 'utf16le') };
const UTF_16_BE = { raw: Buffer.from('007b007d', 'hex') };

function nest(opener: string, levels: number, closer: string, inside = ''): Bytes {
  return concat(repeat(opener, levels), text(inside), repeat(closer, levels));
}

/** An object with one unknown field that holds nested arrays. `levels` counts the object too. */
function nestedUnknown(levels: number): Bytes {
  return concat(text('{"a":'), nest('[', levels - 1, ']'), text('}'));
}

const REFUSED: readonly Row[] = [
  ['close-brace-behind', 'A closing brace too many.', 'M5', 'must', '{}}'],
  ['null-behind', 'null after the object.', 'M5', 'must', '{} null'],
  ['comma-behind', 'A comma after the object.', 'M5', 'must', '{},'],
  ['semicolon-behind', 'A semicolon after the object.', 'M5', 'must', '{};'],
  ['comment-behind', 'A comment after the object.', 'M5', 'must', '{}//'],
  ['no-break-space-behind', 'U+00A0 is not white space.', 'M5', 'must', '{}\u00a0'],
  ['form-feed-behind', 'A form feed is not white space.', 'M5', 'must', '{}\f'],
  ['vertical-tab-behind', 'A vertical tab is not white space.', 'M5', 'must', '{}\v'],
  ['byte-order-mark-behind', 'A byte-order mark is not white space.', 'M5', 'must', '{}\ufeff'],
  ['object-on-next-line', 'A second object on the next line.', 'M5', 'must', '{}\n{}'],
  ['no-break-space-before', 'U+00A0 is not white space.', 'M6', 'must', '\u00a0{}'],
  ['form-feed-before', 'A form feed is not white space.', 'M6', 'must', '\f{}'],
  ['line-separator-before', 'U+2028 is not white space.', 'M6', 'must', '\u2028{}'],
  ['comma-before', 'A comma before the object.', 'M6', 'must', ',{}'],
  ['utf-16-le', 'UTF-16 in little-endian order.', 'M6', 'must', UTF_16_LE],
  ['utf-16-be', 'UTF-16 in big-endian order.', 'M6', 'must', UTF_16_BE],
  ['top-false', 'The top-level value is an object, not false.', 'M6', 'must', 'false'],
  ['top-fraction', 'The top-level value is an object, not a number.', 'M6', 'must', '1.5'],
  ['top-object-in-string', 'The text of an object is a string.', 'M6', 'must', '"{}"'],
  ['top-array-of-array', 'The top-level value is an object, not an array.', 'M6', 'must', '[[]]'],
  ['null-twice', 'null twice, without a separator.', 'M6', 'must', 'nullnull'],
  ['null-upper-case', 'Literals are in lower case.', 'M6', 'must', 'NULL'],
  ['name-alone', 'A name without colon and value.', 'M6', 'must', '{"a"}'],
  ['colon-missing', 'A name and a value without colon.', 'M6', 'must', '{"a" 1}'],
  ['colon-twice', 'Two colons.', 'M6', 'must', '{"a"::1}'],
  ['comma-missing', 'Two members without comma.', 'M6', 'must', '{"a":1 "b":2}'],
  ['comma-twice', 'Two commas between members.', 'M6', 'must', '{"a":1,,"b":2}'],
  ['equals-sign', 'An equals sign for the colon.', 'M6', 'must', '{"a"=1}'],
  ['array-trailing-comma', 'A comma after the last item.', 'M6', 'should', '{"a":[1,]}'],
  ['array-leading-comma', 'A comma before the first item.', 'M6', 'must', '{"a":[,1]}'],
  ['array-comma-missing', 'Two items without comma.', 'M6', 'must', '{"a":[1 2]}'],
  ['brackets-crossed', 'An array closed by a brace.', 'M6', 'must', '{"a":[}]'],
  ['array-open', 'An array that does not end.', 'M6', 'must', '{"a":[1'],
  ['object-open', 'An object that ends after a comma.', 'M6', 'must', '{"a":1,'],
  ['string-open', 'A string that does not end.', 'M6', 'must', '{"a":"x'],
  ['string-open-behind-escape', 'An escaped quote does not end a string.', 'M6', 'must', '{"a":"x\\"}'],
  ['string-ends-in-backslash', 'A backslash at the end.', 'M6', 'must', '{"a":"\\'],
  ['name-is-number', 'Names are strings.', 'M6', 'must', '{1:2}'],
  ['name-is-null', 'Names are strings.', 'M6', 'must', '{null:1}'],
  ['name-raw-newline', 'An unescaped line feed in a name.', 'M6', 'should', '{"a\n":1}'],
  ['raw-nul', 'An unescaped NUL in a string.', 'M6', 'should', '{"a":"\0"}'],
  ['true-cut-short', 'true without its last letter.', 'M6', 'must', '{"a":tru}'],
  ['true-capitalised', 'Literals are in lower case.', 'M6', 'must', '{"a":True}'],
  ['literal-too-long', 'A letter after null.', 'M6', 'must', '{"a":nullx}'],
  ['undefined', 'undefined is not JSON.', 'M6', 'must', '{"a":undefined}'],
  ['minus-nan', '-NaN is not JSON.', 'M6', 'should', '{"a":-NaN}'],
  ['minus-infinity', '-Infinity is not JSON.', 'M6', 'should', '{"a":-Infinity}'],
  ['minus-twice', 'Two minus signs.', 'M6', 'must', '{"a":--1}'],
  ['point-twice', 'Two decimal points.', 'M6', 'must', '{"a":1.2.3}'],
  ['zero-twice', 'Two zeros.', 'M6', 'should', '{"a":00}'],
  ['minus-leading-zero', 'A leading zero after a minus sign.', 'M6', 'should', '{"a":-01}'],
  ['exponent-sign-alone', 'An exponent of a sign alone.', 'M6', 'must', '{"a":1e+}'],
  ['exponent-fraction', 'An exponent with a fraction.', 'M6', 'must', '{"a":1e1.5}'],
  ['number-suffix', 'A number with a suffix.', 'M6', 'must', '{"a":1n}'],
  ['escape-u-no-hex', 'g is not a hex digit.', 'M6', 'must', '{"a":"\\u00g0"}'],
  ['escape-u-capital', 'The escape is a lower-case u.', 'M6', 'must', '{"a":"\\U0041"}'],
  ['escape-u-braces', '\\u needs four hex digits, not braces.', 'M6', 'must', '{"a":"\\u{41}"}'],
  ['escape-quote-single', "There is no escape \\'.", 'M6', 'should', `{"a":"\\'"}`],
  ['escape-octal', 'There are no octal escapes.', 'M6', 'should', '{"a":"\\101"}'],
  ['hash-comment', 'A comment line.', 'M6', 'should', '#\n{}'],
  ['html-comment', 'A comment of HTML.', 'M6', 'must', '<!---->{}'],
  ['depth-10001', '10 001 levels, one too many.', 'M11', 'should', nestedUnknown(10_001)],
  ['depth-1000000', 'A million levels.', 'M11', 'should', nestedUnknown(1_000_000)],
  ['depth-open-arrays', 'A million arrays that do not end.', 'M11', 'must', nest('[', 1_000_000, '')],
  ['depth-open-objects', '100 000 objects, open.', 'M11', 'must', concat(repeat('{"a":', 100_000))],
];

const ACCEPTED: readonly Row[] = [
  ['null-in-white-space', 'null, with white space around it.', 'M6', 'may', ' null\n'],
  [
    'white-space-long',
    'White space of any length.',
    'M5',
    'must',
    concat(repeat(' \t\r\n', 1000), text('{}')),
  ],
  [
    'white-space-long-behind',
    'White space of any length.',
    'M5',
    'must',
    concat(text('{}'), repeat('\n', 4000)),
  ],
  ['unknown-true', 'An unknown field is ignored.', 'M1', 'must', '{"a":true}'],
  ['unknown-false', 'An unknown field is ignored.', 'M1', 'must', '{"a":false}'],
  ['unknown-null', 'An unknown field is ignored.', 'M1', 'must', '{"a":null}'],
  ['unknown-string', 'An unknown field is ignored.', 'M1', 'must', '{"a":"b"}'],
  ['unknown-fraction', 'An unknown field is ignored.', 'M1', 'must', '{"a":-1.25}'],
  [
    'unknown-exponents',
    'Exponents with either letter and either sign.',
    'M1',
    'must',
    '{"a":[1E+2,1e-2,0e0]}',
  ],
  ['unknown-minus-zero', 'A zero with sign and fraction.', 'M1', 'must', '{"a":-0.0}'],
  [
    'unknown-beyond-double',
    'A number beyond the range of a double is ignored too.',
    'M1',
    'should',
    '{"a":1e400}',
  ],
  [
    'unknown-400-digits',
    'A number of 400 digits.',
    'M1',
    'should',
    concat(text('{"a":'), repeat('9', 400), text('}')),
  ],
  ['unknown-escapes', 'Every short escape.', 'M1', 'must', '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t"}'],
  ['unknown-escape-hex-case', 'Hex digits in either case.', 'M1', 'must', '{"a":"\\u00e9\\u00E9"}'],
  [
    'unknown-empty-containers',
    'Empty containers with white space inside.',
    'M1',
    'must',
    '{"a":{ },"b":[ ]}',
  ],
  ['unknown-name-escaped', 'A name with escapes.', 'M1', 'must', '{"\\u0061\\"":1}'],
  [
    'unknown-prototype',
    'Names of built-in JavaScript properties.',
    'M1',
    'must',
    '{"__proto__":{"task_id":1},"toString":1}',
  ],
  [
    'unknown-name-long',
    'A name of 10 000 letters.',
    'M1',
    'must',
    concat(text('{"'), repeat('a', 10_000), text('":1}')),
  ],
  [
    'unknown-string-long',
    'A string of 1 MiB.',
    'M1',
    'must',
    concat(text('{"a":"'), repeat('b', 1 << 20), text('"}')),
  ],
  [
    'unknown-fields-many',
    '10 000 fields of one name.',
    'M7',
    'may',
    concat(text('{'), repeat('"a":1,', 9999), text('"a":1}')),
  ],
  ['depth-100', '100 levels.', 'M1', 'must', nestedUnknown(100)],
  ['depth-9999', '9 999 levels, the object counted.', 'M11', 'should', nestedUnknown(9999)],
  ['depth-10000', '10 000 levels, the most that are accepted.', 'M11', 'should', nestedUnknown(10_000)],
  ['depth-objects-10000', '10 000 objects.', 'M11', 'should', nest('{"a":', 10_000, '}', '1')],
];

function asBytes(payload: string | Bytes): Bytes {
  return typeof payload === 'string' ? text(payload) : payload;
}

/** The same object with what every task file has; undefined if the payload does not show where its object begins. */
function asTaskFile(payload: Bytes): Bytes | undefined {
  const [first, ...others] = 'parts' in payload ? payload.parts : [payload];
  if (first === undefined) return undefined;
  const head = renderBytes(first).toString();
  if (head.trim() === '') {
    const rest = asTaskFile(concat(...others));
    return rest && concat(first, rest);
  }
  if (!('raw' in first) || !head.startsWith('{')) return undefined;
  const members = JSON.stringify(LEAST_TASK_FILE).slice(1, -1);
  const rest = head.slice(1);
  return concat(text(`{${members}${rest.startsWith('}') ? '' : ','}${rest}`), ...others);
}

export const decodeJson: readonly DecodeVector[] = MESSAGES.flatMap((message) => {
  const head = ([slug, note, clause, level]: Row, payload: Bytes) =>
    ({
      id: `decode-${message.slug}-${slug}`,
      note,
      clause,
      level,
      source: 'derived',
      message: message.name,
      ...payloadFields(payload),
    }) as const;
  return [
    ...REFUSED.map((row) => ({ ...head(row, asBytes(row[4])), valid: false }) as const),
    ...ACCEPTED.map((row) => {
      const payload = asBytes(row[4]);
      const file = message === TASK_FILE ? asTaskFile(payload) : undefined;
      const value = messageValue(message, file && LEAST_TASK_FILE);
      return { ...head(row, file ?? payload), valid: true, value } as const;
    }),
  ];
});
