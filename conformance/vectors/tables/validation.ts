/**
 * The documented bounds (S5, U4, R2), each just below, at and just above, in characters of one to four bytes; and fields
 * that have none.
 */
import { KiB, MiB } from '../../scenario/bytes.ts';
import {
  kebab,
  messageValue,
  SUBMIT_REQUEST,
  TASK_RESULT_MESSAGE,
  TASK_STATUS_UPDATE,
} from '../build/messages.ts';
import type { FieldValue, Level, ValidationVector } from '../build/vector.ts';

const MESSAGES = [
  { name: 'SubmitRequest', message: SUBMIT_REQUEST },
  { name: 'TaskStatusUpdate', message: TASK_STATUS_UPDATE },
  { name: 'TaskResultMessage', message: TASK_RESULT_MESSAGE },
] as const;

/** The bound is in bytes and inclusive. */
interface Bounded {
  readonly field: string;
  readonly clause: string;
  readonly level: Level;
  readonly bound: number;
}

const BOUNDED: readonly Bounded[] = [
  { field: 'task_description', clause: 'S5', level: 'must', bound: 16 * KiB },
  { field: 'justification', clause: 'U4', level: 'should', bound: 4 * KiB },
  { field: 'result_text', clause: 'R2', level: 'must', bound: MiB },
  { field: 'filename', clause: 'R2', level: 'must', bound: 256 },
  { field: 'file_data', clause: 'R2', level: 'must', bound: 15 * MiB },
];

function vector(
  slug: string,
  note: string,
  { clause, level }: Pick<Bounded, 'clause' | 'level'>,
  field: string,
  value: FieldValue,
) {
  const owner = MESSAGES.find(({ message }) => message.fields.some(({ name }) => name === field));
  if (owner === undefined) throw new Error(`no message with ${field}`);
  return {
    id: `validation-${kebab(field)}-${slug}`,
    note,
    clause,
    level,
    source: 'derived',
    message: owner.name,
    value: messageValue(owner.message, { [field]: value }),
  } as const;
}

const LETTERS = [
  { unit: 'a', bytes: 1, plural: 'letters' },
  { unit: 'é', bytes: 2, plural: 'characters of two bytes' },
  { unit: '日', bytes: 3, plural: 'characters of three bytes' },
  { unit: '\u{1f680}', bytes: 4, plural: 'characters of four bytes' },
  { unit: '\0', bytes: 1, plural: 'NULs' },
] as const;

const texts = BOUNDED.filter(({ field }) => field !== 'file_data').flatMap((bounded) =>
  LETTERS.flatMap(({ unit, bytes, plural }): ValidationVector[] => {
    const most = Math.floor(bounded.bound / bytes);
    const row = (slug: string, times: number) =>
      vector(
        `${plural.replaceAll(' ', '-').toLowerCase()}-${slug}`,
        `${times} ${plural}: ${times * bytes} bytes, ${bounded.bound} are the most.`,
        bounded,
        bounded.field,
        { repeat: unit, times },
      );
    return [
      { ...row('below', most - 1), valid: true },
      { ...row('at', most), valid: true },
      { ...row('above', most + 1), valid: false, field: bounded.field },
    ];
  }),
);

const files = BOUNDED.filter(({ field }) => field === 'file_data').flatMap((bounded): ValidationVector[] => {
  const row = (slug: string, times: number) =>
    vector(slug, `${times} bytes, ${bounded.bound} are the most.`, bounded, bounded.field, {
      hex: 'a5',
      times,
    });
  return [
    { ...row('fits-frame', 12 * MiB - 1024), valid: true },
    { ...row('below', bounded.bound - 1), valid: true },
    { ...row('at', bounded.bound), valid: true },
    { ...row('above', bounded.bound + 1), valid: false, field: bounded.field },
    { ...row('far-above', 2 * bounded.bound), valid: false, field: bounded.field },
  ];
});

const empty = BOUNDED.map(
  (bounded): ValidationVector => ({
    ...vector(
      'empty',
      'Empty is within any bound.',
      bounded,
      bounded.field,
      bounded.field === 'file_data' ? { hex: '', times: 1 } : '',
    ),
    valid: true,
  }),
);

/** No bound is documented for these, so that refusing them is free. */
const unbounded = ['task_id', 'from_addr', 'to_addr', 'status', 'result_type', 'completed_at'].map(
  (field): ValidationVector => ({
    ...vector('long', 'No bound is documented for this field.', { clause: 'M2', level: 'may' }, field, {
      repeat: 'x',
      times: 32 * KiB,
    }),
    valid: true,
  }),
);

export const validation: readonly ValidationVector[] = [...texts, ...files, ...empty, ...unbounded];
