/** Replacements that change what a server stores of tasks and results. */

import {
  isSafeTaskId,
  type Store,
  Submitter,
  type TaskFile,
  type TaskResultMessage,
} from '../../../reference/index.ts';
import { acceptance, PEER, type Replacement } from './pipeline.ts';

/** What a mutant stores of a result. */
interface StoredResult {
  /** The path of the result file, relative to the store. */
  readonly path: string;
  readonly bytes: Uint8Array | string;
  /** The changes to the task file. */
  readonly task: Partial<TaskFile>;
}

/** What a correct server stores. The task id and the filename are not checked. */
function correctlyStored(message: TaskResultMessage): StoredResult {
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

/** Stores results without any check, changed by `change`. If that returns undefined, the result is ignored. */
export function storesResult(
  change: (correct: StoredResult, message: TaskResultMessage) => StoredResult | undefined,
): Replacement {
  return (_, { store, writeFile }) => ({
    results: async (message) => {
      const { path, bytes, task } = change(correctlyStored(message), message) ?? {};
      if (path === undefined || bytes === undefined) return undefined;
      await writeFile(path, bytes);
      if (isSafeTaskId(message.taskId))
        await store.submitted.update(message.taskId, (was) => ({ ...was, ...task }));
      return undefined;
    },
  });
}

/** Ignores results, although they may be legal. */
export function dropsResults(isDropped: (message: TaskResultMessage) => boolean): Replacement {
  return ({ results }) => ({
    results: async (message) => (isDropped(message) ? undefined : await results(message)),
  });
}

/** Stores the task of a SUBMIT at the path that `pathOf` derives from the task id. The path is relative to the store. */
export function storesTaskAt(pathOf: (taskId: string) => string): Replacement {
  return (_, { writeFile }) => ({
    submit: async ({ taskId }) => {
      await writeFile(pathOf(taskId), JSON.stringify({ task_id: taskId, status: 'NEW' }));
      return acceptance(taskId);
    },
  });
}

/** Changes each submitted task before it is written. */
export function changesSubmittedTask(change: (task: TaskFile) => TaskFile): Replacement {
  return (_, { store, now }) => {
    const submitted: Pick<Store['submitted'], 'update'> = {
      update: (taskId, step) =>
        store.submitted.update(taskId, async (was) => {
          const task = await step(was);
          return task === was ? was : change(task);
        }),
    };
    const changing: Store = Object.create(store, {
      submitted: { value: submitted },
      keepResult: { value: store.keepResult.bind(store) },
    });
    const submitter = new Submitter({ store: changing, clock: now });
    return {
      update: async (update) => void (await submitter.statusUpdate(update, PEER)),
      results: async (message) => void (await submitter.results(message, PEER)),
    };
  };
}
