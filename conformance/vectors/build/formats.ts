/** Fields for which not every value of their kind is legal, and vectors that a strict implementation may treat otherwise. */
import { ALLOWED_EXTENSIONS } from '../../scenario/bytes.ts';
import type {
  DecodeVector,
  EncodeVector,
  FieldValue,
  Level,
  TaskFileVector,
  TimeVector,
  Value,
} from './vector.ts';

/** The legal values of a field. */
export interface Format {
  /** Two of them. */
  readonly examples: readonly [FieldValue, FieldValue];
  readonly isLegal: (value: FieldValue) => boolean;
  /** Clause of docs/protocol.md that leaves it open what becomes of other values. */
  readonly clause: string;
}

function oneOf(clause: string, first: FieldValue, second: FieldValue, ...others: FieldValue[]): Format {
  const all = [first, second, ...others];
  return { examples: [first, second], isLegal: (value) => all.includes(value), clause };
}

function matching(clause: string, pattern: RegExp, first: string, second: string): Format {
  const isLegal = (value: FieldValue) => typeof value === 'string' && pattern.test(value);
  return { examples: [first, second], isLegal, clause };
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** A name that no system reserves and that may be sent. */
const FILE_NAME = new RegExp(`^[A-Za-z0-9][^\\p{Cc}/\\\\:*?"<>|]*(?:${ALLOWED_EXTENSIONS.join('|')})$`, 'u');

/** By the names that the tables of messages.ts use. */
export const FORMATS = {
  time: matching('L3', RFC_3339, '2026-01-02T03:04:05Z', '2026-01-02T03:05:05.25Z'),
  state: oneOf(
    ...(['U2', 'EXECUTING', 'EXPIRED', 'NEW', 'ACCEPTED', 'DECLINED'] as const),
    ...(['COMPLETED', 'SUCCEEDED', 'CANCELLED'] as const),
  ),
  outcome: oneOf('M2', 'success', 'error'),
  'result-type': oneOf('R6', 'text', 'file'),
  answer: oneOf('S2', 200, 400),
  'file-name': matching('R4', FILE_NAME, 'a.txt', 'b.md'),
} as const satisfies Readonly<Record<string, Format>>;

/** A field, as far as it matters here. */
interface FormatField {
  readonly name: string;
  readonly optional: boolean;
  readonly format?: Format;
}

/** Of a task file; there is none without them (M13). */
const ALWAYS: ReadonlySet<string> = new Set(['created_at', 'status']);

/**
 * The vector with level 'may', if it demands that an implementation takes a value that it may refuse: a time that is not RFC 3339,
 * a state that is none of the eight, and so on. What was decided about the value stays. With level 'should' at the most, if it has a
 * time with more digits than milliseconds.
 */
export function asBinding<V extends DecodeVector | EncodeVector | TaskFileVector>(
  vector: V,
  fields: readonly FormatField[],
): V {
  if (vector.level === 'may' || ('valid' in vector && !vector.valid)) return vector;
  const { value } = vector as { readonly value: Value };
  const isTaskFile = !('message' in vector) || vector.message === 'TaskFile';
  const isPayload = 'valid' in vector;
  const open = fields.find(({ name, optional, format }) => {
    if (format === undefined) return false;
    const given = value[name] ?? '';
    if (given !== '' && given !== 0) return !format.isLegal(given);
    if (isTaskFile && ALWAYS.has(name)) return true;
    return isPayload ? isEmptyIn(vector.payload, name) : !optional;
  });
  if (open?.format !== undefined)
    return { ...vector, clause: isTaskFile ? 'M13' : open.format.clause, level: 'may' };
  const isFine = fields.some(({ name, format }) => format === FORMATS.time && isFineTime(value[name]));
  return isFine ? asFine(vector) : vector;
}

/** The vector with level 'should' at the most, if its time has digits that the types for times of many languages do not keep. */
export function asReadable(vector: TimeVector): TimeVector {
  return isFineTime(vector.text) ? asFine(vector) : vector;
}

function asFine<V extends { readonly level: Level }>(vector: V): V {
  return vector.level === 'must' ? { ...vector, level: 'should' } : vector;
}

/** Whether a time is no whole number of milliseconds. */
function isFineTime(value: FieldValue | undefined): boolean {
  return typeof value === 'string' && /[.,]\d{3}0*[1-9]/.test(value);
}

/** Whether the payload gives the field, and as empty. A field that is missing, or null, is another case (M2, M3). */
function isEmptyIn(payload: string | undefined, name: string): boolean {
  if (payload === undefined) return false;
  try {
    const given: unknown = JSON.parse(payload)?.[name];
    return given === '' || given === 0;
  } catch {
    return false;
  }
}
