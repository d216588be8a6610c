/**
 * What the protocol says about the values of well-formed messages: field, value → findings. A violation is what a
 * sender must not send; a note is legal and worth knowing.
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
  /** Of docs/protocol.md, such as 'F2'. */
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
      : violation('S2', `status is ${STATUS_ACCEPTED} or ${STATUS_REJECTED}, nothing else`),
  'SubmitResponse.message': (value) =>
    value === '' ? note('S4', 'the message should not be empty') : undefined,
  'TaskStatusUpdate.status': (value) =>
    isTaskStatus(String(value))
      ? undefined
      : violation('U2', `no status of a task; those are ${TASK_STATUSES.join(', ')}`),
  'TaskResultMessage.result_type': (value) =>
    value === 'text' || value === 'file' ? undefined : note('R6', 'neither text nor file; read as a text'),
  'TaskResultMessage.filename': filename,
  'TaskResultMessage.completed_at': time,
  'TaskResult.timestamp': time,
};

/** What is to say about the value of a field of a message. */
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
    over ? violation(limit.clause, `${name} holds ${bytes} bytes; ${limit.bytes} are the most`) : undefined,
    rule?.(value, other),
  ].filter((finding) => finding !== undefined);
}

/** Of bytes themselves, and of strings in UTF-8; 0 of anything else. */
export function byteLength(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}

function taskId(value: unknown): Finding | undefined {
  if (value === '') return note('S3', 'an empty task id names no task');
  return isSafeTaskId(String(value))
    ? undefined
    : note('R5', 'not fit to be part of a file name; never to be used as a path');
}

function filename(value: unknown, other: ValueOf): Finding | undefined {
  const name = String(value);
  if (name === '') {
    // Without data a file is read as a text, which needs no name (R6).
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
    : violation('R5', 'a path, or otherwise not fit to be a file name of the store');
}

function time(value: unknown): Finding | undefined {
  if (value === '') return undefined;
  try {
    parseTime(String(value));
    return undefined;
  } catch {
    return note('L3', 'no time of RFC 3339');
  }
}
