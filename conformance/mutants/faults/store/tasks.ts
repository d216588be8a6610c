/** Servers that store the task of a SUBMIT wrongly, or too early (S9, F4, M1, M4–M6). */

import { setTimeout as delay } from 'node:timers/promises';
import { marshalTaskFile, parseTime, type TaskFile } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Replacement } from '../../server/pipeline.ts';
import { textOf } from '../../server/replacements.ts';
import { changesReceivedTask, resultTypeNone } from '../../server/store-effects.ts';

/** Replaces the file of a received task, and its permissions, after the correct server has stored it and before the answer. */
function replacesTaskFile(
  contentOf: (task: TaskFile) => Uint8Array | string,
  folder: 'received' | 'submitted' = 'received',
): Replacement {
  return ({ submit }, { store, writeFile, removeFile }) => ({
    submit: async (request) => {
      const answer = await submit(request);
      if (answer?.status === 200) {
        const task = await store.received.read(request.taskId);
        await removeFile(`received/${task.taskId}.json`);
        await writeFile(`${folder}/${task.taskId}.json`, contentOf(task));
      }
      return answer;
    },
  });
}

const STORED = [
  'store/submitted-task-kept',
  'store/submitted-task-status',
  'store/submitted-task-new',
  'store/description-*',
];

/** Stores a task as soon as its id has arrived, even if the message is malformed. */
const storesUnchecked: Replacement = ({ parse }, { writeFile }) => ({
  parse: (frame) => {
    const [, id] = /"task_id":"([-\w]+)"/.exec(textOf(frame)) ?? [];
    // The write fails for an id that is no file name.
    if (id !== undefined) writeFile(`received/${id}.draft`, textOf(frame)).catch(() => {});
    return parse(frame);
  },
});

export const receivedTasks: readonly Mutant[] = [
  {
    name: 'tasks-not-kept',
    clause: 'S9',
    fault: 'The server accepts a task but does not store it.',
    fails: ['store/submitted-task-kept'],
    breaks: () => ({ submit: async ({ taskId }) => acceptance(taskId) }),
  },
  {
    name: 'tasks-kept-elsewhere',
    clause: 'S9',
    fault: 'The server stores a received task in the folder of submitted tasks.',
    fails: ['store/submitted-task-kept'],
    breaks: replacesTaskFile(marshalTaskFile, 'submitted'),
  },
  {
    name: 'tasks-half-written',
    clause: 'S9',
    fault: 'The server writes only the first part of a task file.',
    fails: STORED,
    breaks: replacesTaskFile((task) => marshalTaskFile(task).subarray(0, 80)),
  },
  {
    name: 'tasks-born-accepted',
    clause: 'S9',
    fault: 'The server stores a received task with the status ACCEPTED.',
    fails: ['store/submitted-task-new'],
    breaks: changesReceivedTask((task) => ({ ...task, status: 'ACCEPTED' })),
  },
  {
    name: 'tasks-born-over',
    clause: 'S9',
    fault: 'The server stores a received task with the status CANCELLED.',
    fails: ['store/submitted-task-status', 'store/submitted-task-new'],
    breaks: changesReceivedTask((task) => ({ ...task, status: 'CANCELLED' })),
  },
  {
    name: 'tasks-for-everybody',
    clause: 'S9',
    fault: 'The server makes the task file readable for all users.',
    fails: ['store/submitted-task-private'],
    breaks: replacesTaskFile(marshalTaskFile),
  },
  {
    name: 'tasks-from-any-field',
    clause: 'M1',
    fault: 'The server copies the unknown fields status and results of a SUBMIT into the task.',
    fails: ['store/unknown-field-ignored'],
    breaks: (correct, { store }) => {
      let extra: Partial<TaskFile> = {};
      return {
        parse: (frame) => {
          const [, status] = /"status":"(\w+)"/.exec(textOf(frame)) ?? [];
          const [, results] = /"results":"(\w+)"/.exec(textOf(frame)) ?? [];
          extra = { ...(status && { status }), ...(results && { results }) };
          return correct.parse(frame);
        },
        submit: async (request) => {
          const fields = extra;
          const answer = await correct.submit(request);
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
    fault: 'The server swaps the submitter and the receiver of a task.',
    fails: ['store/submitted-task-kept'],
    breaks: changesReceivedTask((task) => ({ ...task, from: task.to, to: task.from })),
  },
  {
    name: 'tasks-without-creation',
    clause: 'S9',
    fault: 'The server leaves created_at of a task empty.',
    fails: ['store/submitted-task-kept'],
    breaks: changesReceivedTask((task) => ({ ...task, createdAt: '' })),
  },
  {
    name: 'tasks-with-seconds',
    clause: 'M13',
    fault: 'The server writes created_at as a number of seconds.',
    fails: ['store/submitted-task-valid'],
    breaks: replacesTaskFile((task) =>
      JSON.stringify({
        ...JSON.parse(Buffer.from(marshalTaskFile(task)).toString()),
        created_at: parseTime(task.createdAt).seconds,
      }),
    ),
  },
  {
    name: 'tasks-with-result-type-none',
    clause: 'M13',
    fault: 'The server writes the result_type `none` to a task without a result.',
    fails: ['store/submitted-task-result-type'],
    breaks: changesReceivedTask(resultTypeNone),
  },
  {
    name: 'tasks-promised',
    clause: 'S9',
    fault: 'The server answers 200 to a SUBMIT whose task it cannot store.',
    fails: ['store/id-*-kept'],
    breaks: ({ submit }) => ({
      submit: async (request) => {
        await submit(request);
        return acceptance(request.taskId);
      },
    }),
  },
  {
    name: 'descriptions-escaped',
    clause: 'S9',
    fault: 'The server stores the escaped form of a description.',
    fails: ['store/description-decoded'],
    breaks: changesReceivedTask((task) => ({
      ...task,
      taskDescription: JSON.stringify(task.taskDescription).slice(1, -1),
    })),
  },
  {
    name: 'descriptions-cut',
    clause: 'S9',
    fault: 'The server truncates a description to 8000 characters.',
    fails: ['store/description-at-cap'],
    breaks: changesReceivedTask((task) => ({
      ...task,
      taskDescription: task.taskDescription.slice(0, 8000),
    })),
  },
  {
    name: 'descriptions-in-one-buffer',
    clause: 'S9',
    fault: 'The server keeps the description of each task in one buffer until the task is stored.',
    fails: ['store/submitted-at-once'],
    breaks: ({ submit }) => {
      let buffer = '';
      return {
        submit: async (request) => {
          buffer = request.taskDescription;
          await delay(5);
          return await submit({ ...request, taskDescription: buffer });
        },
      };
    },
  },
  {
    name: 'tasks-kept-unchecked',
    clause: 'M5',
    fault: 'The server stores a task before it has checked the message.',
    fails: [
      'store/nothing-of-trailing',
      'store/nothing-of-array',
      'store/nothing-of-wrong-type',
      'store/nothing-of-type-five',
    ],
    breaks: storesUnchecked,
  },
];
