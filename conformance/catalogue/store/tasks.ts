/**
 * Task files of SUBMITs: what each must hold (S9), ids that are no file names (S9), and ids that are in use already (L1).
 */

import { type Bytes, concat, repeat, TASK_STATES, taskId, text } from '../../scenario/bytes.ts';
import { quoted, string, submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, accepts, answers, closes, rejects, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const TASK = taskId();
/** A target that changes a task wrongly can do so after it has answered. */
const STAYS = { afterMs: 200 };
const AFTER_NEW = TASK_STATES.filter((state) => state !== 'NEW');

const valid: Scenario = {
  id: 'store/submitted-task-valid',
  clause: 'S9',
  level: 'MUST',
  requirement:
    'A receiver stores a task whose documented fields have their types, with an RFC 3339 time as created_at and one of the eight states as status.',
  steps: [send(submit())],
  accept: [accepts()],
  control: ANSWERED,
  needs: 'keeping',
  store: [{ kind: 'valid-task', side: 'received', taskId: TASK }],
  likely: [
    {
      when: ['stored field'],
      cause: 'A time is written as a number or in a local format, or a field is written with another type.',
    },
  ],
};

const DESCRIPTION = concat(text('Kept for '), TASK);

/** Task ids that cannot be the name of a file. */
const NO_FILE_NAMES: readonly (readonly [name: string, what: string, token: Bytes])[] = [
  ['300-bytes', 'is 300 bytes long', concat(repeat('a', 264), TASK)],
  ['nul', 'contains a NUL', concat(text('a\\u0000'), TASK)],
  ['slash', 'contains a slash', concat(text('a/'), TASK)],
];

const promised: readonly Scenario[] = NO_FILE_NAMES.map(
  ([name, what, token]): Scenario => ({
    id: `store/id-${name}-kept`,
    clause: 'S9',
    level: 'SHOULD',
    requirement: `A receiver answers 200 to a SUBMIT whose task_id ${what} only if some file of its store then holds the description.`,
    steps: [send(submit({ task_id: quoted(token), task_description: quoted(DESCRIPTION) }))],
    accept: [answers({ statuses: [200] }), rejects(), closes()],
    control: ANSWERED,
    needs: 'keeping',
    store: [{ kind: 'kept', bytes: DESCRIPTION }],
    storeIfAccepted: true,
    likely: [
      { when: ['data not kept'], cause: 'The answer does not depend on whether the task could be written.' },
    ],
  }),
);

const used: readonly Scenario[] = [
  {
    id: 'store/second-submit-no-reset',
    clause: 'L1',
    level: 'MUST',
    requirement:
      'A receiver does not set a task that is EXECUTING back to NEW when a second SUBMIT has the same task_id.',
    earlier: [send(submit())],
    preloaded: [{ side: 'received', taskId: TASK, status: 'EXECUTING', replaces: true }],
    steps: [send(submit({ task_description: string('Another task with the same id') }))],
    accept: ANYTHING,
    control: ANSWERED,
    needs: 'keeping',
    // A receiver may go on with the task meanwhile.
    store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: AFTER_NEW } }],
    storeAt: STAYS,
    likely: [
      {
        when: ['stored status'],
        cause: 'A SUBMIT is written to its file without a check that the file exists.',
      },
    ],
  },
  {
    id: 'store/id-of-submitted-task',
    clause: 'L1',
    level: 'MUST',
    requirement:
      'A receiver does not change a task that it has submitted itself when a SUBMIT has the same task_id.',
    preloaded: [{ side: 'submitted', taskId: TASK, status: 'EXECUTING' }],
    steps: [send(submit())],
    accept: ANYTHING,
    control: ANSWERED,
    needs: 'keeping',
    store: [{ kind: 'task', side: 'submitted', taskId: TASK, fields: { status: 'EXECUTING' } }],
    storeAt: STAYS,
    likely: [
      {
        when: ['stored status', 'task file missing'],
        cause: 'Received and submitted tasks are kept in one table, with the task_id as the key.',
      },
    ],
  },
];

export const storeTasks: readonly Scenario[] = [valid, ...promised, ...used];
