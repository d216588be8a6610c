/** Servers that convert fields, require fields, or refuse unknown fields (M1–M4). */

import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { isObject, refusesText, rewritesValues } from '../../server/replacements.ts';

const FIELD_NAMES = ['task_id', 'task_description', 'from_addr', 'to_addr'];

export const conversions: readonly Mutant[] = [
  {
    name: 'scalars-to-strings',
    clause: 'M4',
    fault: 'The server converts a number or a boolean to a string.',
    fails: [
      'json/task-id-boolean',
      'json/task-description-boolean',
      'json/to-addr-boolean',
      'json/*-false',
      'json/task-description-number',
      'json/from-addr-number',
      'json/to-addr-number',
      'submit/malformed-task-id-number',
      'submit/malformed-from-addr-boolean',
      'store/nothing-of-wrong-type',
    ],
    breaks: rewritesValues((value) =>
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ),
  },
  {
    name: 'falsy-is-missing',
    clause: 'M4',
    fault: 'The server treats false, 0 and the empty string as a missing field.',
    fails: ['json/task-description-false', 'json/from-addr-false', 'json/to-addr-false'],
    breaks: rewritesValues((value) => value || null),
  },
  {
    name: 'arrays-unwrapped',
    clause: 'M4',
    fault: 'The server accepts an array instead of a string and reads its first item.',
    fails: [
      'json/task-id-array',
      'json/from-addr-array',
      'json/to-addr-array',
      'submit/malformed-description-array',
      'status/store-ignores-justification-array',
      'results/store-refuses-text-array',
    ],
    breaks: rewritesValues((value) => (Array.isArray(value) ? value[0] : value)),
  },
  {
    name: 'objects-to-strings',
    clause: 'M4',
    fault: 'The server accepts an object instead of a string and uses its JSON text.',
    fails: [
      'json/task-id-object',
      'json/from-addr-object',
      'json/to-addr-object',
      'submit/malformed-description-object',
    ],
    breaks: rewritesValues((value) => (isObject(value) ? JSON.stringify(value) : value)),
  },
  {
    name: 'fields-required',
    clause: 'M2',
    fault: 'The server refuses a message in which a field is missing.',
    fails: ['json/missing-*', 'frame/length-two'],
    breaks: refusesText(
      (text) =>
        !text.includes('"') || (text.includes('"task_') && FIELD_NAMES.some((name) => !text.includes(name))),
    ),
  },
  {
    name: 'null-refused',
    clause: 'M3',
    fault: 'The server refuses null instead of a string.',
    fails: ['json/null-*'],
    breaks: refusesText((text) => /_(id|description|addr)":null/.test(text)),
  },
];

/** The unknown fields of a SUBMIT, as pairs of name and value. Empty for other payloads. */
function unknownFieldsOf(text: string): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !('task_id' in value)) return [];
    return Object.entries(value).filter(([name]) => !FIELD_NAMES.includes(name.toLowerCase()));
  } catch {
    return [];
  }
}

/** Refuses a SUBMIT because of an unknown field, which it must ignore. */
function refusesUnknownField(isRefused: (name: string, value: unknown) => boolean): Replacement {
  return refusesText((text) => unknownFieldsOf(text).some(([name, value]) => isRefused(name, value)));
}

export const unknownFields: readonly Mutant[] = [
  {
    name: 'unknown-refused',
    clause: 'M1',
    fault: 'The server refuses a message with an unknown field.',
    fails: [
      'json/unknown-*',
      'json/number-*',
      'json/nested-*-100',
      'json/string-of-1-mib',
      'json/array-of-100000',
      'json/name-of-*',
      'json/fields-*',
      'store/unknown-field-ignored',
    ],
    breaks: refusesUnknownField(() => true),
  },
  {
    name: 'unknown-strings-only',
    clause: 'M1',
    fault: 'The server refuses an unknown field unless its value is a string.',
    fails: [
      'json/unknown-number',
      'json/unknown-fraction',
      'json/unknown-null',
      'json/unknown-boolean',
      'json/unknown-array',
      'json/unknown-object',
      'json/array-of-100000',
    ],
    breaks: refusesUnknownField((_, value) => typeof value !== 'string'),
  },
  {
    name: 'names-of-objects',
    clause: 'M1',
    fault: 'The server refuses an unknown field whose name every JavaScript object has, such as toString.',
    fails: ['json/unknown-proto', 'json/unknown-constructor', 'json/unknown-to-string'],
    breaks: refusesUnknownField((name) => name in {}),
  },
  {
    name: 'names-plain',
    clause: 'M1',
    fault:
      'The server refuses an unknown field whose name has other characters than ASCII letters, digits and underscores.',
    fails: ['json/unknown-empty-name', 'json/unknown-dotted', 'json/unknown-spaced', 'json/unknown-unicode'],
    breaks: refusesUnknownField((name) => !/^\w+$/.test(name)),
  },
  {
    name: 'names-of-the-response',
    clause: 'M1',
    fault: 'The server refuses a SUBMIT that has a field of the answer, status or message.',
    fails: ['json/unknown-of-the-response', 'store/unknown-field-ignored'],
    breaks: refusesUnknownField((name) => name === 'status' || name === 'message'),
  },
  {
    name: 'numbers-exact',
    clause: 'M1',
    fault: 'The server refuses a number that a double does not represent in the same notation.',
    fails: ['json/number-*'],
    breaks: refusesText((text) =>
      [...text.matchAll(/"x":(-?\d[\d.eE+-]*)/g)].some(([, token = '']) => String(Number(token)) !== token),
    ),
  },
  {
    name: 'numbers-int64',
    clause: 'M1',
    fault: 'The server refuses a number that is not a 64-bit integer.',
    fails: [
      'json/number-above-2-64',
      'json/number-exponent',
      'json/number-of-5000-*',
      'json/number-tiny',
      'json/number-out-of-range',
      'json/unknown-fraction',
    ],
    breaks: refusesText((text) =>
      [...text.matchAll(/":(-?\d[\d.eE+-]*)/g)].some(([, token = '']) => !/^-?\d{1,19}$/.test(token)),
    ),
  },
  {
    name: 'strings-64-kib',
    clause: 'M1',
    fault: 'The server refuses a string of 60 KiB or more.',
    fails: [
      'json/string-of-1-mib',
      'submit/long-addresses',
      'json/name-of-64-kib',
      'submit/id-64-kib',
      'submit/description-far-over-cap',
      'submit/description-at-cap-escaped',
    ],
    breaks: refusesText((text) => /"[^"]{61440}/.test(text)),
  },
  {
    name: 'names-256-bytes',
    clause: 'M1',
    fault: 'The server refuses a name of more than 256 characters.',
    fails: ['json/name-of-*'],
    breaks: refusesUnknownField((name) => name.length > 256),
  },
  {
    name: 'arrays-1000-items',
    clause: 'M1',
    fault: 'The server refuses an array of more than 1000 items.',
    fails: ['json/array-of-100000'],
    breaks: refusesUnknownField((_, value) => Array.isArray(value) && value.length > 1000),
  },
  {
    name: 'fields-512',
    clause: 'M1',
    fault: 'The server refuses an object with more than 512 unknown fields.',
    fails: ['json/fields-*'],
    breaks: refusesText((text) => unknownFieldsOf(text).length > 512),
  },
  {
    name: 'fields-4096',
    clause: 'M1',
    fault: 'The server refuses an object with more than 4096 unknown fields.',
    fails: ['json/fields-10000'],
    breaks: refusesText((text) => unknownFieldsOf(text).length > 4096),
  },
];
