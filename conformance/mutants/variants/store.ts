/** Freedoms of the store: where a server stores tasks, and what it stores of results (S9, R5, R7, M10). */

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../server/environment.ts';
import type { ConformingVariant } from '../server/mutant.ts';
import { type Answer, acceptance, type Message, type Replacement } from '../server/pipeline.ts';
import { refusesText } from '../server/replacements.ts';
import { changesReceivedTask, changesSubmittedTask, resultTypeNone } from '../server/store-effects.ts';

/** Does `work` before each message that can be read. `taskId` is its id as a name of a file. */
function beforeEach(
  work: (taskId: string, environment: Environment, kind: Message['kind']) => Promise<void>,
): Replacement {
  return ({ submit, update, results }, environment) => {
    const after =
      <T extends { readonly taskId: string }>(
        kind: Message['kind'],
        handle: (message: T) => Promise<Answer>,
      ) =>
      async (message: T): Promise<Answer> => {
        await work(message.taskId.replaceAll(/[^\w-]/g, '_').slice(-100), environment, kind);
        return await handle(message);
      };
    return {
      submit: after('submit', submit),
      update: after('update', update),
      results: after('results', results),
    };
  };
}

/** Scenarios that look at the whole store. */
const WHOLE_STORE = ['status/store-i*', 'store/nothing-of-*', 'store/id-*'];

export const keeping: readonly ConformingVariant[] = [
  {
    name: 'tasks-in-memory',
    clause: 'S9',
    freedom: 'The server stores its tasks in memory.',
    touches: ['status/*', 'results/*', 'store/*', 'submit/a*'],
    does: () => ({
      submit: async ({ taskId }) => acceptance(taskId),
      update: async () => undefined,
      results: async () => undefined,
    }),
    withoutStore: true,
  },
  {
    name: 'files-beside-tasks',
    clause: 'S9',
    freedom: 'The server stores other files in a hidden folder of the store.',
    touches: ['store/*'],
    does: ({ submit }, { writeFile }) => ({
      submit: async (request) => {
        await writeFile('.index/tasks', randomBytes(16));
        const answer = await submit(request);
        await writeFile('.index/last', randomBytes(16));
        return answer;
      },
    }),
  },
  {
    name: 'lock-per-task',
    clause: 'R5',
    freedom: 'The server locks two files per task before it handles a message, and never removes them.',
    touches: ['results/filename-*', 'results/id-*', 'results/store-refuses-*', ...WHOLE_STORE],
    does: beforeEach(async (taskId, { writeFile }) => {
      await writeFile(`locks/${taskId}.lock`, '', 'a');
      await writeFile(`submitted/.${taskId}.lock`, `${process.pid}\n`);
    }),
  },
  {
    name: 'log-per-task',
    clause: 'R5',
    freedom: 'The server adds a line to a log of the task before it handles a message.',
    touches: ['results/extension-*-refused', 'results/filename-*', ...WHOLE_STORE],
    does: beforeEach((taskId, { writeFile, now }, kind) =>
      writeFile(`logs/${taskId}.log`, `${now().seconds} ${kind}\n`, 'a'),
    ),
  },
  {
    name: 'files-choosier',
    clause: 'R5',
    freedom:
      'The server ignores a result whose filename has other characters than ASCII letters, digits, dots, dashes, spaces and underscores.',
    touches: ['results/filename-*', 'results/extension-*', 'results/store-file*'],
    does: ({ results }) => ({
      results: async (message) =>
        /^[\w .-]*$/.test(message.filename ?? '') ? await results(message) : undefined,
    }),
  },
  {
    name: 'times-not-kept',
    clause: 'R7',
    freedom: 'The server does not store the times of a result.',
    touches: ['results/store-t*', 'results/store-f*'],
    does: ({ results }) => ({
      results: async ({ timeIdleMs: _idle, timeStagedMs: _staged, timeCpuMs: _cpu, ...message }) =>
        await results(message),
    }),
  },
  {
    name: 'base64-by-the-letter',
    clause: 'M10',
    freedom: 'The server refuses base64 with line breaks or stray bits, and arrays of bytes.',
    touches: ['results/store-*base64-*'],
    does: refusesText((text) => /"file_data":(\[|"[^"]*\\r|"YR==)/.test(text)),
  },
  {
    name: 'stores-late',
    clause: 'S9',
    freedom: 'The server stores a task 300 ms after it has accepted it.',
    touches: ['store/*', 'timeouts/accept*'],
    does: ({ submit }) => ({
      submit: async (request) => {
        void delay(300)
          .then(() => submit(request))
          .catch(() => {});
        return acceptance(request.taskId);
      },
    }),
    // A file that is late is no promise kept (S9), which is a warning.
    warns: ['store/*'],
  },
  {
    name: 'own-address',
    clause: 'S9',
    freedom: 'The server stores its own address as `to` of a received task.',
    touches: ['store/*', 'timeouts/accept*'],
    does: ({ submit }) => ({
      submit: async (request) => await submit({ ...request, toAddr: '0:0000.0000.00FF' }),
    }),
  },
  {
    name: 'results-by-stored-name',
    clause: 'R6',
    freedom: 'The server stores the name of the result file, `<task_id>_<filename>`, as `results`.',
    touches: ['results/store-*', 'results/filename-*', 'results/extension-*-kept'],
    does: changesSubmittedTask((task) =>
      task.resultType === 'file' && !task.results?.startsWith(task.taskId)
        ? { ...task, results: `${task.taskId}_${task.results}` }
        : task,
    ),
  },
  {
    name: 'result-type-none',
    clause: 'M13',
    freedom: 'The server writes the result_type `none` to a task without a result.',
    touches: ['store/submitted-*', 'status/store-*', 'results/store-*'],
    does: (...all) => ({
      ...changesReceivedTask(resultTypeNone)(...all),
      ...changesSubmittedTask(resultTypeNone)(...all),
    }),
    // It SHOULD be text, file or empty, which is a warning.
    warns: ['store/submitted-task-result-type'],
  },
  {
    name: 'files-without-data-refused',
    clause: 'R6',
    freedom: 'The server ignores a result of type `file` without data.',
    touches: ['results/*-data', 'results/store-f*', 'results/store-t*'],
    does: ({ results }) => ({
      results: async (message) =>
        message.resultType === 'file' && message.fileData === undefined ? undefined : await results(message),
    }),
  },
  {
    name: 'tasks-read-at-start',
    clause: 'U2',
    freedom:
      'The server reads its store when it starts, and does not know files that others write to it later.',
    touches: ['status/store-*', 'results/store-*', 'store/*', 'timeouts/*'],
    does: ({ update, results }, { store }) => {
      const read = async (): Promise<Set<string>> => {
        const ids = new Set<string>();
        for await (const entry of store.submitted.list())
          if (entry.kind === 'task') ids.add(entry.task.taskId);
        return ids;
      };
      const reading = read();
      const knows = async ({ taskId }: { readonly taskId: string }): Promise<boolean> =>
        (await reading).has(taskId);
      return {
        update: async (message) => ((await knows(message)) ? await update(message) : undefined),
        results: async (message) => ((await knows(message)) ? await results(message) : undefined),
      };
    },
  },
];
