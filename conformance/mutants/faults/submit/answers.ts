/** Servers whose answers to a SUBMIT are wrong in one part, or late (S1–S4, S8, F1). */

import { setTimeout as delay } from 'node:timers/promises';
import { generateTaskId } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { changesAnswer, delaysAnswers, writesPayload } from '../../server/replacements.ts';

const json = (status: unknown) => (answer: { taskId: string; message: string }) =>
  JSON.stringify({ task_id: answer.taskId, status, message: answer.message });

export const answering: readonly Mutant[] = [
  {
    name: 'unanswered',
    clause: 'S1',
    fault: 'A SUBMIT is processed, and its connection closed without an answer.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: () => ({ submit: async () => undefined }),
  },
  {
    name: 'answered-twice',
    clause: 'S1',
    fault: 'A SUBMIT is answered once when it has come and once when it is stored.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({ encode: (response) => Buffer.concat([encode(response), encode(response)]) }),
  },
  {
    name: 'answer-of-type-2',
    clause: 'S1',
    fault: 'The answer is a frame of type 2.',
    fails: ['submit/answer-type'],
    breaks: writesPayload(({ taskId, message }) => json(200)({ taskId, message }), { type: 2 }),
  },
  {
    name: 'answer-of-type-3',
    clause: 'S1',
    fault: 'The answer is a frame of type 3.',
    fails: ['submit/answered-once'],
    breaks: writesPayload(({ taskId, message }) => json(200)({ taskId, message }), { type: 3 }),
  },
  {
    name: 'answer-with-line-end',
    clause: 'S1',
    fault: 'A line end stands behind the frame of the answer.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({ encode: (response) => Buffer.concat([encode(response), Buffer.from('\n')]) }),
  },
  {
    name: 'answer-length-with-header',
    clause: 'F1',
    fault: 'The length of the answer counts its header, too.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: writesPayload(({ taskId, message }) => json(200)({ taskId, message }), { extraLength: 8 }),
  },
  {
    name: 'answer-little-endian',
    clause: 'F1',
    fault: 'The numbers of the answer are little-endian.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({
      encode: (response) => {
        const bytes = Buffer.from(encode(response));
        bytes.subarray(0, 8).swap32();
        return bytes;
      },
    }),
  },
  {
    name: 'answer-without-header',
    clause: 'F1',
    fault: 'The answer is JSON without a header.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({ encode: (response) => encode(response).subarray(8) }),
  },
  {
    name: 'answer-in-latin-1',
    clause: 'S1',
    fault: 'The answer is written in Latin-1.',
    fails: ['submit/answered-once'],
    breaks: writesPayload((response) =>
      Buffer.from(json(200)({ ...response, message: 'angenommen für später' }), 'latin1'),
    ),
  },
  {
    name: 'answer-no-json',
    clause: 'S1',
    fault: 'The answer has a comma too many.',
    fails: ['submit/answered-once'],
    breaks: writesPayload((response) => json(200)(response).replace('}', ',}')),
  },
  {
    name: 'answer-in-an-array',
    clause: 'S1',
    fault: 'The answer is an array with the response in it.',
    fails: ['submit/answered-once'],
    breaks: writesPayload((response) => `[${json(200)(response)}]`),
  },
  {
    name: 'status-201',
    clause: 'S2',
    fault: 'A task that was accepted is told with 201.',
    fails: ['submit/status', 'json/escapes', 'submit/empty-fields'],
    breaks: changesAnswer((answer) => ({ ...answer, status: 201 })),
  },
  {
    name: 'status-in-words',
    clause: 'S2',
    fault: 'The status is a string.',
    fails: ['submit/status'],
    breaks: writesPayload(json('200')),
  },
  {
    name: 'status-fraction',
    clause: 'S2',
    fault: 'The status is written 200.0.',
    fails: ['submit/status'],
    breaks: writesPayload((response) => json(200)(response).replace(':200', ':200.0')),
  },
  {
    name: 'status-missing',
    clause: 'S2',
    fault: 'The answer has no status.',
    fails: ['submit/status'],
    breaks: writesPayload(json(undefined)),
  },
  {
    name: 'id-own',
    clause: 'S3',
    fault: 'The answer has an id that the receiver made up.',
    fails: [
      'submit/task-id-echoed',
      'submit/same-id-twice',
      'json/null-task-description',
      'transport/8-at-once',
    ],
    breaks: changesAnswer((answer) => ({ ...answer, taskId: generateTaskId() })),
  },
  {
    name: 'id-missing',
    clause: 'S3',
    fault: 'The answer has no id.',
    fails: ['submit/task-id-echoed'],
    breaks: writesPayload(({ status, message }) => JSON.stringify({ status: Number(status), message })),
  },
  {
    name: 'id-in-upper-case',
    clause: 'S3',
    fault: 'The id comes back in upper case.',
    fails: ['submit/task-id-echoed'],
    breaks: changesAnswer((answer) => ({ ...answer, taskId: answer.taskId.toUpperCase() })),
  },
  {
    name: 'id-in-braces',
    clause: 'S3',
    fault: 'The id comes back as an object.',
    fails: ['submit/task-id-echoed'],
    breaks: writesPayload(({ taskId, message }) =>
      JSON.stringify({ task_id: { id: taskId }, status: 200, message }),
    ),
  },
  {
    name: 'message-null',
    clause: 'S4',
    fault: 'The message is null.',
    fails: ['submit/message', 'submit/message-not-empty'],
    breaks: writesPayload(({ taskId }) => JSON.stringify({ task_id: taskId, status: 200, message: null })),
  },
  {
    name: 'message-missing',
    clause: 'S4',
    fault: 'The message is left out.',
    fails: ['submit/message', 'submit/message-not-empty'],
    breaks: writesPayload(({ taskId }) => JSON.stringify({ task_id: taskId, status: 200 })),
  },
  {
    name: 'message-empty',
    clause: 'S4',
    fault: 'The message is empty.',
    fails: ['submit/message-not-empty'],
    breaks: changesAnswer((answer) => ({ ...answer, message: '' })),
  },
  {
    name: 'answer-late',
    clause: 'S8',
    fault: 'Each answer takes 1.2 seconds.',
    fails: ['submit/answer-within-1s'],
    breaks: delaysAnswers(1200),
  },
  {
    name: 'answer-throttled',
    clause: 'S8',
    fault: 'Every seventh answer takes 6 seconds.',
    fails: ['submit/answer-within-deadline'],
    alone: true,
    breaks: ({ send }) => {
      let count = 0;
      return {
        send: async (socket, bytes) => {
          count += 1;
          if (count % 7 === 0) await delay(6000);
          await send(socket, bytes);
        },
      };
    },
  },
];
