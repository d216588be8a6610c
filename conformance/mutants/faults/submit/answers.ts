/** Servers whose answers to a SUBMIT are wrong or late (S1–S4, S8, F1). */

import { setTimeout as delay } from 'node:timers/promises';
import { generateTaskId, type SubmitResponse } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { changesAnswer, delaysAnswers, writesPayload } from '../../server/replacements.ts';

const json = (status: unknown) => (answer: { taskId: string; message: string }) =>
  JSON.stringify({ task_id: answer.taskId, status, message: answer.message });

const correctly = (answer: SubmitResponse) => json(answer.status)(answer);

/** Encodes answers of 400 in another way. */
function onRejection(replacement: Replacement): Replacement {
  return (correct, environment) => {
    const { encode = correct.encode } = replacement(correct, environment);
    return { encode: (response) => (response.status === 400 ? encode : correct.encode)(response) };
  };
}

export const answering: readonly Mutant[] = [
  {
    name: 'unanswered',
    clause: 'S1',
    fault: 'The server processes a SUBMIT and closes the connection without an answer.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: () => ({ submit: async () => undefined }),
  },
  {
    name: 'answered-twice',
    clause: 'S1',
    fault: 'The server answers a SUBMIT twice.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({ encode: (response) => Buffer.concat([encode(response), encode(response)]) }),
  },
  {
    name: 'answer-of-type-2',
    clause: 'S1',
    fault: 'The server answers with a frame of type 2.',
    fails: ['submit/answer-type'],
    breaks: writesPayload(correctly, { type: 2 }),
  },
  {
    name: 'answer-of-type-3',
    clause: 'S1',
    fault: 'The server answers with a frame of type 3.',
    fails: ['submit/answered-once'],
    breaks: writesPayload(correctly, { type: 3 }),
  },
  {
    name: 'result-as-second-answer',
    clause: 'S1',
    fault: 'The server sends a second frame on the connection, 0.8 s after its answer.',
    fails: ['submit/answered-once-later'],
    breaks: ({ send }) => ({
      send: async (socket, bytes) => {
        await send(socket, bytes);
        setTimeout(() => socket.end(bytes), 800);
      },
      finish: () => {},
    }),
  },
  {
    name: 'rejection-of-type-3',
    clause: 'S1',
    fault: 'The server answers 400 with a frame of type 3.',
    fails: ['submit/rejection-type'],
    breaks: onRejection(writesPayload(correctly, { type: 3 })),
  },
  {
    name: 'rejection-with-error',
    clause: 'S4',
    fault: 'The server names the message of an answer of 400 error.',
    fails: ['submit/rejection-message'],
    breaks: onRejection(
      writesPayload(({ taskId, status, message }) =>
        JSON.stringify({ task_id: taskId, status, error: message }),
      ),
    ),
  },
  {
    name: 'answer-with-line-end',
    clause: 'S1',
    fault: 'The server sends a line feed after the frame of its answer.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({ encode: (response) => Buffer.concat([encode(response), Buffer.from('\n')]) }),
  },
  {
    name: 'answer-length-with-header',
    clause: 'F1',
    fault: 'The server includes the header in the length of its answer.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: writesPayload(correctly, { extraLength: 8 }),
  },
  {
    name: 'answer-little-endian',
    clause: 'F1',
    fault: 'The server writes the header of its answer in little-endian byte order.',
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
    fault: 'The server answers with JSON without a header.',
    fails: ['submit/answered-once', 'frame/legal'],
    breaks: ({ encode }) => ({ encode: (response) => encode(response).subarray(8) }),
  },
  {
    name: 'answer-in-latin-1',
    clause: 'S1',
    fault: 'The server encodes its answer in Latin-1.',
    fails: ['submit/answered-once'],
    breaks: writesPayload((response) =>
      Buffer.from(correctly({ ...response, message: 'angenommen für später' }), 'latin1'),
    ),
  },
  {
    name: 'answer-no-json',
    clause: 'S1',
    fault: 'The server answers with malformed JSON, which has a trailing comma.',
    fails: ['submit/answered-once'],
    breaks: writesPayload((response) => correctly(response).replace('}', ',}')),
  },
  {
    name: 'answer-in-an-array',
    clause: 'S1',
    fault: 'The server answers with an array that contains the response.',
    fails: ['submit/answered-once'],
    breaks: writesPayload((response) => `[${correctly(response)}]`),
  },
  {
    name: 'status-201',
    clause: 'S2',
    fault: 'The server answers 201 instead of 200.',
    fails: ['submit/status', 'json/escapes', 'submit/empty-fields'],
    breaks: changesAnswer((answer) => ({ ...answer, status: 201 })),
  },
  {
    name: 'status-in-words',
    clause: 'S2',
    fault: 'The server writes the status of its answer as a string.',
    fails: ['submit/status'],
    breaks: writesPayload(json('200')),
  },
  {
    name: 'status-fraction',
    clause: 'S2',
    fault: 'The server writes the status of its answer as 200.0.',
    fails: ['submit/status'],
    breaks: writesPayload((response) => correctly(response).replace(/:([24]00)/, ':$1.0')),
  },
  {
    name: 'status-missing',
    clause: 'S2',
    fault: 'The server omits the status of its answer.',
    fails: ['submit/status'],
    breaks: writesPayload(json(undefined)),
  },
  {
    name: 'id-own',
    clause: 'S3',
    fault: 'The server answers with a new task id instead of the received one.',
    fails: ['submit/task-id-echoed'],
    breaks: changesAnswer((answer) => ({ ...answer, taskId: generateTaskId() })),
  },
  {
    name: 'id-missing',
    clause: 'S3',
    fault: 'The server omits the task id of its answer.',
    fails: ['submit/task-id-echoed'],
    breaks: writesPayload(({ status, message }) => JSON.stringify({ status: Number(status), message })),
  },
  {
    name: 'id-in-upper-case',
    clause: 'S3',
    fault: 'The server answers with the task id in upper case.',
    fails: ['submit/task-id-echoed'],
    breaks: changesAnswer((answer) => ({ ...answer, taskId: answer.taskId.toUpperCase() })),
  },
  {
    name: 'id-in-braces',
    clause: 'S3',
    fault: 'The server answers with an object that contains the task id.',
    fails: ['submit/task-id-echoed'],
    breaks: writesPayload(({ taskId, message }) =>
      JSON.stringify({ task_id: { id: taskId }, status: 200, message }),
    ),
  },
  {
    name: 'message-null',
    clause: 'S4',
    fault: 'The server answers with null instead of a message.',
    fails: ['submit/message', 'submit/message-not-empty'],
    breaks: writesPayload(({ taskId }) => JSON.stringify({ task_id: taskId, status: 200, message: null })),
  },
  {
    name: 'message-missing',
    clause: 'S4',
    fault: 'The server omits the message of its answer.',
    fails: ['submit/message', 'submit/message-not-empty'],
    breaks: writesPayload(({ taskId }) => JSON.stringify({ task_id: taskId, status: 200 })),
  },
  {
    name: 'message-empty',
    clause: 'S4',
    fault: 'The server answers with an empty message.',
    fails: ['submit/message-not-empty'],
    breaks: changesAnswer((answer) => ({ ...answer, message: '' })),
  },
  {
    name: 'answer-late',
    clause: 'S8',
    fault: 'The server delays each answer by 1.2 seconds.',
    fails: ['submit/answer-within-1s'],
    breaks: delaysAnswers(1200),
  },
  {
    name: 'answer-throttled',
    clause: 'S8',
    fault: 'The server delays every seventh answer by 6 seconds.',
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
