/** Section 5 of the protocol in the store: what a STATUS_UPDATE changes there, and what it must not (U2–U4, R5). */

import {
  type Bytes,
  concat,
  frame,
  JUSTIFICATION_CAP,
  quoted,
  repeat,
  STATUS_UPDATE,
  statusUpdate,
  string,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import type { Level, Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const TASK = taskId();
const SIDE = 'submitted';
/** An update that is taken: beside it, one that changes nothing says something. */
const STORED = 'status/store-accepted';

/** The task as it was told of. */
function told(status: string, justification: string): StoreCondition {
  return {
    kind: 'task',
    side: SIDE,
    taskId: TASK,
    fields: { status, status_justification: justification },
  };
}

/** Each status with one from which the life of a task leads there (L1). */
const STEPS = [
  ['ACCEPTED', 'NEW', 'MUST'],
  ['DECLINED', 'NEW', 'MUST'],
  ['CANCELLED', 'NEW', 'MUST'],
  ['EXECUTING', 'ACCEPTED', 'MUST'],
  ['EXPIRED', 'ACCEPTED', 'MUST'],
  ['COMPLETED', 'EXECUTING', 'MUST'],
  // Results make a task SUCCEEDED (R6), and one that waits for them may take nothing else for it.
  ['SUCCEEDED', 'COMPLETED', 'MAY'],
] as const;

const effects: readonly Scenario[] = [
  ...STEPS.map(
    ([status, from, level]): Scenario => ({
      id: `status/store-${status.toLowerCase()}`,
      clause: 'U2',
      level,
      requirement: `A submitted task that is ${from} takes the status ${status} and its justification from a STATUS_UPDATE.`,
      steps: [send(statusUpdate({ status: string(status), justification: string('Because') }))],
      accept: NOT_ANSWERED,
      control: ANSWERED,
      planted: [{ side: SIDE, taskId: TASK, status: from }],
      store: [told(status, 'Because')],
      likelyCause:
        'Updates are read and dropped, or tasks are kept in memory and the store is not looked at when one comes.',
    }),
  ),
  {
    id: 'status/store-justification-at-cap',
    clause: 'U2',
    level: 'MUST',
    requirement: 'A justification of 4096 bytes is within the bound, and taken.',
    steps: [send(statusUpdate({ justification: quoted(repeat('é', JUSTIFICATION_CAP / 2)) }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [told('ACCEPTED', 'é'.repeat(JUSTIFICATION_CAP / 2))],
    likelyCause: 'The bound is exclusive, or a lower one is set.',
  },
  {
    id: 'status/store-skipped-states',
    clause: 'L1',
    // To the letter of the life cycle, the update is out of turn and may be ignored.
    level: 'MAY',
    requirement:
      'A submitted task that is NEW follows an update to EXECUTING, since the one before it may be lost.',
    steps: [send(statusUpdate({ status: string('EXECUTING'), justification: string('Because') }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [told('EXECUTING', 'Because')],
    likelyCause: 'The submitter insists on every step of the receiver.',
  },
  {
    id: 'status/store-accepted-at',
    clause: 'U3',
    level: 'SHOULD',
    requirement: 'An update to ACCEPTED sets accepted_at of the submitted task.',
    steps: [send(statusUpdate())],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [
      { kind: 'task', side: SIDE, taskId: TASK, fields: { status: 'ACCEPTED' }, present: ['accepted_at'] },
    ],
    likelyCause: 'Only the receiver keeps the time, so that the stall timeout never begins.',
  },
];

type Row = readonly [name: string, clause: string, level: Level, what: string, bytes: Bytes];

/** Updates that leave the store as it was. */
const IGNORED: readonly Row[] = [
  ['unknown-task', 'U2', 'SHOULD', 'for an unknown task', statusUpdate({ task_id: quoted(taskId(2)) })],
  ['empty-id', 'U2', 'SHOULD', 'without a task_id', statusUpdate({ task_id: string('') })],
  ['malformed', 'M5', 'MUST', 'with a letter behind its object', behind('x')],
  ['status-number', 'M4', 'MUST', 'whose status is a number', statusUpdate({ status: text('1') })],
  [
    'justification-array',
    'M4',
    'MUST',
    'whose justification is an array',
    statusUpdate({ justification: text('["a"]') }),
  ],
  [
    'justification-over-cap',
    'U4',
    'SHOULD',
    'with a justification of 4097 bytes',
    statusUpdate({ justification: quoted(repeat('a', JUSTIFICATION_CAP + 1)) }),
  ],
  [
    'justification-over-cap-two-byte',
    'U4',
    'SHOULD',
    'with a justification of 2049 characters of 2 bytes each',
    statusUpdate({ justification: quoted(repeat('é', JUSTIFICATION_CAP / 2 + 1)) }),
  ],
  [
    'unknown-status',
    'L1',
    'SHOULD',
    'to a status that there is not',
    statusUpdate({ status: string('PAUSED') }),
  ],
];

/** A legal update with something behind its object. */
function behind(bytes: string): Bytes {
  return frame(
    STATUS_UPDATE,
    concat(text('{"task_id":'), quoted(TASK), text(`,"status":"ACCEPTED","justification":"a"}${bytes}`)),
  );
}

const ignored: readonly Scenario[] = IGNORED.map(
  ([name, clause, level, what, bytes]): Scenario => ({
    id: `status/store-ignores-${name}`,
    clause,
    level,
    requirement: `A STATUS_UPDATE ${what} changes nothing in the store.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: STORED,
    planted: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [{ kind: 'unchanged' }],
    likelyCause: 'The update is written before it is checked.',
  }),
);

/** Statuses that no task leaves again. */
const final: readonly Scenario[] = ['DECLINED', 'SUCCEEDED', 'CANCELLED', 'EXPIRED'].map(
  (status): Scenario => ({
    id: `status/store-final-${status.toLowerCase()}`,
    clause: 'L1',
    // To the letter, U2 lets an update win.
    level: 'SHOULD',
    requirement: `A submitted task that is ${status} does not become EXECUTING again.`,
    steps: [send(statusUpdate({ status: string('EXECUTING') }))],
    accept: NOT_ANSWERED,
    control: STORED,
    planted: [{ side: SIDE, taskId: TASK, status }],
    store: [{ kind: 'task', side: SIDE, taskId: TASK, fields: { status } }],
    likelyCause: 'The status of an update is taken without a look at the one that the task has.',
  }),
);

/** Ids that lead to another file, or to none that there could be. */
const PATHS: readonly (readonly [name: string, what: string, token: Bytes])[] = [
  ['received', 'a path to a received task', concat(text('../received/'), taskId(2))],
  ['same-folder', 'a path to the task that begins with a dot', concat(text('./'), TASK)],
  ['backslash', 'a path with backslashes', concat(text('..\\\\received\\\\'), taskId(2))],
  [
    'nul-behind',
    'a path to a received task with a NUL behind it',
    concat(text('../received/'), taskId(2), text('.json\\u0000')),
  ],
  ['above', 'a path out of the store', concat(text('../../'), TASK)],
  ['absolute', 'an absolute path', concat(text('/tmp/'), TASK)],
  ['nul', 'an id with a NUL in it', concat(TASK, text('\\u0000x'))],
  ['long', 'longer than any file name', repeat('a', 5000)],
];

const paths: readonly Scenario[] = PATHS.map(
  ([name, what, token]): Scenario => ({
    id: `status/store-id-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A STATUS_UPDATE whose task_id is ${what} changes nothing but the task that it names.`,
    steps: [send(statusUpdate({ task_id: quoted(token) }))],
    accept: NOT_ANSWERED,
    control: STORED,
    planted: [
      { side: SIDE, taskId: TASK, status: 'NEW' },
      // It is over, so that its receiver has no reason to touch it.
      { side: 'received', taskId: taskId(2), status: 'DECLINED' },
    ],
    store: [{ kind: 'only-task', side: SIDE, taskId: TASK }],
    likelyCause: 'The task_id of a message becomes part of a path as it is.',
  }),
);

export const statusStore: readonly Scenario[] = [...effects, ...ignored, ...final, ...paths];
