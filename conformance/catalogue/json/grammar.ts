/** Payloads that are not strict JSON, not an object, or more than one value (M5, M6, S6). */

import { type Bytes, concat, SUBMIT, size, slice, text } from '../../scenario/bytes.ts';
import { frame, submitPayload } from '../../scenario/messages.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, NOT_ACCEPTED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

type Fault = readonly [name: string, clause: string, fault: string, payload: Bytes];

const LEGAL = submitPayload();

/** The members of a legal payload without its braces. */
const MEMBERS = slice(LEGAL, 1, size(LEGAL) - 1);

/** A legal payload followed by this text. */
function followedBy(bytes: string): Bytes {
  return concat(LEGAL, text(bytes));
}

/** A legal payload with one more field, whose value is this text. */
function withValue(token: string): Bytes {
  return submitPayload({ x: text(token) });
}

/** No dialect of JSON reads these as one object. */
const MALFORMED: readonly Fault[] = [
  ['top-level-number', 'M6', 'is a number', text('200')],
  ['top-level-true', 'M6', 'is true', text('true')],
  ['top-level-empty-array', 'M6', 'is an empty array', text('[]')],
  ['top-level-empty-string', 'M6', 'is an empty string', text('""')],
  ['trailing-comma-behind', 'M5', 'has a comma after the object', followedBy(',')],
  ['trailing-brace', 'M5', 'has a second closing brace', followedBy('}')],
  ['trailing-bracket', 'M5', 'has a closing bracket after the object', followedBy(']')],
  ['trailing-null', 'M5', 'has a null after the object', followedBy(' null')],
  ['trailing-number', 'M5', 'has a number after the object', followedBy('0')],
  ['trailing-line', 'M5', 'has a second object on the next line', followedBy('\n{}')],
  [
    'trailing-nul-bytes',
    'M5',
    'is padded with NUL bytes',
    concat(LEGAL, { repeat: new Uint8Array(1), times: 64 }),
  ],
  ['white-space-only', 'S6', 'is only white space', text(' \n\t ')],
  [
    'binary',
    'S6',
    'is binary data',
    { raw: Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 256) },
  ],
  ['members-without-braces', 'S6', 'has no braces around its fields', MEMBERS],
  [
    'colon-missing',
    'S6',
    'has no colon between a name and its value',
    concat(text('{"x" 1,'), MEMBERS, text('}')),
  ],
  ['comma-missing', 'S6', 'has no comma between two fields', concat(text('{"x":1 '), MEMBERS, text('}'))],
  ['name-without-value', 'S6', 'has a name without a value', concat(text('{"x",'), MEMBERS, text('}'))],
  ['brackets-crossed', 'S6', 'closes an array with a brace', withValue('[1}')],
  ['string-unterminated', 'S6', 'ends inside a string', text('{"task_id":"a')],
  ['escape-cut-short', 'S6', 'has a Unicode escape of only two digits', withValue('"\\u00"')],
  ['word', 'S6', 'has an unquoted word as a value', withValue('later')],
  ['utf16', 'S6', 'is in UTF-16', { raw: Uint8Array.from(Buffer.from('{"task_id":"a"}', 'utf16le')) }],
];

/** Lenient parsers accept these. The deployed implementation refuses them (M6). */
const LENIENT: readonly Fault[] = [
  ['comment-line', 'M6', 'has a line comment', concat(text('{// c\n'), MEMBERS, text('}'))],
  ['comment-block', 'M6', 'has a block comment', concat(text('{/* c */'), MEMBERS, text('}'))],
  ['comment-behind', 'M5', 'has a comment after the object', followedBy(' // c')],
  ['trailing-comma', 'M6', 'has a comma after its last field', concat(text('{'), MEMBERS, text(',}'))],
  ['trailing-comma-in-array', 'M6', 'has a comma after the last item of an array', withValue('[1,]')],
  ['double-comma', 'M6', 'has two commas in a row', concat(text('{"x":1,,'), MEMBERS, text('}'))],
  ['single-quotes', 'M6', 'has a string in single quotes', withValue("'a'")],
  ['name-unquoted', 'M6', 'has a name without quotes', concat(text('{x:1,'), MEMBERS, text('}'))],
  ['nan', 'M6', 'holds NaN', withValue('NaN')],
  ['infinity', 'M6', 'holds -Infinity', withValue('-Infinity')],
  ['leading-zero', 'M6', 'holds a number with a leading zero', withValue('01')],
  ['leading-plus', 'M6', 'holds a number with a leading plus sign', withValue('+1')],
  ['leading-point', 'M6', 'holds a number without digits before its decimal point', withValue('.5')],
  ['trailing-point', 'M6', 'holds a number without digits after its decimal point', withValue('1.')],
  ['minus-alone', 'M6', 'holds a minus sign without digits', withValue('-')],
  ['exponent-empty', 'M6', 'holds a number with an empty exponent', withValue('1e')],
  ['hex-number', 'M6', 'holds a hexadecimal number', withValue('0x10')],
  ['capital-true', 'M6', 'holds the word True', withValue('True')],
  ['undefined', 'M6', 'holds the word undefined', withValue('undefined')],
  ['escape-unknown', 'M6', 'has an escape that JSON does not define', withValue('"\\x41"')],
  ['raw-tab', 'M6', 'has an unescaped tab in a string', withValue('"a\tb"')],
  ['raw-line-break', 'M6', 'has an unescaped line break in a string', withValue('"a\nb"')],
  ['raw-nul', 'M6', 'has an unescaped NUL in a string', withValue('"a\0b"')],
  [
    'no-break-space',
    'M6',
    'has a no-break space before its first field',
    concat(text('{\u00a0'), MEMBERS, text('}')),
  ],
  [
    'vertical-tab',
    'M6',
    'has a vertical tab before its first field',
    concat(text('{\v'), MEMBERS, text('}')),
  ],
];

/** A receiver may accept or refuse these. */
const FREE: readonly Fault[] = [
  ['top-level-null', 'M6', 'is null', text('null')],
  ['byte-order-mark', 'M6', 'begins with a byte-order mark', concat(text('\ufeff'), LEGAL)],
];

function refused([name, clause, fault, payload]: Fault, level: Level, cause: string): Scenario {
  return {
    id: `json/${name}`,
    clause,
    level,
    requirement: `A receiver does not accept a SUBMIT whose payload ${fault}, which makes it malformed.`,
    steps: [send(frame(SUBMIT, payload))],
    accept: NOT_ACCEPTED,
    control: ANSWERED,
    likely: [{ when: ['accepted'], cause }],
  };
}

export const jsonGrammar: readonly Scenario[] = [
  ...MALFORMED.map((fault) =>
    refused(
      fault,
      'MUST',
      'The decoder is lenient, stops after the first value, or falls back to an empty message.',
    ),
  ),
  ...LENIENT.map((fault) => refused(fault, 'SHOULD', 'The parser accepts an extended dialect of JSON.')),
  ...FREE.map(
    ([name, clause, fault, payload]): Scenario => ({
      id: `json/${name}`,
      clause,
      level: 'MAY',
      requirement: `A receiver either reads a SUBMIT whose payload ${fault} as a message or refuses it.`,
      steps: [send(frame(SUBMIT, payload))],
      accept: ANYTHING,
      control: ANSWERED,
      ...(name === 'top-level-null' && {
        likely: [
          {
            when: ['died'],
            cause: 'A value that is not an object is used as one, and the error is not caught.',
          },
        ],
      }),
    }),
  ),
];
