/**
 * The result of a task: Result → TaskResultMessage on the side of the receiver, and back on that of the submitter.
 * Both directions check the rules of the protocol, so an illegal result is neither sent nor stored.
 */

import type { TaskResultMessage } from '../protocol/message-types.ts';
import type { PoloTimes } from '../protocol/polo.ts';
import { validateResultFilename } from '../protocol/result-extensions.ts';
import { isSafeFilename } from '../protocol/safe-name.ts';
import { validateTaskResultMessage } from '../protocol/validation.ts';
import { StoreError } from '../store/store-error.ts';
import type { TaskOutcome } from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';

/** The result of a task: a text or a file. */
export type Result =
  /** At most MAX_RESULT_TEXT_BYTES bytes of UTF-8, inclusive (R2). */
  | { readonly kind: 'text'; readonly text: string }
  /**
   * At most MAX_RESULT_FILE_BYTES bytes, inclusive (R2), under a safe name (R5) with an allowed extension (R4). A
   * file without bytes arrives as an empty text, because the message is the same (R6).
   */
  | { readonly kind: 'file'; readonly filename: string; readonly data: Uint8Array };

/** The fields of a completed task that are sent with its result. */
type CompletedTask = Pick<TaskFile, 'taskId' | 'completedAt'> & PoloTimes;

/**
 * The message that delivers the result of a completed task. Throws a ValidationError for a result over its bound (R2)
 * or an extension that is not allowed (R4), and a StoreError 'unsafe-filename' (R5).
 */
export function resultMessage(task: CompletedTask, result: Result): TaskResultMessage {
  const { taskId, completedAt = '' } = task;
  const common = { taskId, resultType: result.kind, completedAt, ...timesOf(task) };
  const message =
    result.kind === 'text'
      ? { ...common, resultText: result.text }
      : { ...common, filename: result.filename, fileData: result.data };
  checkResult(message, result);
  return message;
}

/** The result in a message. Without file data it is a text, whatever its type (R6). Throws as `resultMessage`. */
export function resultOf(message: TaskResultMessage): Result {
  const { resultType, resultText = '', filename = '', fileData } = message;
  const isFile = resultType === 'file' && fileData !== undefined && fileData.length > 0;
  const result: Result = isFile
    ? { kind: 'file', filename, data: fileData }
    : { kind: 'text', text: resultText };
  checkResult(message, result);
  return result;
}

/** The part of a result that the file of the task holds (R6). */
export function outcomeOf(result: Result): TaskOutcome {
  const { kind: resultType } = result;
  return { resultType, results: result.kind === 'text' ? result.text : result.filename };
}

/** The name, after `<task_id>_`, and the bytes of the file that holds a result (R6). */
export function fileOf(result: Result): readonly [filename: string, bytes: Uint8Array] {
  return result.kind === 'text' ? ['result.txt', Buffer.from(result.text)] : [result.filename, result.data];
}

/** The three times without those that are absent (R7). */
export function timesOf({ timeIdleMs, timeStagedMs, timeCpuMs }: PoloTimes): PoloTimes {
  return {
    ...(timeIdleMs !== undefined && { timeIdleMs }),
    ...(timeStagedMs !== undefined && { timeStagedMs }),
    ...(timeCpuMs !== undefined && { timeCpuMs }),
  };
}

function checkResult(message: TaskResultMessage, result: Result): void {
  validateTaskResultMessage(message);
  if (result.kind === 'text') return;
  if (!isSafeFilename(result.filename))
    throw new StoreError('unsafe-filename', 'the name of the result is not a safe file name');
  validateResultFilename(result.filename);
}
