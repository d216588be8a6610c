/** Servers whose JSON is wider than JSON (M5, M6, S6). */

import type { Mutant } from '../../server/mutant.ts';
import { acceptance } from '../../server/pipeline.ts';
import { repairsRefused, rewritesText } from '../../server/replacements.ts';

/** Accepts in addition what reads as JSON once it is respelt; only SUBMITs tell, since nothing else is answered. */
function dialect(
  name: string,
  clause: string,
  fault: string,
  fails: readonly string[],
  respell: (text: string) => string,
): Mutant {
  return { name, clause, fault, fails, breaks: rewritesText(respell) };
}

export const dialects: readonly Mutant[] = [
  dialect('json-comments', 'M6', 'Comments are skipped.', ['json/comment-*'], (text) =>
    text.replace(/\/\*.*?\*\/|\/\/[^\n]*/g, ''),
  ),
  dialect(
    'json-spare-commas',
    'M6',
    'Commas too many are skipped.',
    [
      'json/trailing-comma',
      'json/trailing-comma-in-array',
      'json/double-comma',
      'json/trailing-comma-behind',
    ],
    (text) => text.replace(/,+(?=[,}\]]|$)/g, ''),
  ),
  dialect('json-single-quotes', 'M6', 'Strings may stand in single quotes.', ['json/single-quotes'], (text) =>
    text.replaceAll("'", '"'),
  ),
  dialect('json-bare-names', 'M6', 'Names need no quotes.', ['json/name-unquoted'], (text) =>
    text.replace(/([{,])(\w+):/g, '$1"$2":'),
  ),
  dialect('json-not-finite', 'M6', 'NaN and Infinity are numbers.', ['json/nan', 'json/infinity'], (text) =>
    text.replace(/:-?(NaN|Infinity)/g, ':0'),
  ),
  dialect(
    'json-lax-numbers',
    'M6',
    'Numbers are read as a compiler reads them.',
    ['json/leading-*', 'json/trailing-point', 'json/hex-number'],
    (text) => text.replace(/:(\+1|01|\.5|1\.|0x10)(?=[,}])/g, ':1'),
  ),
  dialect(
    'json-number-prefix',
    'M6',
    'A number ends where its digits do, and what follows of it is skipped.',
    ['json/minus-alone', 'json/exponent-empty', 'json/trailing-point', 'json/hex-number'],
    (text) => text.replace(/:-(?=[,}])/g, ':0').replace(/:(\d)[.ex]\d*(?=[,}])/g, ':$1'),
  ),
  dialect(
    'json-other-literals',
    'M6',
    'The literals of other languages are understood.',
    ['json/capital-true', 'json/undefined'],
    (text) => text.replace(/:(True|undefined)/g, ':null'),
  ),
  dialect(
    'json-bare-words',
    'M6',
    'A word without quotes is a string.',
    ['json/word', 'json/nan', 'json/capital-true', 'json/undefined'],
    (text) => text.replace(/:([A-Za-z]+)(?=[,}])/g, ':"$1"'),
  ),
  dialect(
    'json-any-escape',
    'M6',
    'A backslash in front of any sign is skipped.',
    ['json/escape-unknown'],
    (text) => text.replace(/\\(?=[^"\\/bfnrtu])/g, ''),
  ),
  dialect(
    'json-short-escapes',
    'S6',
    'An escape in hex may have fewer than four digits.',
    ['json/escape-cut-short'],
    (text) => text.replace(/\\u00"/g, '"'),
  ),
  dialect(
    'json-raw-controls',
    'M6',
    'Strings may hold control characters as they are.',
    ['json/raw-tab', 'json/raw-line-break', 'json/raw-nul', 'json/vertical-tab'],
    (text) => text.replace(/[\0\t\n\v]/g, ' '),
  ),
  dialect(
    'json-any-space',
    'M6',
    'White space is whatever Unicode says it is.',
    ['json/no-break-space', 'json/vertical-tab'],
    (text) => text.replace(/[\u00a0\v]/g, ' '),
  ),
  dialect(
    'json-without-nul',
    'M6',
    'NUL bytes are dropped.',
    ['json/raw-nul', 'json/trailing-nul-bytes', 'json/utf16', 'submit/malformed-trailing-nul'],
    (text) => text.replaceAll('\0', ''),
  ),
  dialect(
    'json-spare-brackets',
    'M5',
    'Closing brackets too many are skipped.',
    ['json/trailing-brace', 'json/trailing-bracket'],
    (text) => text.replace(/\}[}\]]$/, '}'),
  ),
  dialect(
    'json-braces-optional',
    'S6',
    'The braces around an object may be missing.',
    ['json/members-without-braces'],
    (text) => (text.startsWith('"task_id":') ? `{${text}}` : text),
  ),
  dialect(
    'json-marks-optional',
    'S6',
    'Colons and commas may be missing.',
    ['json/colon-missing', 'json/comma-missing', 'json/name-without-value'],
    (text) => text.replace('"x" 1', '"x":1').replace('"x":1 "', '"x":1,"').replace('"x",', '"x":null,'),
  ),
  dialect(
    'json-brackets-alike',
    'S6',
    'A bracket may be closed by any other.',
    ['json/brackets-crossed'],
    (text) => text.replace('[1}', '[1]'),
  ),
  dialect(
    'json-closed-at-the-end',
    'S6',
    'What is open at the end of a payload is closed there.',
    ['json/string-unterminated', 'submit/malformed-unterminated', 'frame/length-shorter-than-json'],
    (text) =>
      text === '{' || /[\w"]$/.test(text)
        ? `${text}${/"\w*$/.test(text) && !/"$/.test(text) ? '"' : ''}}`
        : text,
  ),
  {
    name: 'json-first-value',
    clause: 'M5',
    fault: 'What stands behind the first value of a payload is not looked at.',
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
    fault: 'An object in an array is taken for the object.',
    fails: ['submit/malformed-top-level-array', 'store/nothing-of-array'],
    breaks: repairsRefused((text) => text.replace(/^\[(.*)\]$/s, '$1')),
  },
  {
    name: 'json-else-empty',
    clause: 'S6',
    fault: 'A payload that is no object is taken for an empty one, and accepted.',
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
