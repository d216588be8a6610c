/** Task ids that are unlike those of most runs: any string is one, and no version or variant is asked for (S3, S10). */

import { type Bytes, concat, quoted, repeat, slice, submit, taskId, text } from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, send } from '../../scenario/steps.ts';
import { ANSWERED } from './answer.ts';

const LEGAL_ID = taskId();

/** A fresh id with some of its digits set. */
function withDigits(at: number, digits: string): Bytes {
  return concat(slice(LEGAL_ID, 0, at), text(digits), slice(LEGAL_ID, at + digits.length));
}

const VERSION_AT = 14;
const VARIANT_AT = 19;

/** Ids that strict UUID types refuse. */
const NO_UUIDS: readonly (readonly [name: string, what: string, id: Bytes])[] = [
  ['version-zero', 'version 0', withDigits(VERSION_AT, '0')],
  ['version-fifteen', 'version 15', withDigits(VERSION_AT, 'f')],
  ['variant-zero', 'the oldest variant', withDigits(VARIANT_AT, '0')],
  ['variant-reserved', 'the reserved variant', withDigits(VARIANT_AT, 'f')],
  ['version-and-variant-ones', 'all version and variant bits set', withDigits(VERSION_AT, 'ffff-ffff')],
];

type Row = readonly [name: string, what: string, token: Bytes, decoded?: Bytes];

/**
 * Ids that are no file names everywhere, or longer than usual: a receiver may reject them, but has to say so, and of
 * which. `decoded` is the id that the token stands for where it has escapes.
 */
const UNUSUAL: readonly Row[] = [
  ['empty', 'empty', text('')],
  ['one-letter', 'one letter', text('a')],
  ['64-bytes', '64 bytes long', concat(repeat('a', 28), LEGAL_ID)],
  ['300-bytes', '300 bytes long', concat(repeat('a', 264), LEGAL_ID)],
  ['64-kib', '64 KiB long', concat(repeat('a', 65_500), LEGAL_ID)],
  ['upper-case', 'in upper case', concat(text('A0B1C2D3-'), slice(LEGAL_ID, 9))],
  ['two-byte', 'made of characters of 2 bytes', concat(text('задача-'), LEGAL_ID)],
  ['three-byte', 'made of characters of 3 bytes', concat(text('課題-'), LEGAL_ID)],
  ['four-byte', 'made of characters of 4 bytes', concat(text('🚀-'), LEGAL_ID)],
  ['combining', 'not in composed form', concat(text('e\u0301-'), LEGAL_ID)],
  escaped('escaped', 'written in escapes', '\\u0061\\u00e9\\ud83d\\ude80-'),
  escaped('quote-and-backslash', 'full of quotes and backslashes', '\\"\\\\\\/'),
  ['html', 'full of characters that some encoders escape', concat(text('<&>\u2028'), LEGAL_ID)],
  escaped('line-break', 'broken into two lines', '\\r\\n'),
  escaped('control-characters', 'full of control characters', '\\b\\f\\u0001\\u001b\\u007f'),
  escaped('nul', 'cut in two by a NUL', 'a\\u0000'),
  ['spaces', 'surrounded by spaces', concat(text(' '), LEGAL_ID, text(' '))],
  ['slash', 'a path upwards', concat(text('../'), LEGAL_ID)],
  escaped('backslash', 'a path upwards with backslashes', '..\\\\'),
  ['dots', 'two dots', text('..')],
  ['number', 'a number in a string', text('00042')],
];

/** An id that begins with what these JSON escapes stand for. */
function escaped(name: string, what: string, escapes: string): Row {
  const decoded: string = JSON.parse(`"${escapes}"`);
  return [name, what, concat(text(escapes), LEGAL_ID), concat(text(decoded), LEGAL_ID)];
}

export const submitId: readonly Scenario[] = [
  ...NO_UUIDS.map(
    ([name, what, id]): Scenario => ({
      id: `submit/id-${name}`,
      clause: 'S10',
      level: 'MUST',
      requirement: `A task id that read as a UUID had ${what} is a task id like any other.`,
      steps: [send(submit({ task_id: quoted(id) }))],
      accept: [answers({ statuses: [200], taskId: id })],
      needs: 'accepting',
      control: ANSWERED,
      likelyCause:
        'The id is parsed with a UUID type that insists on version and variant; keep it as a string.',
    }),
  ),
  ...UNUSUAL.map(
    ([name, what, token, decoded = token]): Scenario => ({
      id: `submit/id-${name}`,
      clause: 'S3',
      level: 'MUST',
      requirement: `A SUBMIT whose task_id is ${what} is legal, and answered with 200 or 400 and with that id.`,
      steps: [send(submit({ task_id: quoted(token) }))],
      accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: decoded })],
      control: ANSWERED,
      likelyCause:
        'An id that cannot be kept ends the connection, or is changed or left out in the answer of status 400.',
    }),
  ),
];
