/**
 * Task files of SUBMITs: what each must hold (S9), ids that are no file names (S9), broken text (M8), and ids that are in use
 * already (L1).
 */

import { readingsOf } from '../../scenario/broken-text.ts';
import { type Bytes, concat, repeat, TASK_STATES, taskId, text } from '../../scenario/bytes.ts';
import { quoted, string, submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ANYTHING, accepts, answers, closes, NOT_ACCEPTED, rejects, send } from '../../scenario/steps.ts';
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

const documented: Scenario = {
  ...valid,
  id: 'store/submitted-task-result-type',
  clause: 'M13',
  level: 'SHOULD',
  requirement: 'A receiver stores a task whose result_type is text, file or empty.',
  store: [{ kind: 'valid-task', side: 'received', taskId: TASK, isDocumented: true }],
  likely: [
    {
      when: ['stored result_type'],
      cause: 'The result_type of a task without a result is written as a word of its own, such as none.',
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

/** A SUBMIT of the n-th task, with a description of its own. */
function submitOf(n: number): Bytes {
  return submit({ task_id: quoted(taskId(n)), task_description: quoted(descriptionOf(n)) });
}

function descriptionOf(n: number): Bytes {
  return concat(text(`Task ${n}: `), repeat(String(n), 4096), taskId(n));
}

const TOGETHER = 8;

const atOnce: Scenario = {
  id: 'store/submitted-at-once',
  clause: 'S9',
  // As that of each description, whose form in the store no clause demands.
  level: 'SHOULD',
  requirement: `A receiver stores a task with its own description when ${TOGETHER} SUBMITs of different tasks arrive at the same time.`,
  steps: [send(submitOf(1))],
  accept: [answers({ taskId: TASK })],
  control: ANSWERED,
  needs: 'keeping',
  simultaneous: Array.from({ length: TOGETHER - 1 }, (_, index) => [send(submitOf(index + 2))]),
  rounds: 5,
  store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { task_description: descriptionOf(1) } }],
  storeIfAccepted: true,
  likely: [
    {
      when: ['stored task_description', 'task file missing', 'task file unreadable'],
      cause: 'Tasks that arrive together share a buffer, or the name of a temporary file.',
    },
  ],
};

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

/** Descriptions with text that a receiver may refuse or replace. */
const BROKEN: readonly (readonly [name: string, what: string, bytes: Bytes])[] = [
  [
    'no-utf8',
    'bytes that are not valid UTF-8',
    // A continuation byte, an overlong slash and an incomplete sequence, each between letters.
    { raw: Uint8Array.of(0x61, 0x80, 0x62, 0xc0, 0xaf, 0x63, 0xe2, 0x82, 0x64) },
  ],
  ['surrogates', 'lone surrogates', text('a\\ud83db\\ude80c')],
];

const broken: readonly Scenario[] = BROKEN.map(
  ([name, what, bytes]): Scenario => ({
    id: `store/${name}-in-description`,
    clause: 'M8',
    level: 'SHOULD',
    requirement: `A receiver answers 200 to a SUBMIT with ${what} in task_description only if it stores the description with U+FFFD in their place.`,
    steps: [send(submit({ task_description: quoted(bytes) }))],
    accept: [accepts(), ...NOT_ACCEPTED],
    control: ANSWERED,
    needs: 'keeping',
    store: [
      {
        kind: 'task',
        side: 'received',
        taskId: TASK,
        fields: { task_description: readingsOf(bytes).map(text) },
      },
    ],
    storeIfAccepted: true,
    likely: [
      {
        when: ['stored task_description'],
        cause: 'The decoder drops the invalid text, or reads it as other characters.',
      },
      {
        when: ['task file unreadable'],
        cause: 'The invalid text is copied into the task file, which is then no valid JSON in UTF-8.',
      },
      {
        when: ['task file missing'],
        cause:
          'Text that cannot be encoded is written to the file, and the error does not change the answer.',
      },
    ],
  }),
);

export const storeTasks: readonly Scenario[] = [valid, documented, ...promised, ...broken, atOnce, ...used];
