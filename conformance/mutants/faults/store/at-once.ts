/** Servers that mix up messages of one task that arrive at the same time (U2, R6). */

import { setTimeout as delay } from 'node:timers/promises';
import { applyStatusUpdate, marshalTaskFile, type TaskFile } from '../../../../reference/index.ts';
import type { Environment } from '../../server/environment.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';

type Change = (task: TaskFile) => TaskFile;

/** Applies each message to the task that `replace` reads and writes without a lock. */
function changesTasks(
  replace: (environment: Environment, taskId: string, change: Change) => Promise<void>,
): Replacement {
  return (_, environment) => ({
    update: async (update) => {
      const change: Change = (task) => applyStatusUpdate(task, update, environment.now());
      await replace(environment, update.taskId, change);
      return undefined;
    },
    results: async ({ taskId, resultText = '' }) => {
      await environment.writeFile(`results/${taskId}_result.txt`, resultText);
      await replace(environment, taskId, (task) => ({
        ...task,
        status: 'SUCCEEDED',
        resultType: 'text',
        results: resultText,
      }));
      return undefined;
    },
  });
}

export const atOnce: readonly Mutant[] = [
  {
    name: 'tasks-unlocked',
    clause: 'R6',
    fault:
      'The server reads a task, waits, longer for an update, and writes it with the change of one message.',
    fails: ['results/at-once-result-kept'],
    breaks: changesTasks(async ({ store }, taskId, change) => {
      const changed = change(await store.submitted.read(taskId));
      await delay(changed.results === undefined ? 100 : 20);
      await store.submitted.update(taskId, () => changed);
    }),
  },
  {
    name: 'tasks-written-in-place',
    clause: 'U2',
    fault: 'The server empties a task file and then writes it in two parts, without a lock.',
    fails: ['results/at-once-task-file'],
    breaks: changesTasks(async ({ store, writeFile }, taskId, change) => {
      const text = Buffer.from(marshalTaskFile(change(await store.submitted.read(taskId)))).toString();
      const path = `submitted/${taskId}.json`;
      await writeFile(path, '');
      await writeFile(path, text.slice(0, text.length / 2), 'a');
      await delay(20);
      await writeFile(path, text.slice(text.length / 2), 'a');
    }),
  },
];
