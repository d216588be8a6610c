/** Unusual task ids: any string is a task id, and no UUID version or variant is required (S3, S10). */

import { type Bytes, concat, repeat, slice, taskId, text } from '../../scenario/bytes.ts';
import { quoted, submit } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, send } from '../../scenario/steps.ts';
import { ANSWERED } from './answer.ts';

const LEGAL_ID = taskId();

/** A fresh task id with the given digits at offset `at`. */
function withDigits(at: number, digits: string): Bytes {
  return concat(slice(LEGAL_ID, 0, at), text(digits), slice(LEGAL_ID, at + digits.length));
}

const VERSION_AT = 14;
const VARIANT_AT = 19;

/** Task ids that strict UUID parsers reject. */
const INVALID_UUIDS: readonly (readonly [name: string, what: string, id: Bytes])[] = [
  ['version-zero', 'version 0', withDigits(VERSION_AT, '0')],
  ['version-fifteen', 'version 15', withDigits(VERSION_AT, 'f')],
  ['variant-zero', 'the obsolete NCS variant', withDigits(VARIANT_AT, '0')],
  ['variant-reserved', 'the reserved variant', withDigits(VARIANT_AT, 'f')],
  ['version-and-variant-ones', 'all version and variant bits set', withDigits(VERSION_AT, 'ffff-ffff')],
];

type Row = readonly [name: string, what: string, token: Bytes, decoded?: Bytes];

/**
 * Task ids that are longer than usual, or not valid as a file name on every system. A receiver may reject them with 400,
 * but must return the same id. `decoded` is the id after JSON decoding. Default: the token, which has no escapes then.
 */
const UNUSUAL: readonly Row[] = [
  ['empty', 'is empty', text('')],
  ['one-letter', 'is one letter', text('a')],
  ['64-bytes', 'is 64 bytes long', concat(repeat('a', 28), LEGAL_ID)],
  ['300-bytes', 'is 300 bytes long', concat(repeat('a', 264), LEGAL_ID)],
  ['64-kib', 'is 64 KiB long', concat(repeat('a', 65_500), LEGAL_ID)],
  ['upper-case', 'has upper-case hex digits', concat(text('A0B1C2D3-'), slice(LEGAL_ID, 9))],
  ['two-byte', 'contains characters of 2 bytes each', concat(text('задача-'), LEGAL_ID)],
  ['three-byte', 'contains characters of 3 bytes each', concat(text('課題-'), LEGAL_ID)],
  ['four-byte', 'contains a character of 4 bytes', concat(text('🚀-'), LEGAL_ID)],
  [
    'combining',
    'contains a combining character (not in Unicode form NFC)',
    concat(text('e\u0301-'), LEGAL_ID),
  ],
  escaped('escaped', 'contains escaped characters', '\\u0061\\u00e9\\ud83d\\ude80-'),
  escaped('quote-and-backslash', 'contains quotes, backslashes and slashes', '\\"\\\\\\/'),
  ['html', 'contains characters that some encoders escape', concat(text('<&>\u2028'), LEGAL_ID)],
  escaped('line-break', 'contains a line break', '\\r\\n'),
  escaped('control-characters', 'contains control characters', '\\b\\f\\u0001\\u001b\\u007f'),
  escaped('nul', 'contains a NUL', 'a\\u0000'),
  ['spaces', 'begins and ends with a space', concat(text(' '), LEGAL_ID, text(' '))],
  ['slash', 'is a path to the parent folder', concat(text('../'), LEGAL_ID)],
  escaped('backslash', 'is a path to the parent folder with backslashes', '..\\\\'),
  ['dots', 'is two dots', text('..')],
  ['number', 'is a string of digits', text('00042')],
];

/** A task id that begins with the characters that the given JSON escapes stand for. */
function escaped(name: string, what: string, escapes: string): Row {
  const decoded: string = JSON.parse(`"${escapes}"`);
  return [name, what, concat(text(escapes), LEGAL_ID), concat(text(decoded), LEGAL_ID)];
}

export const submitId: readonly Scenario[] = [
  ...INVALID_UUIDS.map(
    ([name, what, id]): Scenario => ({
      id: `submit/id-${name}`,
      clause: 'S10',
      level: 'MUST',
      requirement: `A receiver does not reject a task_id that, read as a UUID, has ${what}.`,
      steps: [send(submit({ task_id: quoted(id) }))],
      accept: [answers({ statuses: [200], taskId: id })],
      needs: 'accepting',
      control: ANSWERED,
      likely: [
        {
          when: [...NO_ANSWER, 'rejected'],
          cause: 'The id is parsed as a UUID, with a check of its version and variant; keep it as a string.',
        },
      ],
    }),
  ),
  ...UNUSUAL.map(
    ([name, what, token, decoded = token]): Scenario => ({
      id: `submit/id-${name}`,
      clause: 'S3',
      level: 'MUST',
      requirement: `A receiver answers 200 or 400, with the same task_id, to a SUBMIT whose task_id ${what}.`,
      steps: [send(submit({ task_id: quoted(token) }))],
      accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: decoded })],
      control: ANSWERED,
      likely: [
        {
          when: ['no answer, closed'],
          cause: 'The receiver closes the connection because it cannot store a task under this id.',
        },
        {
          when: ['task_id wrong value'],
          cause: 'The receiver decodes, encodes, trims or cuts the id before it copies it into the answer.',
        },
      ],
    }),
  ),
];
