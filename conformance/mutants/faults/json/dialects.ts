/** Servers that accept text that is no JSON (M5, M6, S6). */

import type { Mutant } from '../../server/mutant.ts';
import { acceptance } from '../../server/pipeline.ts';
import { repairsRefused } from '../../server/replacements.ts';

/** Accepts text that `repair` turns into JSON. Only a SUBMIT shows it, because other messages get no answer. */
function dialect(
  name: string,
  clause: string,
  fault: string,
  fails: readonly string[],
  repair: (text: string) => string,
): Mutant {
  return { name, clause, fault, fails, breaks: repairsRefused(repair) };
}

export const dialects: readonly Mutant[] = [
  dialect('json-comments', 'M6', 'The server skips comments in JSON.', ['json/comment-*'], (text) =>
    text.replace(/\/\*.*?\*\/|\/\/[^\n]*/g, ''),
  ),
  dialect(
    'json-spare-commas',
    'M6',
    'The server skips superfluous commas in JSON.',
    [
      'json/trailing-comma',
      'json/trailing-comma-in-array',
      'json/double-comma',
      'json/trailing-comma-behind',
    ],
    (text) => text.replace(/,+(?=[,}\]]|$)/g, ''),
  ),
  dialect(
    'json-single-quotes',
    'M6',
    'The server accepts strings in single quotes.',
    ['json/single-quotes'],
    (text) => text.replaceAll("'", '"'),
  ),
  dialect(
    'json-bare-names',
    'M6',
    'The server accepts names without quotes.',
    ['json/name-unquoted'],
    (text) => text.replace(/([{,])(\w+):/g, '$1"$2":'),
  ),
  dialect(
    'json-not-finite',
    'M6',
    'The server accepts NaN and Infinity as numbers.',
    ['json/nan', 'json/infinity'],
    (text) => text.replace(/:-?(NaN|Infinity)/g, ':0'),
  ),
  dialect(
    'json-lax-numbers',
    'M6',
    'The server accepts number formats of programming languages, such as +1, .5 and 0x10.',
    ['json/leading-*', 'json/trailing-point', 'json/hex-number'],
    (text) => text.replace(/:(\+1|01|\.5|1\.|0x10)(?=[,}])/g, ':1'),
  ),
  dialect(
    'json-number-prefix',
    'M6',
    'The server reads the first digits of a malformed number and skips the rest of it.',
    ['json/minus-alone', 'json/exponent-empty', 'json/trailing-point', 'json/hex-number'],
    (text) => text.replace(/:-(?=[,}])/g, ':0').replace(/:(\d)[.ex]\d*(?=[,}])/g, ':$1'),
  ),
  dialect(
    'json-other-literals',
    'M6',
    'The server accepts True and undefined as literals.',
    ['json/capital-true', 'json/undefined'],
    (text) => text.replace(/:(True|undefined)/g, ':null'),
  ),
  dialect(
    'json-bare-words',
    'M6',
    'The server accepts a word without quotes as a string.',
    ['json/word', 'json/nan', 'json/capital-true', 'json/undefined'],
    (text) => text.replace(/:(?!(?:true|false|null)\b)([A-Za-z]+)(?=[,}])/g, ':"$1"'),
  ),
  dialect(
    'json-any-escape',
    'M6',
    'The server ignores the backslash of an unknown escape.',
    ['json/escape-unknown'],
    (text) => text.replace(/\\(?=[^"\\/bfnrtu])/g, ''),
  ),
  dialect(
    'json-short-escapes',
    'S6',
    'The server accepts a Unicode escape with fewer than four digits.',
    ['json/escape-cut-short'],
    (text) => text.replace(/\\u00"/g, '"'),
  ),
  dialect(
    'json-raw-controls',
    'M6',
    'The server accepts unescaped control characters in strings.',
    ['json/raw-tab', 'json/raw-line-break', 'json/raw-nul', 'json/vertical-tab'],
    (text) => text.replace(/[\0\t\n\v](?=.*\})/gs, ' '),
  ),
  dialect(
    'json-any-space',
    'M6',
    'The server accepts a vertical tab and a no-break space as white space.',
    ['json/no-break-space', 'json/vertical-tab'],
    (text) => text.replace(/[\u00a0\v]/g, ' '),
  ),
  dialect(
    'json-without-nul',
    'M6',
    'The server removes NUL bytes from a payload.',
    ['json/raw-nul', 'json/trailing-nul-bytes', 'json/utf16', 'submit/malformed-trailing-nul'],
    (text) => text.replaceAll('\0', ''),
  ),
  dialect(
    'json-spare-brackets',
    'M5',
    'The server skips superfluous closing brackets.',
    ['json/trailing-brace', 'json/trailing-bracket'],
    (text) => text.replace(/\}[}\]]$/, '}'),
  ),
  dialect(
    'json-braces-optional',
    'S6',
    'The server accepts an object without its braces.',
    ['json/members-without-braces'],
    (text) => (text.startsWith('"task_id":') ? `{${text}}` : text),
  ),
  dialect(
    'json-marks-optional',
    'S6',
    'The server accepts objects in which colons or commas are missing.',
    ['json/colon-missing', 'json/comma-missing', 'json/name-without-value'],
    (text) => text.replace('"x" 1', '"x":1').replace('"x":1 "', '"x":1,"').replace('"x",', '"x":null,'),
  ),
  dialect(
    'json-brackets-alike',
    'S6',
    'The server accepts a closing brace for an opening bracket.',
    ['json/brackets-crossed'],
    (text) => text.replace('[1}', '[1]'),
  ),
  dialect(
    'json-closed-at-the-end',
    'S6',
    'The server closes strings and objects that are open at the end of a payload.',
    ['json/string-unterminated', 'submit/malformed-unterminated', 'frame/length-shorter-than-json'],
    (text) =>
      text === '{' || /[\w"]$/.test(text)
        ? `${text}${/"\w*$/.test(text) && !/"$/.test(text) ? '"' : ''}}`
        : text,
  ),
  {
    name: 'json-first-value',
    clause: 'M5',
    fault: 'The server ignores everything after the first JSON value of a payload.',
    fails: [
      'json/trailing-comma-behind',
      'json/trailing-brace',
      'json/trailing-bracket',
      'json/trailing-null',
      'json/trailing-number',
      'json/trailing-line',
      'json/trailing-nul-bytes',
      'json/comment-behind',
      'submit/malformed-trailing-*',
      'store/nothing-of-trailing',
    ],
    breaks: repairsRefused((text) => text.slice(0, text.indexOf('"}') + 2)),
  },
  {
    name: 'json-array-of-one',
    clause: 'M6',
    fault: 'The server accepts an array that contains a message as the message.',
    fails: ['submit/malformed-top-level-array', 'store/nothing-of-array'],
    breaks: repairsRefused((text) => text.replace(/^\[(.*)\]$/s, '$1')),
  },
  {
    name: 'json-else-empty',
    clause: 'S6',
    fault: 'The server accepts a payload that is no JSON object as an empty object.',
    fails: [
      'json/top-level-number',
      'json/top-level-true',
      'json/top-level-empty-*',
      'json/white-space-only',
      'json/binary',
      'json/utf16',
      'json/colon-missing',
      'json/brackets-crossed',
      'submit/malformed-not-json',
      'submit/malformed-unterminated',
      'submit/malformed-top-level-*',
      'frame/zero-length',
      'frame/length-one',
    ],
    breaks: (correct, environment) => ({
      ...repairsRefused(() => '{}')(correct, environment),
      submit: async ({ taskId }) => acceptance(taskId),
    }),
  },
];
