/** Servers that apply the timeouts of tasks and connections wrongly (L1, L3, T6). */

import { cancel, millisecondsBetween, parseTime } from '../../../../reference/index.ts';
import type { Environment } from '../../server/environment.ts';
import type { Mutant } from '../../server/mutant.ts';
import { rejection } from '../../server/pipeline.ts';

/** Seconds since a time of a task file, by the server's clock. */
function elapsed(since: string, nowFor: Environment['nowFor']): number {
  return millisecondsBetween(parseTime(since), nowFor(since)) / 1000;
}

export const timeouts: readonly Mutant[] = [
  {
    name: 'never-swept',
    clause: 'L1',
    fault: 'The server never applies the timeouts of tasks.',
    fails: ['timeouts/stall'],
    breaks: () => ({ sweep: async () => {} }),
  },
  {
    name: 'cancelled-as-expired',
    clause: 'L1',
    fault: 'The server sets a task that was not accepted in time to EXPIRED.',
    fails: ['timeouts/accept', 'timeouts/accept-times'],
    breaks: (_, { store, nowFor }) => ({
      sweep: async () => {
        await store.received.sweep(
          'NEW',
          (task) => elapsed(task.createdAt, nowFor) > 60,
          (task) => ({ ...task, status: 'EXPIRED' }),
        );
      },
    }),
  },
  {
    name: 'cancelled-without-times',
    clause: 'L3',
    fault: 'The server does not record the times of a task that it cancels.',
    fails: ['timeouts/accept-times'],
    breaks: (_, { store, nowFor }) => ({
      sweep: async () => {
        await store.received.sweep(
          'NEW',
          (task) => elapsed(task.createdAt, nowFor) > 60,
          (task) => ({ ...task, status: 'CANCELLED' }),
        );
      },
    }),
  },
  {
    name: 'cancelled-early',
    clause: 'L1',
    fault: 'The server cancels a task that is not accepted after 30 seconds.',
    fails: ['timeouts/accept-not-early'],
    breaks: (_, { store, nowFor }) => ({
      sweep: async () => {
        await store.received.sweep(
          'NEW',
          (task) => elapsed(task.createdAt, nowFor) > 30,
          (task) => cancel(task, 'too late', nowFor(task.createdAt)),
        );
      },
    }),
  },
  {
    name: 'expired-early',
    clause: 'L1',
    fault: 'The server expires an accepted task after 30 seconds without an update.',
    fails: ['timeouts/stall-not-early'],
    breaks: (_, { store, nowFor }) => ({
      sweep: async () => {
        await store.submitted.sweep(
          'ACCEPTED',
          (task) => elapsed(task.acceptedAt ?? task.createdAt, nowFor) > 30,
          (task) => ({ ...task, status: 'EXPIRED' }),
        );
      },
    }),
  },
  {
    name: 'own-task-cancelled',
    clause: 'L1',
    fault: 'The server cancels, with a received task, also the submitted task with the same id.',
    fails: ['timeouts/own-id-submitted'],
    breaks: ({ submit }, { store, timeScale }) => ({
      submit: async (request) => {
        const cancelOwn = (): void => {
          store.submitted
            .update(request.taskId, (task) => ({ ...task, status: 'CANCELLED' }))
            .catch(() => {});
        };
        setTimeout(cancelOwn, 61_000 / timeScale).unref();
        return await submit(request);
      },
    }),
  },
  {
    name: 'head-cancelled',
    clause: 'L1',
    fault: 'The server sets the head of its queue to CANCELLED after an hour.',
    fails: ['timeouts/queue-head'],
    breaks: (_, { store, nowFor }) => ({
      sweep: async () => {
        await store.received.sweep(
          'ACCEPTED',
          (task) => elapsed(task.stagedAt ?? task.createdAt, nowFor) > 3600,
          (task) => ({ ...task, status: 'CANCELLED' }),
        );
      },
    }),
  },
  {
    name: 'finished-expired',
    clause: 'L1',
    fault: 'The server expires a finished task that became the head of the queue over an hour ago.',
    fails: ['timeouts/queue-finished'],
    breaks: ({ sweep }, { store, nowFor }) => ({
      sweep: async () => {
        await sweep();
        await store.received.sweep(
          'SUCCEEDED',
          (task) => elapsed(task.stagedAt ?? task.createdAt, nowFor) > 3600,
          (task) => ({ ...task, status: 'EXPIRED' }),
        );
      },
    }),
  },
  {
    name: 'idle-answered',
    clause: 'T6',
    fault: 'The server sends 400 to a peer that has been idle for a minute.',
    fails: ['timeouts/idle-in-header', 'timeouts/idle-in-payload'],
    breaks: ({ send, encode }) => ({
      onIdle: (socket) => void send(socket, encode(rejection('', 'too slow'))).then(() => socket.end()),
    }),
  },
];
