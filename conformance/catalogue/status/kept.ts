/** Section 5 of the protocol in the store: what a STATUS_UPDATE changes, and what it must not (U2–U4, L1, M1–M5). */

import {
  type Bytes,
  concat,
  inBytes,
  JUSTIFICATION_CAP,
  repeat,
  STATUS_UPDATE,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { frame, object, quoted, statusUpdate, string } from '../../scenario/messages.ts';
import { FILE_CHANGED, type Sign } from '../../scenario/mismatch-kind.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { wrongForString } from '../../scenario/wrong-types.ts';
import { ANSWERED } from '../submit/answer.ts';

const TASK = taskId();
const SIDE = 'submitted';
/** An update that is stored: the control of updates that must change nothing. */
export const STORED = 'status/store-accepted';

const TIMES: readonly Sign[] = ['stored created_at', 'stored accepted_at'];

/** The submitted task with the status and the justification of the update. */
function updated(status: string, justification: string): StoreCondition {
  return {
    kind: 'task',
    side: SIDE,
    taskId: TASK,
    fields: { status, status_justification: justification },
  };
}

/** Each status, a status from which a task moves to it (L1), and the level at which an update does so. */
const TRANSITIONS = [
  ['ACCEPTED', 'NEW', 'MUST'],
  ['DECLINED', 'NEW', 'MUST'],
  ['CANCELLED', 'NEW', 'MUST'],
  ['EXECUTING', 'ACCEPTED', 'MUST'],
  ['EXPIRED', 'ACCEPTED', 'MUST'],
  ['COMPLETED', 'EXECUTING', 'MUST'],
  // Results make a task SUCCEEDED (R6), so a receiver may ignore an update that does.
  ['SUCCEEDED', 'COMPLETED', 'MAY'],
] as const;

const effects: readonly Scenario[] = [
  ...TRANSITIONS.map(
    ([status, from, level]): Scenario => ({
      id: `status/store-${status.toLowerCase()}`,
      clause: 'U2',
      level,
      requirement: `A receiver ${level === 'MAY' ? 'may store' : 'stores'} the status ${status} and the justification of a STATUS_UPDATE in a submitted task that is ${from}.`,
      steps: [send(statusUpdate({ status: string(status), justification: string('Because') }))],
      accept: NOT_ANSWERED,
      control: ANSWERED,
      preloaded: [{ side: SIDE, taskId: TASK, status: from }],
      store: [updated(status, 'Because')],
      likely: [
        {
          when: ['stored status'],
          cause:
            'Updates are not stored or are stored in another form, or tasks are kept in memory and the store is not read when an update arrives.',
        },
        {
          when: ['stored status_justification'],
          cause: 'The justification of an update is not stored, or is stored in another form.',
        },
      ],
    }),
  ),
  {
    id: 'status/store-justification-at-cap',
    clause: 'U2',
    level: 'MUST',
    requirement: `A receiver stores a justification of ${inBytes(JUSTIFICATION_CAP)}, exactly the bound.`,
    steps: [send(statusUpdate({ justification: quoted(repeat('é', JUSTIFICATION_CAP / 2)) }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [updated('ACCEPTED', 'é'.repeat(JUSTIFICATION_CAP / 2))],
    likely: [
      { when: ['stored status'], cause: 'The check excludes the bound itself, or uses a lower bound.' },
      {
        when: ['stored status_justification'],
        cause: 'The justification is cut or omitted when it is stored.',
      },
    ],
  },
  {
    id: 'status/store-skipped-states',
    clause: 'L1',
    // L1 has no transition from NEW to EXECUTING, so a receiver may ignore the update.
    level: 'MAY',
    requirement:
      'A receiver may move a submitted task from NEW to EXECUTING, since the update to ACCEPTED may be lost.',
    steps: [send(statusUpdate({ status: string('EXECUTING'), justification: string('Because') }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [updated('EXECUTING', 'Because')],
    likely: [
      { when: ['stored status'], cause: 'An update that skips a state is ignored, which is permitted.' },
    ],
  },
  {
    id: 'status/store-valid-task',
    clause: 'M13',
    level: 'MUST',
    requirement: 'A receiver leaves a legal task file when it stores a STATUS_UPDATE.',
    steps: [send(statusUpdate({ justification: string('Because') }))],
    accept: NOT_ANSWERED,
    control: STORED,
    preloaded: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [updated('ACCEPTED', 'Because'), { kind: 'valid-task', side: SIDE, taskId: TASK }],
    likely: [{ when: TIMES, cause: 'A time is written to the task file as a number, or in a local format.' }],
  },
  {
    id: 'status/store-accepted-at',
    clause: 'U3',
    level: 'SHOULD',
    requirement: 'A receiver sets accepted_at of a submitted task, if it is empty, on an update to ACCEPTED.',
    steps: [send(statusUpdate())],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [
      { kind: 'task', side: SIDE, taskId: TASK, fields: { status: 'ACCEPTED' }, present: ['accepted_at'] },
    ],
    likely: [
      {
        when: ['stored accepted_at'],
        cause: 'The update changes the status only, so the stall timeout never starts.',
      },
    ],
  },
];

type Row = readonly [name: string, clause: string, level: Level, what: string, bytes: Bytes];

/** The fields of a legal update. The justification shows which scenario it belongs to. */
const FIELDS = {
  task_id: quoted(TASK),
  status: string('ACCEPTED'),
  justification: quoted(concat(text('For '), TASK)),
};

/** Updates that must not change the store. */
const IGNORED: readonly Row[] = [
  ['unknown-task', 'U2', 'SHOULD', 'for an unknown task', statusUpdate({ task_id: quoted(taskId(2)) })],
  ['empty-id', 'U2', 'SHOULD', 'with an empty task_id', statusUpdate({ task_id: string('') })],
  ['malformed', 'M5', 'MUST', 'with a letter after its object', withTrailing('x')],
  ...Object.entries(FIELDS).flatMap(([field, legal]) =>
    wrongForString(legal).map(
      ([name, what, token]): Row => [
        `${field.replace('_', '-')}-${name}`,
        'M4',
        'MUST',
        `whose ${field} is ${what}`,
        statusUpdate({ ...FIELDS, [field]: token }),
      ],
    ),
  ),
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
  ['unknown-status', 'L1', 'SHOULD', 'with an unknown status', statusUpdate({ status: string('PAUSED') })],
];

/** A legal update with the given characters after its object. */
function withTrailing(characters: string): Bytes {
  return frame(
    STATUS_UPDATE,
    concat(text('{"task_id":'), quoted(TASK), text(`,"status":"ACCEPTED","justification":"a"}${characters}`)),
  );
}

const ignored: readonly Scenario[] = IGNORED.map(
  ([name, clause, level, what, bytes]): Scenario => ({
    id: `status/store-ignores-${name}`,
    clause,
    level,
    requirement: `A receiver leaves its store unchanged after a STATUS_UPDATE ${what}.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: STORED,
    preloaded: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [{ kind: 'unchanged' }],
    // A task whose id is lost has a file without an id, which no scenario at the same time may have made.
    ...(/task-id/.test(name) && { alone: true }),
    // A file of an empty id can be without any task id.
    ...(name === 'empty-id' && { alone: true }),
    likely: [{ when: FILE_CHANGED, cause: 'The update is stored without a check, or before it is checked.' }],
  }),
);

/**
 * Final statuses, and one to which no task moves from there (L1). An EXPIRED task is not moved to EXECUTING: a submitter
 * may apply that if its own stall timeout has expired the task.
 */
const FINAL = [
  ['DECLINED', 'EXECUTING'],
  ['SUCCEEDED', 'EXECUTING'],
  ['CANCELLED', 'EXECUTING'],
  ['EXPIRED', 'DECLINED'],
] as const;

const final: readonly Scenario[] = FINAL.map(
  ([status, to]): Scenario => ({
    id: `status/store-final-${status.toLowerCase()}`,
    clause: 'L1',
    // U2 alone says that the task takes the status of any update.
    level: 'SHOULD',
    requirement: `A receiver does not change the status of a submitted task from ${status}, which is final, to ${to}.`,
    steps: [send(statusUpdate({ status: string(to) }))],
    accept: NOT_ANSWERED,
    control: STORED,
    preloaded: [{ side: SIDE, taskId: TASK, status }],
    store: [{ kind: 'task', side: SIDE, taskId: TASK, fields: { status } }],
    likely: [
      {
        when: ['stored status'],
        cause: 'The status of an update is stored without a check of the current status of the task.',
      },
    ],
  }),
);

/** Legal updates in forms that senders use too. */
const FORMS: readonly (readonly [name: string, clause: string, what: string, bytes: Bytes])[] = [
  ['justification-missing', 'M2', 'without a justification', withFields({})],
  ['justification-null', 'M3', 'whose justification is null', withFields({ justification: text('null') })],
  ['justification-empty', 'U2', 'with an empty justification', withFields({ justification: string('') })],
  [
    'unknown-field',
    'M1',
    'with an unknown field',
    withFields({ justification: string('Because'), at: string('now') }),
  ],
];

/** An update to ACCEPTED with these fields after its own. */
function withFields(fields: Readonly<Record<string, Bytes>>): Bytes {
  return frame(STATUS_UPDATE, object({ task_id: quoted(TASK), status: string('ACCEPTED'), ...fields }));
}

const forms: readonly Scenario[] = FORMS.map(
  ([name, clause, what, bytes]): Scenario => ({
    id: `status/store-${name}`,
    clause,
    level: 'MUST',
    requirement: `A receiver stores the status of a STATUS_UPDATE ${what}.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: STORED,
    preloaded: [{ side: SIDE, taskId: TASK, status: 'NEW' }],
    store: [{ kind: 'task', side: SIDE, taskId: TASK, fields: { status: 'ACCEPTED' } }],
    likely: [
      {
        when: ['stored status'],
        cause: 'The decoder of this message requires each field, or refuses unknown ones.',
      },
    ],
  }),
);

export const statusStore: readonly Scenario[] = [...effects, ...forms, ...ignored, ...final];
