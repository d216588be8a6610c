/**
 * The documented bounds on what messages carry: message → nothing, or the first bound that it breaks. All bounds are
 * inclusive and count bytes: of UTF-8 for text, of decoded data for files. Senders ask before they encode, receivers
 * after they have decoded.
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

/** Throws a ValidationError 'description-too-long' (S5). */
export function validateSubmitRequest({ taskDescription }: SubmitRequest): void {
  refuseOver(MAX_TASK_DESCRIPTION_BYTES, utf8Bytes(taskDescription), 'description-too-long', 'S5');
}

/** Throws a ValidationError 'justification-too-long' (U4). Any string is a status here: applyStatusUpdate judges it. */
export function validateTaskStatusUpdate({ justification }: TaskStatusUpdate): void {
  refuseOver(MAX_JUSTIFICATION_BYTES, utf8Bytes(justification), 'justification-too-long', 'U4');
}

/**
 * Throws a ValidationError 'result-text-too-long', 'filename-too-long' or 'file-too-large', looked at in this order
 * (R2). The extension is validateResultFilename's, the name as a path isSafeFilename's.
 */
export function validateTaskResultMessage({ resultText, filename, fileData }: TaskResultMessage): void {
  refuseOver(MAX_RESULT_TEXT_BYTES, utf8Bytes(resultText), 'result-text-too-long', 'R2');
  refuseOver(MAX_RESULT_FILENAME_BYTES, utf8Bytes(filename), 'filename-too-long', 'R2');
  refuseOver(MAX_RESULT_FILE_BYTES, fileData?.byteLength ?? 0, 'file-too-large', 'R2');
}

/** A lone surrogate counts as the U+FFFD that it is written as (M12). */
function utf8Bytes(text = ''): number {
  return Buffer.byteLength(text, 'utf8');
}

function refuseOver(bound: number, bytes: number, code: ValidationErrorCode, clause: string): void {
  if (bytes > bound) throw new ValidationError(code, clause, `${bytes} bytes, but ${bound} are the most`);
}
