/** Freedoms of the timeouts: when a server looks for overdue tasks (L4). */

import { expire, isAcceptedStalled } from '../../../reference/index.ts';
import type { ConformingVariant } from '../server/mutant.ts';

/** The server sweeps every 10 seconds, this one only every 2 minutes. */
const SWEEPS_SKIPPED = 12;

export const sweeping: readonly ConformingVariant[] = [
  {
    name: 'sweeps-every-two-minutes',
    clause: 'L4',
    freedom: 'The server looks for overdue tasks every two minutes.',
    touches: ['timeouts/*'],
    does: ({ sweep }) => {
      let calls = 0;
      return {
        sweep: async () => {
          calls += 1;
          if (calls % SWEEPS_SKIPPED === 0) await sweep();
        },
      };
    },
  },
  {
    name: 'expires-on-use',
    clause: 'L4',
    freedom: 'The server applies the timeouts of a task only when a message uses the task.',
    touches: ['timeouts/*'],
    does: ({ update }, { store, nowFor }) => ({
      sweep: async () => {},
      update: async (message) => {
        await store.submitted.changeIfDue(
          message.taskId,
          (task) => isAcceptedStalled(task, nowFor(task.acceptedAt ?? task.createdAt)),
          (task) => expire(task, 'No results arrived'),
        );
        return await update(message);
      },
    }),
  },
];
