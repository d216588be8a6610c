/** Replacements that change what a server stores of tasks and results. */

import { isSafeTaskId, type TaskFile, type TaskResultMessage } from '../../../reference/index.ts';
import type { World } from './environment.ts';
import { acceptance, type Fault } from './pipeline.ts';

/** What a careless server keeps: nothing is checked but that the task is there. */
interface Kept {
  /** Relative to the store. */
  readonly path: string;
  readonly bytes: Uint8Array | string;
  readonly task: Partial<TaskFile>;
}

/** What would be kept soundly. */
export function kept(message: TaskResultMessage): Kept {
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
export function keeps(
  change: (sound: Kept, message: TaskResultMessage, world: World) => Kept | undefined,
): Fault {
  return (_, world) => ({
    results: async (message) => {
      const { path, bytes, task } = change(kept(message), message, world) ?? {};
      if (path === undefined || bytes === undefined) return undefined;
      await world.write(path, bytes);
      if (isSafeTaskId(message.taskId))
        await world.store.submitted.update(message.taskId, (was) => ({ ...was, ...task }));
      return undefined;
    },
  });
}

/** Drops results that it ought to keep. */
export function drops(isDropped: (message: TaskResultMessage) => boolean): Fault {
  return ({ results }) => ({
    results: async (message) => (isDropped(message) ? undefined : await results(message)),
  });
}

/** Keeps the task of a SUBMIT where its id leads, read in some way. */
export function keepsTask(pathOf: (taskId: string) => string): Fault {
  return (_, { write }) => ({
    submit: async ({ taskId }) => {
      await write(pathOf(taskId), JSON.stringify({ task_id: taskId, status: 'NEW' }));
      return acceptance(taskId);
    },
  });
}
