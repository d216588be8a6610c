/** Servers that convert fields, require them, or mind those that they do not know (M1–M4). */

import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { isObject, refusesText, rewritesValues } from '../../server/replacements.ts';

const FIELD_NAMES = ['task_id', 'task_description', 'from_addr', 'to_addr'];

export const conversions: readonly Mutant[] = [
  {
    name: 'scalars-to-strings',
    clause: 'M4',
    fault: 'A number or a boolean in the place of a string is converted.',
    fails: [
      'json/*-boolean',
      'json/*-false',
      'json/task-description-number',
      'json/from-addr-number',
      'json/to-addr-number',
      'submit/malformed-task-id-number',
      'submit/malformed-from-addr-boolean',
      'store/nothing-of-wrong-type',
    ]
      .filter((id) => id !== 'json/*-boolean')
      .concat('json/task-id-boolean', 'json/task-description-boolean', 'json/to-addr-boolean'),
    breaks: rewritesValues((value) =>
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ),
  },
  {
    name: 'falsy-is-missing',
    clause: 'M4',
    fault: 'A value that is false is taken for a missing one.',
    fails: ['json/task-description-false', 'json/from-addr-false', 'json/to-addr-false'],
    breaks: rewritesValues((value) => value || null),
  },
  {
    name: 'arrays-unwrapped',
    clause: 'M4',
    fault: 'Of an array in the place of a string, the first item is taken.',
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
    fault: 'An object in the place of a string is taken for its JSON.',
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
    fault: 'A message that lacks a field is refused.',
    fails: ['json/missing-*', 'frame/length-two'],
    breaks: refusesText(
      (text) =>
        !text.includes('"') || (text.includes('"task_') && FIELD_NAMES.some((name) => !text.includes(name))),
    ),
  },
  {
    name: 'null-refused',
    clause: 'M3',
    fault: 'Null is refused in the place of a string.',
    fails: ['json/null-*'],
    breaks: refusesText((text) => /_(id|description|addr)":null/.test(text)),
  },
];

/** Members of a SUBMIT that the protocol does not know. */
function unknownFieldsOf(text: string): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !('task_id' in value)) return [];
    return Object.entries(value).filter(([name]) => !FIELD_NAMES.includes(name.toLowerCase()));
  } catch {
    return [];
  }
}

/** Refuses SUBMITs for members that are to be ignored. */
function refusesUnknownField(isRefused: (name: string, value: unknown) => boolean): Replacement {
  return refusesText((text) => unknownFieldsOf(text).some(([name, value]) => isRefused(name, value)));
}

export const unknownFields: readonly Mutant[] = [
  {
    name: 'unknown-refused',
    clause: 'M1',
    fault: 'A message with an unknown field is refused.',
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
    fault: 'An unknown field is ignored if it holds a string.',
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
    fault: 'A field that is named like a member of every object cannot be kept.',
    fails: ['json/unknown-proto', 'json/unknown-constructor', 'json/unknown-to-string'],
    breaks: refusesUnknownField((name) => name in {}),
  },
  {
    name: 'names-plain',
    clause: 'M1',
    fault: 'Names of fields have to be made of letters and underscores.',
    fails: ['json/unknown-empty-name', 'json/unknown-dotted', 'json/unknown-spaced', 'json/unknown-unicode'],
    breaks: refusesUnknownField((name) => !/^\w+$/.test(name)),
  },
  {
    name: 'names-of-the-response',
    clause: 'M1',
    fault: 'A SUBMIT that holds the fields of an answer is taken for one.',
    fails: ['json/unknown-of-the-response', 'store/unknown-field-ignored'],
    breaks: refusesUnknownField((name) => name === 'status' || name === 'message'),
  },
  {
    name: 'numbers-exact',
    clause: 'M1',
    fault: 'A number that does not come back as it was written is refused.',
    fails: ['json/number-*'],
    breaks: refusesText((text) =>
      [...text.matchAll(/"x":(-?\d[\d.eE+-]*)/g)].some(([, token = '']) => String(Number(token)) !== token),
    ),
  },
  {
    name: 'numbers-int64',
    clause: 'M1',
    fault: 'Every number has to be a 64-bit integer.',
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
    fault: 'A string of over 60 KiB is refused.',
    fails: [
      'json/string-of-1-mib',
      'submit/long-addresses',
      'json/name-of-64-kib',
      'submit/id-64-kib',
      'submit/description-far-over-cap',
    ],
    breaks: refusesText((text) => /"[^"]{61440}/.test(text)),
  },
  {
    name: 'names-256-bytes',
    clause: 'M1',
    fault: 'A name of over 256 bytes is refused.',
    fails: ['json/name-of-*'],
    breaks: refusesUnknownField((name) => name.length > 256),
  },
  {
    name: 'arrays-1000-items',
    clause: 'M1',
    fault: 'An array of over 1000 items is refused.',
    fails: ['json/array-of-100000'],
    breaks: refusesUnknownField((_, value) => Array.isArray(value) && value.length > 1000),
  },
  {
    name: 'fields-512',
    clause: 'M1',
    fault: 'An object of over 512 fields is refused.',
    fails: ['json/fields-*'],
    breaks: refusesText((text) => unknownFieldsOf(text).length > 512),
  },
  {
    name: 'fields-4096',
    clause: 'M1',
    fault: 'An object of over 4096 fields is refused.',
    fails: ['json/fields-10000'],
    breaks: refusesText((text) => unknownFieldsOf(text).length > 4096),
  },
];
