/** The text of strings: legal escapes, invalid UTF-8 and lone surrogates (M8, S1). */

import { readingsOf } from '../../scenario/broken-text.ts';
import { type Bytes, concat, taskId, text } from '../../scenario/bytes.ts';
import { quoted, submit } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, answers, closes, send, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const LEGAL: readonly (readonly [name: string, what: string, token: string])[] = [
  ['escapes', 'every short escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t"'],
  ['escape-upper-case', 'escapes with upper-case hex digits', '"\\u00E9\\u20AC"'],
  ['escape-surrogate-pair', 'a surrogate pair in escapes', '"\\ud83d\\ude80"'],
  ['escape-nul', 'an escaped NUL', '"a\\u0000b"'],
  ['escape-replacement', 'an escaped U+FFFD', '"\\ufffd"'],
  ['four-byte', 'a character of 4 bytes', '"🚀"'],
  ['highest-character', 'U+10FFFF', '"\u{10ffff}"'],
  ['noncharacter', 'U+FFFF', '"\uffff"'],
  ['line-separators', 'U+2028 and U+2029 without escapes', '"\u2028\u2029"'],
  ['delete', 'U+007F without an escape', '"\u007f"'],
  ['byte-order-mark-inside', 'U+FEFF', '"\ufeff"'],
  ['bidi', 'characters that change the writing direction', '"\u202e\u2066"'],
  ['combining', 'a letter with 200 combining marks', `"e${'\u0301'.repeat(200)}"`],
  ['json-inside', 'escaped JSON text', '"{\\"task_id\\":\\"not this one\\"}"'],
  ['braces-inside', 'unbalanced braces and brackets', '"}}]]{{[["'],
];

/** Bytes that are not valid UTF-8, in hex. */
const INVALID_UTF8: readonly (readonly [name: string, what: string, hex: string])[] = [
  ['continuation', 'a UTF-8 continuation byte without a lead byte', '80'],
  ['cut-short', 'an incomplete UTF-8 sequence', 'e28261'],
  ['overlong', 'an overlong UTF-8 encoding of a slash', 'c0af'],
  ['overlong-nul', 'an overlong UTF-8 encoding of NUL', 'c080'],
  ['surrogate', 'a surrogate encoded in UTF-8', 'eda080'],
  ['too-high', 'a code point above U+10FFFF', 'f4908080'],
  ['ff', 'bytes that never occur in UTF-8', 'feff'],
  ['latin1', 'a word in Latin-1', '636166e9'],
];

const UNPAIRED: readonly (readonly [name: string, what: string, token: string])[] = [
  ['high', 'a lone high surrogate', '\\ud83d'],
  ['low', 'a lone low surrogate', '\\ude80'],
  ['swapped', 'a surrogate pair in the wrong order', '\\ude80\\ud83d'],
  ['two-high', 'two high surrogates', '\\ud83d\\ud83d'],
];

/** Refusals: the id of a message that is refused is free (S6). */
const REFUSED = [answers({ isResponse: true, statuses: [400] }), closes(), silent()];

/** Invalid text in the description and in the id. Only the id is in the answer, which shows how the text was read. */
function invalidText(name: string, what: string, bytes: Bytes): readonly Scenario[] {
  const readings = readingsOf(bytes).map((reading) => concat(text(reading), taskId()));
  return (['task_description', 'task_id'] as const).map((field) => ({
    id: `json/${name}-in-${field === 'task_id' ? 'id' : 'description'}`,
    clause: 'M8',
    level: 'MUST',
    requirement: `A receiver survives ${what} in ${field}, and either refuses the message or replaces the invalid text.`,
    steps: [send(submit({ [field]: quoted(field === 'task_id' ? concat(bytes, taskId()) : bytes) }))],
    accept:
      field === 'task_id'
        ? [answers({ isResponse: true, statuses: [200], taskId: readings }), ...REFUSED]
        : ANYTHING,
    control: ANSWERED,
    likely: [
      {
        when: ['died'],
        cause:
          'Text that cannot be encoded is written to the answer, a log or a file, and the error is not caught.',
      },
      {
        when: ['not a response'],
        cause: 'The invalid text is copied into the answer, which is then no valid JSON in UTF-8.',
      },
      ...(field === 'task_id'
        ? [
            {
              when: ['task_id wrong value' as const],
              cause:
                'The decoder drops the invalid text, or reads it as other characters, so that two different ids become one.',
            },
          ]
        : []),
    ],
  }));
}

export const jsonText: readonly Scenario[] = [
  ...LEGAL.map(
    ([name, what, token]): Scenario => ({
      id: `json/${name}`,
      clause: 'S1',
      level: 'MUST',
      requirement: `A receiver answers a SUBMIT with 200 or 400 and its id when its task_description contains ${what}.`,
      steps: [send(submit({ task_description: text(token) }))],
      accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: taskId() })],
      control: ANSWERED,
      likely: [
        {
          when: NO_ANSWER,
          cause: 'The decoder supports only some of the escapes and characters that JSON permits.',
        },
      ],
    }),
  ),
  ...INVALID_UTF8.flatMap(([name, what, hex]) => invalidText(`no-utf8-${name}`, what, { raw: fromHex(hex) })),
  ...UNPAIRED.flatMap(([name, what, token]) => invalidText(`surrogate-${name}`, what, text(token))),
];

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
