/**
 * What a task came to: Result → TaskResultMessage on the receiver's side, and back on the submitter's. Both directions
 * refuse what the protocol forbids, so a refused result is neither sent nor stored.
 */

import type { TaskResultMessage } from '../protocol/message-types.ts';
import type { PoloTimes } from '../protocol/polo.ts';
import { validateResultFilename } from '../protocol/result-extensions.ts';
import { isSafeFilename } from '../protocol/safe-name.ts';
import { validateTaskResultMessage } from '../protocol/validation.ts';
import { StoreError } from '../store/store-error.ts';
import type { TaskOutcome } from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';

export type Result =
  | { readonly kind: 'text'; readonly text: string }
  /** A file without bytes arrives as an empty text: the protocol cannot tell them apart (R6). */
  | { readonly kind: 'file'; readonly filename: string; readonly data: Uint8Array };

/** What a delivery tells of the task besides its result. */
type CompletedTask = Pick<TaskFile, 'taskId' | 'completedAt'> & PoloTimes;

/**
 * The message that delivers the result of a completed task. Throws a ValidationError (R2, R4), or a StoreError
 * 'unsafe-filename' (R5).
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

/** The result that a message carries; without data it is its text, whatever its type (R6). Throws as resultMessage. */
export function resultOf(message: TaskResultMessage): Result {
  const { resultType, resultText = '', filename = '', fileData } = message;
  const isFile = resultType === 'file' && fileData !== undefined && fileData.length > 0;
  const result: Result = isFile
    ? { kind: 'file', filename, data: fileData }
    : { kind: 'text', text: resultText };
  checkResult(message, result);
  return result;
}

/** What a delivered result leaves in the task's file (R6). */
export function outcomeOf(result: Result): TaskOutcome {
  const { kind: resultType } = result;
  return { resultType, results: result.kind === 'text' ? result.text : result.filename };
}

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
  if (!isSafeFilename(result.filename)) throw new StoreError('unsafe-filename', 'not a safe file name');
  validateResultFilename(result.filename);
}
