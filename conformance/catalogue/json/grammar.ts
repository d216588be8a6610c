/** Payloads that are no JSON by the letter, or no object, or not only an object (M5, M6, S6). */

import {
  type Bytes,
  concat,
  frame,
  quoted,
  SUBMIT,
  submitPayload,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, NOT_ACCEPTED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

type Fault = readonly [name: string, clause: string, fault: string, payload: Bytes];

const LEGAL = submitPayload();

/** The members of a legal payload without its braces. */
const MEMBERS = concat(
  text('"task_id":'),
  quoted(taskId()),
  text(',"task_description":"a","from_addr":"b","to_addr":"c"'),
);

function behind(bytes: string): Bytes {
  return concat(LEGAL, text(bytes));
}

/** A legal payload with one more member, whose value is this text. */
function holding(token: string): Bytes {
  return submitPayload({ x: text(token) });
}

/** No dialect of JSON takes these for one object. */
const MALFORMED: readonly Fault[] = [
  ['top-level-number', 'M6', 'is a number', text('200')],
  ['top-level-true', 'M6', 'is true', text('true')],
  ['top-level-empty-array', 'M6', 'is an empty array', text('[]')],
  ['top-level-empty-string', 'M6', 'is an empty string', text('""')],
  ['trailing-comma-behind', 'M5', 'has a comma behind the object', behind(',')],
  ['trailing-brace', 'M5', 'has a second closing brace', behind('}')],
  ['trailing-bracket', 'M5', 'has a closing bracket behind the object', behind(']')],
  ['trailing-null', 'M5', 'has a null behind the object', behind(' null')],
  ['trailing-number', 'M5', 'has a number behind the object', behind('0')],
  ['trailing-line', 'M5', 'has a second object on the next line', behind('\n{}')],
  [
    'trailing-nul-bytes',
    'M5',
    'is padded with NUL bytes',
    concat(LEGAL, { repeat: new Uint8Array(1), times: 64 }),
  ],
  ['white-space-only', 'S6', 'is nothing but white space', text(' \n\t ')],
  ['binary', 'S6', 'is binary', { raw: Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 256) }],
  ['members-without-braces', 'S6', 'lacks its braces', MEMBERS],
  ['colon-missing', 'S6', 'lacks a colon', concat(text('{"x" 1,'), MEMBERS, text('}'))],
  ['comma-missing', 'S6', 'lacks a comma', concat(text('{"x":1 '), MEMBERS, text('}'))],
  ['name-without-value', 'S6', 'has a name without a value', concat(text('{"x",'), MEMBERS, text('}'))],
  ['brackets-crossed', 'S6', 'closes an array with a brace', holding('[1}')],
  ['string-unterminated', 'S6', 'ends inside a string', text('{"task_id":"a')],
  ['escape-cut-short', 'S6', 'has an escape of two digits', holding('"\\u00"')],
  ['word', 'S6', 'has a bare word for a value', holding('later')],
  ['utf16', 'S6', 'is in UTF-16', { raw: Uint8Array.from(Buffer.from('{"task_id":"a"}', 'utf16le')) }],
];

/** What lenient parsers take, and the deployed implementation refuses. */
const LENIENT: readonly Fault[] = [
  ['comment-line', 'M6', 'has a comment to the end of a line', concat(text('{// c\n'), MEMBERS, text('}'))],
  ['comment-block', 'M6', 'has a comment', concat(text('{/* c */'), MEMBERS, text('}'))],
  ['comment-behind', 'M5', 'has a comment behind the object', behind(' // c')],
  ['trailing-comma', 'M6', 'has a comma behind its last field', concat(text('{'), MEMBERS, text(',}'))],
  ['trailing-comma-in-array', 'M6', 'has a comma behind the last item of an array', holding('[1,]')],
  ['double-comma', 'M6', 'has two commas in a row', concat(text('{"x":1,,'), MEMBERS, text('}'))],
  ['single-quotes', 'M6', 'has a string in single quotes', holding("'a'")],
  ['name-unquoted', 'M6', 'has a name without quotes', concat(text('{x:1,'), MEMBERS, text('}'))],
  ['nan', 'M6', 'holds NaN', holding('NaN')],
  ['infinity', 'M6', 'holds -Infinity', holding('-Infinity')],
  ['leading-zero', 'M6', 'holds a number with a leading zero', holding('01')],
  ['leading-plus', 'M6', 'holds a number with a plus sign', holding('+1')],
  ['leading-point', 'M6', 'holds a number without digits before its point', holding('.5')],
  ['trailing-point', 'M6', 'holds a number without digits behind its point', holding('1.')],
  ['minus-alone', 'M6', 'holds a minus sign alone', holding('-')],
  ['exponent-empty', 'M6', 'holds a number with an empty exponent', holding('1e')],
  ['hex-number', 'M6', 'holds a number in hex', holding('0x10')],
  ['capital-true', 'M6', 'holds True', holding('True')],
  ['undefined', 'M6', 'holds undefined', holding('undefined')],
  ['escape-unknown', 'M6', 'has an escape that there is not', holding('"\\x41"')],
  ['raw-tab', 'M6', 'has a raw tab in a string', holding('"a\tb"')],
  ['raw-line-break', 'M6', 'has a raw line break in a string', holding('"a\nb"')],
  ['raw-nul', 'M6', 'has a raw NUL in a string', holding('"a\0b"')],
  [
    'no-break-space',
    'M6',
    'has a no-break space between two fields',
    concat(text('{\u00a0'), MEMBERS, text('}')),
  ],
  ['vertical-tab', 'M6', 'has a vertical tab between two fields', concat(text('{\v'), MEMBERS, text('}'))],
];

/** Free choices. */
const FREE: readonly Fault[] = [
  ['top-level-null', 'M6', 'is null', text('null')],
  ['byte-order-mark', 'M6', 'begins with a byte-order mark', concat(text('\ufeff'), LEGAL)],
];

function refused([name, clause, fault, payload]: Fault, level: Level, likelyCause: string): Scenario {
  return {
    id: `json/${name}`,
    clause,
    level,
    requirement: `A SUBMIT whose payload ${fault} is malformed and never accepted.`,
    steps: [send(frame(SUBMIT, payload))],
    accept: NOT_ACCEPTED,
    control: ANSWERED,
    likelyCause,
  };
}

export const jsonGrammar: readonly Scenario[] = [
  ...MALFORMED.map((fault) =>
    refused(fault, 'MUST', 'The decoder stops behind the first value, or falls back to an empty message.'),
  ),
  ...LENIENT.map((fault) =>
    refused(fault, 'SHOULD', 'The parser takes a dialect of JSON that is wider than JSON.'),
  ),
  ...FREE.map(
    ([name, clause, fault, payload]): Scenario => ({
      id: `json/${name}`,
      clause,
      level: 'MAY',
      requirement: `A SUBMIT whose payload ${fault} is read as an object or refused.`,
      steps: [send(frame(SUBMIT, payload))],
      accept: ANYTHING,
      control: ANSWERED,
      likelyCause: 'A value that is no object is used as one, and nobody catches that.',
    }),
  ),
];
