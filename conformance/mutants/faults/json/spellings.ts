/** Servers that refuse legal JSON for its depth or notation, or crash on it (M1, M6, M7, M11, S3). */

import type { Mutant } from '../../server/mutant.ts';
import { crashesOn, refusesText, rewritesText, textOf } from '../../server/replacements.ts';

/** The depth of nesting. Brackets in strings count, too: no scenario has many of them. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > most) most = depth;
  }
  return most;
}

/** The names of the fields of a JSON object, as written. */
function namesIn(text: string): readonly string[] {
  let depth = 0;
  const names: string[] = [];
  for (const [token, isName] of text.matchAll(/[[{]|[\]}]|"(?:[^"\\]|\\.)*"(:?)/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (isName && depth === 1) names.push(token);
  }
  return names;
}

export const depths: readonly Mutant[] = [
  {
    name: 'depth-31',
    clause: 'M1',
    fault: 'The server refuses more than 31 levels of nesting.',
    fails: ['json/nested-*-32', 'json/nested-*-100'],
    breaks: refusesText((text) => depthOf(text) > 31),
  },
  {
    name: 'depth-64',
    clause: 'M1',
    fault: 'The server refuses more than 64 levels of nesting.',
    fails: ['json/nested-*-100'],
    breaks: refusesText((text) => depthOf(text) > 64),
  },
  {
    name: 'depth-deadly',
    clause: 'M11',
    fault: 'The server overflows its stack and crashes on more than 3000 levels of nesting.',
    fails: ['json/nested-*-4000', 'json/nested-*-9999', 'json/nested-*-10001', 'json/*-full-frame'],
    breaks: crashesOn((text) => depthOf(text) > 3000),
  },
  {
    name: 'depth-unlimited',
    clause: 'M11',
    fault: 'The server accepts any depth of nesting.',
    fails: ['json/nested-*-10001'],
    breaks: rewritesText((text) =>
      depthOf(text) > 10_000 ? text.replace(/"x":[[{].*[\]}]\}$/s, '"x":0}') : text,
    ),
  },
];

export const spellings: readonly Mutant[] = [
  {
    name: 'fields-by-place',
    clause: 'S3',
    fault: 'The server refuses fields that are not in the documented order.',
    fails: ['json/reordered'],
    breaks: refusesText(
      (text) => text.indexOf('"to_addr"') !== -1 && text.indexOf('"to_addr"') < text.indexOf('"task_id"'),
    ),
  },
  {
    name: 'fields-by-pattern',
    clause: 'S3',
    fault: 'The server finds the task id by a text pattern instead of parsing the JSON.',
    fails: ['json/indented', 'json/escaped-name'],
    breaks: refusesText((text) => text.includes('_description"') && !text.includes('"task_id":"')),
  },
  {
    name: 'brace-first',
    clause: 'S3',
    fault: 'The server refuses a payload that begins or ends with white space.',
    fails: ['json/white-space-before', 'json/white-space-behind'],
    breaks: refusesText((text) => /^\s|\s$/.test(text)),
  },
  {
    name: 'one-line',
    clause: 'S3',
    fault: 'The server refuses a message that contains a line break.',
    fails: ['json/indented', 'json/white-space-before', 'json/white-space-behind'],
    breaks: refusesText((text) => text.includes('\n')),
  },
  {
    name: 'repeated-joined',
    clause: 'M7',
    fault: 'The server joins the values of a field that occurs twice, regardless of upper and lower case.',
    fails: ['json/repeated-*', 'json/*-case-name', 'json/long-s-name', 'json/kelvin-name'],
    breaks: ({ parse, encode }) => {
      let isRepeated = false;
      return {
        parse: (frame) => {
          const names = namesIn(textOf(frame).normalize('NFKC').toLowerCase());
          isRepeated = new Set(names).size < names.length;
          return parse(frame);
        },
        encode: (response) => encode(isRepeated ? { ...response, taskId: `${response.taskId},` } : response),
      };
    },
  },
  {
    name: 'null-deadly',
    clause: 'M6',
    fault: 'The server crashes on a payload of null.',
    fails: ['json/top-level-null'],
    breaks: crashesOn((text) => text === 'null'),
  },
  {
    name: 'mark-deadly',
    clause: 'M6',
    fault: 'The server crashes on a byte-order mark at the beginning of a payload.',
    fails: ['json/byte-order-mark'],
    breaks: crashesOn((text) => text.startsWith('\ufeff')),
  },
];
