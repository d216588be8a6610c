/** Servers that keep tasks wrongly, or too early, and that let time pass wrongly (S9, F4, M4–M6, L1, L3, T6). */

import {
  cancel,
  millisecondsBetween,
  parseTime,
  type SubmitRequest,
  type TaskFile,
} from '../../../../reference/index.ts';
import type { World } from '../../server/environment.ts';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Fault, rejection } from '../../server/pipeline.ts';
import { textOf } from '../../server/replacements.ts';
import { keepsTask } from '../../server/store-effects.ts';

/** Changes a received task behind the sound step, before it is answered. */
function keeps(change: (task: TaskFile, request: SubmitRequest) => TaskFile): Fault {
  return ({ submit }, { store }) => ({
    submit: async (request) => {
      const answer = await submit(request);
      if (answer?.status === 200)
        await store.received.update(request.taskId, (task) => change(task, request));
      return answer;
    },
  });
}

const KEPT = [
  'store/submitted-task-kept',
  'store/submitted-task-status',
  'store/submitted-task-new',
  'store/description-*',
];

/** Keeps a task as soon as its id is seen, whatever becomes of the message. */
const keepsUnchecked: Fault = ({ read }, { write }) => ({
  read: (frame) => {
    const [, id] = /"task_id":"([-\w]+)"/.exec(textOf(frame)) ?? [];
    // Not every id makes the name of a file.
    if (id !== undefined) write(`received/${id}.draft`, textOf(frame)).catch(() => {});
    return read(frame);
  },
});

export const keeping: readonly Mutant[] = [
  {
    name: 'tasks-not-kept',
    clause: 'S9',
    fault: 'A task is accepted and forgotten.',
    fails: ['store/submitted-task-kept'],
    breaks: () => ({ submit: async ({ taskId }) => acceptance(taskId) }),
  },
  {
    name: 'tasks-kept-elsewhere',
    clause: 'S9',
    fault: 'A received task is kept among the submitted ones.',
    fails: ['store/submitted-task-kept'],
    breaks: keepsTask((taskId) => `submitted/${taskId}.json`),
  },
  {
    name: 'tasks-half-written',
    clause: 'S9',
    fault: 'The file of a task ends in the middle.',
    fails: KEPT,
    breaks: (_, { write }) => ({
      submit: async ({ taskId }) => {
        await write(`received/${taskId}.json`, `{"task_id":"${taskId}","status":"NEW"`);
        return acceptance(taskId);
      },
    }),
  },
  {
    name: 'tasks-born-accepted',
    clause: 'S9',
    fault: 'A received task is ACCEPTED from the beginning.',
    fails: ['store/submitted-task-new'],
    breaks: keeps((task) => ({ ...task, status: 'ACCEPTED' })),
  },
  {
    name: 'tasks-born-over',
    clause: 'S9',
    fault: 'A received task is CANCELLED from the beginning.',
    fails: ['store/submitted-task-status', 'store/submitted-task-new'],
    breaks: keeps((task) => ({ ...task, status: 'CANCELLED' })),
  },
  {
    name: 'tasks-for-everybody',
    clause: 'S9',
    fault: 'Everybody may read the file of a task.',
    fails: ['store/submitted-task-private'],
    breaks: keepsTask((taskId) => `received/${taskId}.json`),
  },
  {
    name: 'tasks-from-any-field',
    clause: 'M1',
    fault: 'Whatever a SUBMIT holds becomes part of its task.',
    fails: ['store/unknown-field-ignored'],
    breaks: (sound, { store }) => {
      let extra: Partial<TaskFile> = {};
      return {
        read: (frame) => {
          const [, status] = /"status":"(\w+)"/.exec(textOf(frame)) ?? [];
          const [, results] = /"results":"(\w+)"/.exec(textOf(frame)) ?? [];
          extra = { ...(status && { status }), ...(results && { results }) };
          return sound.read(frame);
        },
        submit: async (request) => {
          const fields = extra;
          const answer = await sound.submit(request);
          if (answer?.status === 200)
            await store.received.update(request.taskId, (task) => ({ ...task, ...fields }));
          return answer;
        },
      };
    },
  },
  {
    name: 'addresses-swapped',
    clause: 'S9',
    fault: 'Submitter and receiver of a task change places.',
    fails: ['store/submitted-task-kept'],
    breaks: keeps((task) => ({ ...task, from: task.to, to: task.from })),
  },
  {
    name: 'tasks-without-creation',
    clause: 'S9',
    fault: 'A task has no created_at.',
    fails: ['store/submitted-task-kept'],
    breaks: keeps((task) => ({ ...task, createdAt: '' })),
  },
  {
    name: 'descriptions-escaped',
    clause: 'S9',
    fault: 'A description is kept as it was written, escapes and all.',
    fails: ['store/description-decoded'],
    breaks: keeps((task) => ({
      ...task,
      taskDescription: JSON.stringify(task.taskDescription).slice(1, -1),
    })),
  },
  {
    name: 'descriptions-cut',
    clause: 'S9',
    fault: 'A description is cut at 16000 bytes.',
    fails: ['store/description-at-cap'],
    breaks: keeps((task) => ({ ...task, taskDescription: task.taskDescription.slice(0, 8000) })),
  },
  {
    name: 'tasks-kept-unchecked',
    clause: 'M5',
    fault: 'A task is kept when its id has been seen, and its message checked afterwards.',
    fails: [
      'store/nothing-of-trailing',
      'store/nothing-of-array',
      'store/nothing-of-wrong-type',
      'store/nothing-of-type-five',
    ],
    breaks: keepsUnchecked,
  },
];

/** Seconds since then, in the server's time. */
function elapsed(since: string, nowFor: World['nowFor']): number {
  return millisecondsBetween(parseTime(since), nowFor(since)) / 1000;
}

export const times: readonly Mutant[] = [
  {
    name: 'never-swept',
    clause: 'L1',
    fault: 'Nobody looks for tasks whose time is up.',
    fails: ['timeouts/accept', 'timeouts/accept-times', 'timeouts/stall'],
    breaks: () => ({ sweep: async () => {} }),
  },
  {
    name: 'cancelled-without-times',
    clause: 'L3',
    fault: 'A task that is cancelled gets no times.',
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
    fault: 'A task that nobody accepts is cancelled after 30 seconds.',
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
    fault: 'A task of which nothing is heard is expired after 30 seconds.',
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
    name: 'idle-answered',
    clause: 'T6',
    fault: 'A peer that has been idle for a minute is told so.',
    fails: ['timeouts/idle-in-header', 'timeouts/idle-in-payload'],
    breaks: ({ send, write }) => ({
      idle: (socket) => void send(socket, write(rejection('', 'too slow'))).then(() => socket.end()),
    }),
  },
];
