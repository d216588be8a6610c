/** Freedoms of the timeouts: when a server looks for overdue tasks (L4). */

import { expireStalled, isAcceptedStalled } from '../../../reference/index.ts';
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
          expireStalled,
        );
        return await update(message);
      },
    }),
  },
  {
    name: 'late-messages-taken',
    clause: 'L1',
    freedom:
      'The server takes updates and results of a submitted task that is EXPIRED, as if the task were ACCEPTED.',
    touches: ['status/store-*', 'results/store-*', 'timeouts/stall*'],
    does: ({ update, results }, { store }) => {
      const revive = async ({ taskId }: { readonly taskId: string }): Promise<void> => {
        await store.submitted.update(taskId, (task) =>
          task.status === 'EXPIRED' ? expireStalled({ ...task, status: 'ACCEPTED' }) : task,
        );
      };
      return {
        update: async (message) => {
          await revive(message);
          return await update(message);
        },
        results: async (message) => {
          await revive(message);
          return await results(message);
        },
      };
    },
  },
  {
    name: 'late-messages-ignored',
    clause: 'L1',
    freedom: 'The server ignores updates and results of a submitted task that is EXPIRED.',
    touches: ['status/store-*', 'results/store-*', 'timeouts/stall*'],
    does: ({ update, results }, { store }) => {
      const isExpired = async (taskId: string): Promise<boolean> =>
        (await store.submitted.read(taskId)).status === 'EXPIRED';
      return {
        update: async (message) => ((await isExpired(message.taskId)) ? undefined : await update(message)),
        results: async (message) => ((await isExpired(message.taskId)) ? undefined : await results(message)),
      };
    },
  },
];
