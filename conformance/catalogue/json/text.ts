/** The text of strings: escapes that are legal, and bytes and surrogates that are not (M8, S1). */

import { type Bytes, concat, quoted, submit, taskId, text } from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, answers, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const LEGAL: readonly (readonly [name: string, what: string, token: string])[] = [
  ['escapes', 'every short escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t"'],
  ['escape-upper-case', 'escapes with hex digits in upper case', '"\\u00E9\\u20AC"'],
  ['escape-surrogate-pair', 'a pair of surrogate escapes', '"\\ud83d\\ude80"'],
  ['escape-nul', 'an escaped NUL', '"a\\u0000b"'],
  ['escape-replacement', 'an escaped U+FFFD', '"\\ufffd"'],
  ['four-byte', 'a character of 4 bytes', '"🚀"'],
  ['highest-character', 'U+10FFFF', '"\u{10ffff}"'],
  ['noncharacter', 'U+FFFF', '"\uffff"'],
  ['line-separators', 'U+2028 and U+2029 as they are', '"\u2028\u2029"'],
  ['delete', 'U+007F as it is', '"\u007f"'],
  ['byte-order-mark-inside', 'U+FEFF', '"\ufeff"'],
  ['bidi', 'marks that turn the direction of writing', '"\u202e\u2066"'],
  ['combining', 'two hundred combining marks', `"e${'\u0301'.repeat(200)}"`],
  ['json-inside', 'JSON', '"{\\"task_id\\":\\"not this one\\"}"'],
  ['braces-inside', 'unbalanced braces', '"}}]]{{[["'],
];

/** Bytes that are no UTF-8, in hex. */
const NO_UTF8: readonly (readonly [name: string, what: string, hex: string])[] = [
  ['continuation', 'a continuation byte on its own', '80'],
  ['cut-short', 'a sequence that is cut short', 'e28261'],
  ['overlong', 'an overlong slash', 'c0af'],
  ['overlong-nul', 'an overlong NUL', 'c080'],
  ['surrogate', 'an encoded surrogate', 'eda080'],
  ['too-high', 'a character above U+10FFFF', 'f4908080'],
  ['ff', 'bytes that no UTF-8 has', 'feff'],
  ['latin1', 'a word in Latin-1', '636166e9'],
];

const LONE: readonly (readonly [name: string, what: string, token: string])[] = [
  ['high', 'a lone high surrogate', '\\ud83d'],
  ['low', 'a lone low surrogate', '\\ude80'],
  ['swapped', 'a surrogate pair in the wrong order', '\\ude80\\ud83d'],
  ['two-high', 'two high surrogates', '\\ud83d\\ud83d'],
];

/** A field that holds what no text can. The id matters most: it has to come back in the answer. */
function broken(name: string, what: string, bytes: Bytes): readonly Scenario[] {
  return (['task_description', 'task_id'] as const).map((field) => ({
    id: `json/${name}-in-${field === 'task_id' ? 'id' : 'description'}`,
    clause: 'M8',
    level: 'MUST',
    requirement: `A receiver survives ${what} in ${field}, whether it refuses or replaces it.`,
    steps: [send(submit({ [field]: quoted(field === 'task_id' ? concat(bytes, taskId()) : bytes) }))],
    accept: ANYTHING,
    control: ANSWERED,
    likelyCause:
      'Text that cannot be encoded is written into the answer, a log or a file, and nobody catches that.',
  }));
}

export const jsonText: readonly Scenario[] = [
  ...LEGAL.map(
    ([name, what, token]): Scenario => ({
      id: `json/${name}`,
      clause: 'S1',
      level: 'MUST',
      requirement: `A SUBMIT whose description holds ${what} is legal, and answered with 200 or 400 and its id.`,
      steps: [send(submit({ task_description: text(token) }))],
      accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: taskId() })],
      control: ANSWERED,
      likelyCause: 'The decoder knows a part of JSON only.',
    }),
  ),
  ...NO_UTF8.flatMap(([name, what, hex]) => broken(`no-utf8-${name}`, what, { raw: bytesOf(hex) })),
  ...LONE.flatMap(([name, what, token]) => broken(`surrogate-${name}`, what, text(token))),
];

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
