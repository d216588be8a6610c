/** Servers that replace what the store holds already: a task, a result, or the file of another task (L1, R5, R6). */

import { isSafeTaskId } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance } from '../../server/pipeline.ts';
import { isSubmitted, storesResult } from '../../server/store-effects.ts';

/** A new task file. */
function newTask(taskId: string, taskDescription: string): string {
  return JSON.stringify({
    task_id: taskId,
    task_description: taskDescription,
    created_at: new Date().toISOString(),
    status: 'NEW',
  });
}

export const repeated: readonly Mutant[] = [
  {
    name: 'results-last-wins',
    clause: 'R5',
    fault: 'The server stores each result, whatever the store holds of its task and under its name.',
    fails: [
      'results/filename-joined-*',
      'results/store-second-result',
      'results/store-final-declined',
      'results/store-final-cancelled',
    ],
    breaks: storesResult((stored) => stored, ['state', 'file']),
  },
  {
    name: 'results-reopen-expired',
    clause: 'L1',
    fault: 'The server sets a task that is EXPIRED back to COMPLETED when its result arrives.',
    fails: ['results/store-final-expired'],
    breaks: ({ results }, { store }) => ({
      results: async (message) => {
        const { status } = await store.submitted.read(message.taskId);
        if (status !== 'EXPIRED') return await results(message);
        await store.submitted.update(message.taskId, (task) => ({ ...task, status: 'COMPLETED' }));
        return undefined;
      },
    }),
  },
  {
    name: 'submits-last-wins',
    clause: 'L1',
    fault: 'The server writes each task without a check whether its file exists.',
    fails: ['store/second-submit-no-reset'],
    breaks: (_, { writeFile }) => ({
      submit: async ({ taskId, taskDescription }) => {
        if (isSafeTaskId(taskId))
          await writeFile(`received/${taskId}.json`, newTask(taskId, taskDescription));
        return acceptance(taskId);
      },
    }),
  },
  {
    name: 'tasks-in-one-table',
    clause: 'L1',
    fault: 'The server resets a submitted task when a SUBMIT has the same id.',
    fails: ['store/id-of-submitted-task'],
    breaks: ({ submit }, { store, writeFile }) => ({
      submit: async (request) => {
        const { taskId, taskDescription } = request;
        if (await isSubmitted(taskId, store))
          await writeFile(`submitted/${taskId}.json`, newTask(taskId, taskDescription));
        return await submit(request);
      },
    }),
  },
];
