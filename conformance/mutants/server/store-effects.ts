/** Replacements that change what a server stores of tasks and results. */

import { isSafeTaskId, type TaskFile, type TaskResultMessage } from '../../../reference/index.ts';
import type { Environment } from './environment.ts';
import { acceptance, type Replacement } from './pipeline.ts';

/** What a careless server keeps: nothing is checked but that the task is there. */
interface StoredResult {
  /** Relative to the store. */
  readonly path: string;
  readonly bytes: Uint8Array | string;
  readonly task: Partial<TaskFile>;
}

/** What would be kept soundly. */
export function correctlyStored(message: TaskResultMessage): StoredResult {
  const { taskId, filename = '', resultText = '', fileData } = message;
  const times = {
    timeIdleMs: message.timeIdleMs ?? 0,
    timeStagedMs: message.timeStagedMs ?? 0,
    timeCpuMs: message.timeCpuMs ?? 0,
  };
  return message.resultType === 'file' && fileData !== undefined
    ? {
        path: `results/${taskId}_${filename}`,
        bytes: fileData,
        task: { status: 'SUCCEEDED', resultType: 'file', results: filename, ...times },
      }
    : {
        path: `results/${taskId}_result.txt`,
        bytes: resultText,
        task: { status: 'SUCCEEDED', resultType: 'text', results: resultText, ...times },
      };
}

/** Keeps results unchecked, and otherwise than soundly. Undefined keeps nothing. */
export function storesResult(
  change: (
    correct: StoredResult,
    message: TaskResultMessage,
    environment: Environment,
  ) => StoredResult | undefined,
): Replacement {
  return (_, environment) => ({
    results: async (message) => {
      const { path, bytes, task } = change(correctlyStored(message), message, environment) ?? {};
      if (path === undefined || bytes === undefined) return undefined;
      await environment.writeFile(path, bytes);
      if (isSafeTaskId(message.taskId))
        await environment.store.submitted.update(message.taskId, (was) => ({ ...was, ...task }));
      return undefined;
    },
  });
}

/** Drops results that it ought to keep. */
export function dropsResults(isDropped: (message: TaskResultMessage) => boolean): Replacement {
  return ({ results }) => ({
    results: async (message) => (isDropped(message) ? undefined : await results(message)),
  });
}

/** Keeps the task of a SUBMIT where its id leads, read in some way. */
export function storesTaskAt(pathOf: (taskId: string) => string): Replacement {
  return (_, { writeFile }) => ({
    submit: async ({ taskId }) => {
      await writeFile(pathOf(taskId), JSON.stringify({ task_id: taskId, status: 'NEW' }));
      return acceptance(taskId);
    },
  });
}
