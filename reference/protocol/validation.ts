/**
 * The documented bounds of the fields of messages: message → nothing, or an error for the first bound that it
 * exceeds. All bounds are inclusive and count bytes: of UTF-8 for text, of decoded data for files. Senders check
 * before they encode, receivers after they decode.
 */

import {
  MAX_JUSTIFICATION_BYTES,
  MAX_RESULT_FILE_BYTES,
  MAX_RESULT_FILENAME_BYTES,
  MAX_RESULT_TEXT_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
} from './constants.ts';
import { ValidationError, type ValidationErrorCode } from './errors.ts';
import type { SubmitRequest, TaskResultMessage, TaskStatusUpdate } from './message-types.ts';

/** Throws a ValidationError 'description-too-long' for more than MAX_TASK_DESCRIPTION_BYTES (S5). */
export function validateSubmitRequest({ taskDescription }: SubmitRequest): void {
  refuseOver(MAX_TASK_DESCRIPTION_BYTES, utf8Bytes(taskDescription), 'description-too-long', 'S5');
}

/**
 * Throws a ValidationError 'justification-too-long' for more than MAX_JUSTIFICATION_BYTES (U4). Does not check the
 * status; `applyStatusUpdate` does.
 */
export function validateTaskStatusUpdate({ justification }: TaskStatusUpdate): void {
  refuseOver(MAX_JUSTIFICATION_BYTES, utf8Bytes(justification), 'justification-too-long', 'U4');
}

/**
 * Throws a ValidationError 'result-text-too-long', 'filename-too-long' or 'file-too-large', checked in this order
 * (R2). Does not check the extension of the file name (`validateResultFilename`) or its safety (`isSafeFilename`).
 */
export function validateTaskResultMessage({ resultText, filename, fileData }: TaskResultMessage): void {
  refuseOver(MAX_RESULT_TEXT_BYTES, utf8Bytes(resultText), 'result-text-too-long', 'R2');
  refuseOver(MAX_RESULT_FILENAME_BYTES, utf8Bytes(filename), 'filename-too-long', 'R2');
  refuseOver(MAX_RESULT_FILE_BYTES, fileData?.byteLength ?? 0, 'file-too-large', 'R2');
}

/** A lone surrogate counts as U+FFFD, because it is written so (M12). */
function utf8Bytes(text = ''): number {
  return Buffer.byteLength(text, 'utf8');
}

function refuseOver(bound: number, bytes: number, code: ValidationErrorCode, clause: string): void {
  if (bytes <= bound) return;
  const [field = code] = code.split('-too-');
  const message = `the ${field.replaceAll('-', ' ')} has ${bytes} bytes, at most ${bound} are allowed`;
  throw new ValidationError(code, clause, message);
}
