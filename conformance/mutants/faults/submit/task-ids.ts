/** Servers that demand a certain form of task id, or do not answer a SUBMIT (S1, S6, S10). */

import type { SubmitRequest } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Replacement, rejection } from '../../server/pipeline.ts';
import { decidesSubmit, hasDocumentedForm, writesPayload } from '../../server/replacements.ts';

/** Closes the connection without an answer because of the task id. */
function closesOnId(isRefused: (taskId: string) => boolean): Replacement {
  return ({ submit }) => ({
    submit: async (request: SubmitRequest) => (isRefused(request.taskId) ? undefined : await submit(request)),
  });
}

export const taskIds: readonly Mutant[] = [
  {
    name: 'id-version-wanted',
    clause: 'S10',
    fault: 'The server rejects a task id with a version digit that no UUID has.',
    fails: ['submit/id-version-*'],
    breaks: decidesSubmit(({ taskId }) =>
      /^.{14}[0f]/.test(taskId) ? rejection(taskId) : acceptance(taskId),
    ),
  },
  {
    name: 'id-variant-wanted',
    clause: 'S10',
    fault: 'The server rejects a task id with a variant digit that no UUID has.',
    fails: ['submit/id-variant-*', 'submit/id-version-and-variant-ones'],
    breaks: decidesSubmit(({ taskId }) =>
      /^.{19}[0f]/.test(taskId) ? rejection(taskId) : acceptance(taskId),
    ),
  },
  {
    name: 'empty-id-as-null',
    clause: 'S3',
    fault:
      'The server writes null as the task_id of its answer if that of the SUBMIT is missing, null or empty.',
    fails: ['json/missing-task-id', 'json/null-task-id', 'frame/length-two', 'submit/id-empty'],
    breaks: writesPayload(({ taskId, ...others }) => JSON.stringify({ task_id: taskId || null, ...others })),
  },
  {
    name: 'id-of-any-other-form-shunned',
    clause: 'S1',
    fault:
      'The server closes the connection without an answer if the task id does not have the documented form.',
    fails: [
      'submit/id-empty',
      'submit/id-one-letter',
      'submit/id-64-bytes',
      'submit/id-300-bytes',
      'submit/id-64-kib',
      'submit/id-upper-case',
      'submit/id-*-byte',
      'submit/id-combining',
      'submit/id-escaped',
      'submit/id-quote-and-backslash',
      'submit/id-html',
      'submit/id-line-break',
      'submit/id-control-characters',
      'submit/id-nul',
      'submit/id-spaces',
      'submit/id-slash',
      'submit/id-backslash',
      'submit/id-dots',
      'submit/id-number',
    ],
    breaks: closesOnId((taskId) => !hasDocumentedForm(taskId)),
  },
  {
    name: 'id-path-shunned',
    clause: 'S1',
    fault: 'The server closes the connection without an answer if the task id could be a path.',
    fails: ['submit/id-slash', 'submit/id-backslash', 'submit/id-dots', 'submit/id-quote-and-backslash'],
    breaks: closesOnId((taskId) => /[/\\]|^\.\.$/.test(taskId)),
  },
  {
    name: 'id-over-255-shunned',
    clause: 'S1',
    fault:
      'The server closes the connection without an answer if the task id is too long for a file name, or empty.',
    fails: [
      'submit/id-300-bytes',
      'submit/id-64-kib',
      'submit/id-empty',
      'json/null-task-id',
      'frame/length-two',
    ],
    breaks: closesOnId((taskId) => taskId === '' || Buffer.byteLength(taskId) > 255),
  },
  {
    name: 'empty-fields-shunned',
    clause: 'S1',
    fault: 'The server closes the connection without an answer if the description is empty.',
    fails: [
      'submit/empty-fields',
      'json/missing-task-description',
      'json/null-task-description',
      'frame/length-two',
    ],
    breaks: ({ submit }) => ({
      submit: async (request) => (request.taskDescription === '' ? undefined : await submit(request)),
    }),
  },
  {
    name: 'malformed-left-hanging',
    clause: 'S6',
    fault: 'The server ignores a malformed SUBMIT and leaves the connection open.',
    fails: ['submit/malformed-not-left-hanging'],
    breaks: () => ({
      refuse: (socket, error) => {
        if (!/^malformed/.test(error.code)) socket.destroy();
      },
    }),
  },
];
