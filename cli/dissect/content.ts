/**
 * Findings about the values of well-formed messages: (field, value) → findings. A sender must not send a value with a
 * violation. A value with a note is legal, but other implementations may treat it differently.
 */

import { printable } from '../../conformance/util/printable.ts';
import {
  isSafeFilename,
  isSafeTaskId,
  isTaskStatus,
  parseTime,
  STATUS_ACCEPTED,
  STATUS_REJECTED,
  TASK_STATUSES,
  ValidationError,
  validateResultFilename,
} from '../../reference/index.ts';
import type { DecodedMessage, FieldRow } from './table.ts';

export interface Finding {
  readonly kind: 'violation' | 'note';
  /** The clause of docs/protocol.md, such as 'F2'. */
  readonly clause: string;
  readonly text: string;
}

export function violation(clause: string, text: string): Finding {
  return { kind: 'violation', clause, text };
}

export function note(clause: string, text: string): Finding {
  return { kind: 'note', clause, text };
}

/** `other` gives the other fields of the message. */
type Rule = (value: unknown, other: ValueOf) => Finding | undefined;
type ValueOf = DecodedMessage['valueOf'];

const RULES: Readonly<Record<string, Rule>> = {
  task_id: taskId,
  'SubmitResponse.status': (value) =>
    value === STATUS_ACCEPTED || value === STATUS_REJECTED
      ? undefined
      : violation('S2', `status must be ${STATUS_ACCEPTED} or ${STATUS_REJECTED}`),
  'SubmitResponse.message': (value) =>
    value === '' ? note('S4', 'the message should not be empty') : undefined,
  'TaskStatusUpdate.status': (value) =>
    isTaskStatus(String(value))
      ? undefined
      : violation('U2', `not a task status; the task statuses are ${TASK_STATUSES.join(', ')}`),
  'TaskResultMessage.result_type': (value) =>
    value === 'text' || value === 'file'
      ? undefined
      : note('R6', 'neither text nor file; a receiver reads it as text'),
  'TaskResultMessage.filename': filename,
  'TaskResultMessage.completed_at': time,
  'TaskResult.timestamp': time,
};

/** The findings about the value of one field of a message. */
export function contentFindings(
  message: string,
  { name, limit }: FieldRow,
  value: unknown,
  other: ValueOf,
): Finding[] {
  const rule = RULES[`${message}.${name}`] ?? RULES[name];
  const bytes = byteLength(value);
  const over = limit !== undefined && bytes > limit.bytes;
  return [
    over ? violation(limit.clause, `${name} has ${bytes} bytes, more than ${limit.bytes}`) : undefined,
    rule?.(value, other),
  ].filter((finding) => finding !== undefined);
}

/** The length of bytes, or of a string in UTF-8; 0 for anything else. */
export function byteLength(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

function taskId(value: unknown): Finding | undefined {
  if (value === '') return note('S3', 'an empty task id identifies no task');
  return isSafeTaskId(String(value))
    ? undefined
    : note('R5', 'not safe as part of a file name; never use it as a path');
}

function filename(value: unknown, other: ValueOf): Finding | undefined {
  const name = String(value);
  if (name === '') {
    // A file without data is read as text, and text needs no name (R6).
    const isFile = other({ name: 'result_type' }) === 'file' && byteLength(other({ name: 'file_data' })) > 0;
    return isFile ? violation('R4', 'a file needs a name with one of the allowed extensions') : undefined;
  }
  try {
    validateResultFilename(name);
  } catch (error) {
    if (error instanceof ValidationError) return violation(error.clause, printable(error.message));
    throw error;
  }
  return isSafeFilename(name)
    ? undefined
    : violation('R5', 'a path, or not safe as a file name in the store');
}

function time(value: unknown): Finding | undefined {
  if (value === '') return undefined;
  try {
    parseTime(String(value));
    return undefined;
  } catch {
    return note('L3', 'not a time in the format of RFC 3339');
  }
}
