/**
 * Messages just below, at and just above each documented bound (S5, U4, R2), in characters of one to four bytes, and
 * messages with long fields that have no bound.
 */
import { KiB, MiB } from '../../scenario/bytes.ts';
import {
  BOUNDS,
  type Bound,
  kebab,
  messageValue,
  repeated,
  SUBMIT_REQUEST,
  TASK_RESULT_MESSAGE,
  TASK_STATUS_UPDATE,
} from '../build/messages.ts';
import { SAMPLES } from '../build/samples.ts';
import type { FieldValue, ValidationVector, Value } from '../build/vector.ts';

/** Legal values of the other fields, so that only the one field matters. */
const OTHERS: Readonly<Record<string, Value>> = {
  filename: { result_type: 'file', file_data: { hex: '000102ff', times: 1 } },
  file_data: { result_type: 'file', filename: 'summary.bin' },
};

function vector(
  slug: string,
  note: string,
  { message, field, clause, level }: Omit<Bound, 'maxBytes'>,
  value: FieldValue,
  others: Value = OTHERS[field] ?? {},
) {
  const sample = Object.fromEntries(SAMPLES[message.name].map(([name, , own]) => [name, own]));
  const text = {
    task_id: sample['task_id'] ?? '',
    result_type: 'text',
    completed_at: sample['completed_at'] ?? '',
  };
  const base = message === TASK_RESULT_MESSAGE ? text : sample;
  return {
    id: `validation-${kebab(field)}-${slug}`,
    note,
    clause,
    level,
    source: 'derived',
    message: message.name,
    value: messageValue(message, { ...base, ...others, [field]: value }),
  } as const;
}

const LETTERS = [
  { unit: 'a', bytes: 1, plural: 'letters' },
  { unit: 'é', bytes: 2, plural: 'characters of two bytes' },
  { unit: '日', bytes: 3, plural: 'characters of three bytes' },
  { unit: '\u{1f680}', bytes: 4, plural: 'characters of four bytes' },
  { unit: '\0', bytes: 1, plural: 'NULs' },
] as const;

const texts = BOUNDS.filter(({ field }) => field !== 'file_data').flatMap((bounded) =>
  LETTERS.flatMap(({ unit, bytes, plural }): ValidationVector[] => {
    const end = bounded.field === 'filename' ? '.txt' : '';
    const most = Math.floor((bounded.maxBytes - end.length) / bytes);
    const row = (slug: string, times: number) =>
      vector(
        `${plural.replaceAll(' ', '-').toLowerCase()}-${slug}`,
        `${times} ${plural}${end && ` and ${end}`} are ${times * bytes + end.length} bytes; the bound is ${bounded.maxBytes}.`,
        bounded,
        repeated(unit, times, end),
      );
    // Which characters a name may have is free (R6), and NUL is none of them (R5).
    const level = end === '' || unit === 'a' ? bounded.level : unit === '\0' ? 'may' : 'should';
    return [
      { ...row('below', most - 1), level, valid: true },
      { ...row('at', most), level, valid: true },
      { ...row('above', most + 1), valid: false, field: bounded.field },
    ];
  }),
);

const files = BOUNDS.filter(({ field }) => field === 'file_data').flatMap((bounded): ValidationVector[] => {
  const row = (slug: string, times: number) =>
    vector(slug, `${times} bytes; the bound is ${bounded.maxBytes}.`, bounded, {
      hex: 'a5',
      times,
    });
  return [
    { ...row('fits-frame', 12 * MiB - 1024), valid: true },
    { ...row('below', bounded.maxBytes - 1), valid: true },
    { ...row('at', bounded.maxBytes), valid: true },
    { ...row('above', bounded.maxBytes + 1), valid: false, field: bounded.field },
    { ...row('far-above', 2 * bounded.maxBytes), valid: false, field: bounded.field },
  ];
});

const empty = BOUNDS.map(
  (bounded): ValidationVector => ({
    ...vector(
      'empty',
      'Empty is within any bound.',
      bounded,
      bounded.field === 'file_data' ? { hex: '', times: 1 } : '',
      {},
    ),
    valid: true,
  }),
);

/** No bound is documented for these fields, so a receiver may refuse them or accept them. */
const unbounded = (
  [
    [SUBMIT_REQUEST, 'task_id'],
    [SUBMIT_REQUEST, 'from_addr'],
    [SUBMIT_REQUEST, 'to_addr'],
    [TASK_STATUS_UPDATE, 'status'],
    [TASK_RESULT_MESSAGE, 'result_type'],
    [TASK_RESULT_MESSAGE, 'completed_at'],
  ] as const
).map(([message, field]): ValidationVector => {
  const value = { repeat: 'x', times: 32 * KiB };
  const note = 'No bound is documented for this field.';
  return { ...vector('long', note, { message, field, clause: 'M2', level: 'may' }, value), valid: true };
});

export const validation: readonly ValidationVector[] = [...texts, ...files, ...empty, ...unbounded];
