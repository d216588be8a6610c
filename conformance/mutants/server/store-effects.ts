/** Replacements that change what a server stores of tasks and results. */

import {
  isSafeFilename,
  isSafeTaskId,
  type Store,
  type SubmitRequest,
  Submitter,
  succeed,
  type TaskFile,
  type TaskResultMessage,
  validateResultFilename,
  validateTaskResultMessage,
} from '../../../reference/index.ts';
import type { Environment } from './environment.ts';
import { acceptance, PEER, type Replacement } from './pipeline.ts';

/** What a server stores of a result. */
interface StoredResult {
  /** The path of the result file, relative to the store. */
  readonly path: string;
  readonly bytes: Uint8Array | string;
  /** The changes to the task file. */
  readonly task: Partial<TaskFile>;
}

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

/**
 * What a server checks before it stores a result:
 * - `text`: the length of the text (R2).
 * - `filename`: the length of the filename (R2).
 * - `extension`: the extension of the filename (R4).
 * - `name`: that the filename is a safe name of a file (R5).
 * - `id`: that the task id is a safe name of a file (R5).
 * - `task`: that the task is known (R6).
 * - `state`: that the task has no result and is not final (L1).
 * - `file`: that the result file does not exist (R5).
 */
export type ResultCheck = 'text' | 'filename' | 'extension' | 'name' | 'id' | 'task' | 'state' | 'file';

const CHECKS: Readonly<
  Record<Exclude<ResultCheck, 'file'>, (message: TaskResultMessage, store: Store) => Promise<void> | void>
> = {
  text: ({ resultText }) => validateTaskResultMessage({ ...NO_RESULT, resultText: resultText ?? '' }),
  filename: ({ filename }) => validateTaskResultMessage({ ...NO_RESULT, filename: filename ?? '' }),
  extension: ({ resultType, filename = '', fileData }) => {
    if (resultType === 'file' && fileData !== undefined) validateResultFilename(filename);
  },
  name: ({ resultType, filename = '' }) => {
    if (resultType === 'file' && !isSafeFilename(filename)) throw new Error('the filename is unsafe');
  },
  id: ({ taskId }) => {
    if (!isSafeTaskId(taskId)) throw new Error('the task id is unsafe');
  },
  task: async ({ taskId }, { submitted }) => void (await submitted.read(taskId)),
  state: async ({ taskId }, { submitted }) => {
    const task = await submitted.read(taskId).catch(() => undefined);
    if (task !== undefined) succeed(task, { resultType: 'text', results: '' });
  },
};

const NO_RESULT: TaskResultMessage = { taskId: '', resultType: 'text', completedAt: '' };

/**
 * Stores results, changed by `change`, after all checks except those in `unchecked`. If `change` returns undefined, the
 * result is ignored.
 */
export function storesResult(
  change: (correct: StoredResult, message: TaskResultMessage) => StoredResult | undefined,
  unchecked: readonly ResultCheck[] = [],
): Replacement {
  return (_, { store, writeFile }) => ({
    results: async (message) => {
      const stored = change(correctlyStored(message), message);
      if (stored === undefined) return undefined;
      for (const [name, check] of Object.entries(CHECKS))
        if (!unchecked.some((one) => one === name)) await check(message, store);
      await writeFile(stored.path, stored.bytes, unchecked.includes('file') ? 'w' : 'wx');
      if (isSafeTaskId(message.taskId))
        await store.submitted.update(message.taskId, (was) => ({ ...was, ...stored.task }));
      return undefined;
    },
  });
}

/** Whether the store holds a submitted task with the id. */
export async function isSubmitted(taskId: string, { submitted }: Store): Promise<boolean> {
  return await submitted.read(taskId).then(
    () => true,
    () => false,
  );
}

/** Ignores results, although they may be legal. */
export function dropsResults(isDropped: (message: TaskResultMessage) => boolean): Replacement {
  return ({ results }) => ({
    results: async (message) => (isDropped(message) ? undefined : await results(message)),
  });
}

/**
 * Stores the task of a SUBMIT whose id is no safe name of a file, and for which `isTaken` holds, at the path that `pathOf`
 * derives from it. The path is relative to the store.
 */
export function storesUnsafeTaskAt(
  pathOf: (taskId: string) => string,
  isTaken: (taskId: string) => boolean,
): Replacement {
  return ({ submit }, { writeFile }) => ({
    submit: async (request) => {
      const { taskId } = request;
      if (isSafeTaskId(taskId) || !isTaken(taskId)) return await submit(request);
      await writeFile(pathOf(taskId), JSON.stringify({ task_id: taskId, status: 'NEW' }));
      return acceptance(taskId);
    },
  });
}

type Update = Store['submitted']['update'];

/** Changes submitted tasks as `update` does, and is otherwise correct. */
export function updatesTasks(update: (environment: Environment) => Update): Replacement {
  return (_, environment) => {
    const { store, now } = environment;
    const submitted: Pick<Store['submitted'], 'update'> = { update: update(environment) };
    const changing: Store = Object.create(store, {
      submitted: { value: submitted },
      keepResult: { value: store.keepResult.bind(store) },
      keepLateResult: { value: store.keepLateResult.bind(store) },
    });
    const submitter = new Submitter({ store: changing, clock: now });
    return {
      update: async (message) => void (await submitter.statusUpdate(message, PEER)),
      results: async (message) => void (await submitter.results(message, PEER)),
    };
  };
}

/** Changes each submitted task before it is written. */
export function changesSubmittedTask(change: (task: TaskFile) => TaskFile): Replacement {
  return updatesTasks(
    ({ store }) =>
      (taskId, step) =>
        store.submitted.update(taskId, async (was) => {
          const task = await step(was);
          return task === was ? was : change(task);
        }),
  );
}

/** Changes each received task after it was stored, and before the answer. */
export function changesReceivedTask(
  change: (task: TaskFile, request: SubmitRequest) => TaskFile,
): Replacement {
  return ({ submit }, { store }) => ({
    submit: async (request) => {
      const answer = await submit(request);
      if (answer?.status === 200)
        await store.received.update(request.taskId, (task) => change(task, request));
      return answer;
    },
  });
}

/** The task with the result type `none` until it has a result. */
export function resultTypeNone(task: TaskFile): TaskFile {
  return task.resultType ? task : { ...task, resultType: 'none' };
}
