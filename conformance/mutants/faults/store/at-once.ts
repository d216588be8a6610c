/** Servers that mix up messages of one task that arrive at the same time (U2, R6). */

import { setTimeout as delay } from 'node:timers/promises';
import { marshalTaskFile } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { updatesTasks } from '../../server/store-effects.ts';

export const atOnce: readonly Mutant[] = [
  {
    name: 'tasks-unlocked',
    clause: 'R6',
    fault:
      'The server reads a task, waits, longer for an update, and writes it with the change of one message.',
    fails: ['results/at-once-result-kept'],
    breaks: updatesTasks(({ store: { submitted } }) => async (taskId, change) => {
      const was = await submitted.read(taskId);
      const changed = await change(was);
      if (changed === was) return was;
      await delay(changed.results === undefined ? 100 : 20);
      return await submitted.update(taskId, () => changed);
    }),
  },
  {
    name: 'tasks-written-in-place',
    clause: 'U2',
    fault: 'The server empties a task file and then writes it in two parts, without a lock.',
    fails: ['results/at-once-task-file'],
    breaks: updatesTasks(({ store, writeFile }) => async (taskId, change) => {
      const was = await store.submitted.read(taskId);
      const changed = await change(was);
      if (changed === was) return was;
      const text = Buffer.from(marshalTaskFile(changed)).toString();
      const path = `submitted/${taskId}.json`;
      await writeFile(path, '');
      await writeFile(path, text.slice(0, text.length / 2), 'a');
      await delay(20);
      await writeFile(path, text.slice(text.length / 2), 'a');
      return changed;
    }),
  },
];
