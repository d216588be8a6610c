/** Updates whose task_id is that of no submitted task: a path, another spelling of an id, or that of a received task (R5, L1). */

import { type Bytes, concat, repeat, taskId, text } from '../../scenario/bytes.ts';
import { quoted, statusUpdate, string } from '../../scenario/messages.ts';
import { FILE_CHANGED } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { STORED } from './kept.ts';

const TASK = taskId();
/** A target that changes a task wrongly can do so after it has closed the connection. */
const STAYS = { afterMs: 200 };

/** Task ids that lead to another file, or to a name that no file can have. */
const PATHS: readonly (readonly [name: string, what: string, token: Bytes, destination?: Bytes])[] = [
  ['received', 'a path to a received task', concat(text('../received/'), taskId(2))],
  ['same-folder', 'a path to the submitted task that begins with a dot', concat(text('./'), TASK)],
  ['backslash', 'a path with backslashes', concat(text('..\\\\received\\\\'), taskId(2))],
  [
    'nul-behind',
    'a path to a received task, followed by a NUL',
    concat(text('../received/'), taskId(2), text('.json\\u0000')),
  ],
  ['above', 'a path out of the store', concat(text('../../'), TASK)],
  ['absolute', 'an absolute path', concat(text('/tmp/'), TASK), concat(text('/tmp/'), TASK, text('.json'))],
  ['nul', 'an id that contains a NUL', concat(TASK, text('\\u0000x'))],
  ['long', 'longer than any file name', concat(taskId(3), repeat('a', 5000))],
];

const paths: readonly Scenario[] = PATHS.map(
  ([name, what, token, destination]): Scenario => ({
    id: `status/store-id-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A receiver changes no other task and no other file after a STATUS_UPDATE whose task_id is ${what}.`,
    steps: [send(statusUpdate({ task_id: quoted(token) }))],
    accept: NOT_ANSWERED,
    control: STORED,
    preloaded: [
      { side: 'submitted', taskId: TASK, status: 'NEW' },
      // A final state, so that the receiver of the task has no reason to change it.
      { side: 'received', taskId: taskId(2), status: 'DECLINED' },
    ],
    store: [
      { kind: 'only-task', side: 'submitted', taskId: TASK },
      // Its file may change, since a receiver may note what it refuses, but the update is of another task.
      { kind: 'task', side: 'submitted', taskId: TASK, fields: { status: 'NEW' } },
      ...(destination ? [{ kind: 'absent', path: destination } as const] : []),
    ],
    storeAt: STAYS,
    likely: [
      {
        when: [...FILE_CHANGED, 'stored status'],
        cause: 'The task_id of a message is joined into a path without a check.',
      },
    ],
  }),
);

/** Received and submitted tasks are separate (L1). */
const ofReceived: Scenario = {
  id: 'status/store-ignores-received-task',
  clause: 'L1',
  level: 'MUST',
  requirement:
    'A receiver does not change a task that it has received when a STATUS_UPDATE has the same task_id.',
  preloaded: [{ side: 'received', taskId: TASK, status: 'DECLINED' }],
  steps: [send(statusUpdate({ status: string('EXECUTING') }))],
  accept: NOT_ANSWERED,
  control: STORED,
  store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: 'DECLINED' } }],
  storeAt: STAYS,
  likely: [
    {
      when: ['stored status', 'task file missing'],
      cause: 'Received and submitted tasks are kept in one table, with the task_id as the key.',
    },
  ],
};

export const statusIds: readonly Scenario[] = [...paths, ofReceived];
