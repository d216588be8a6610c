/** Section 7 of the protocol: what a SUBMIT writes to the store, and what it must not write (S9, M1, F4, F7, M4–M6, R5). */

import {
  type Bytes,
  concat,
  DESCRIPTION_CAP,
  inBytes,
  repeat,
  SUBMIT,
  size,
  slice,
  taskId,
  text,
} from '../scenario/bytes.ts';
import { DESCRIPTION, frame, quoted, string, submit, submitPayload } from '../scenario/messages.ts';
import { FILE_CHANGED } from '../scenario/mismatch-kind.ts';
import type { Level } from '../scenario/requirement.ts';
import type { LikelyCause, PreloadedTask, Scenario, Step, StoreCondition } from '../scenario/scenario.ts';
import { ANYTHING, accepts, closes, fin, NOT_ACCEPTED, NOT_ANSWERED, send } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

const TASK = taskId();
/** A description at the bound of S5. */
const AT_CAP = concat(TASK, repeat('é', (DESCRIPTION_CAP - size(TASK)) / 2));

type TaskCondition = Extract<StoreCondition, { kind: 'task' }>;

function received(
  fields: TaskCondition['fields'],
  more: Pick<TaskCondition, 'present' | 'empty' | 'isPrivate'> = {},
): readonly StoreCondition[] {
  return [{ kind: 'task', side: 'received', taskId: TASK, fields, ...more }];
}

/** A SUBMIT that is accepted, and what the store must hold within the answer deadline. Only one scenario is about time. */
function stored(
  name: string,
  clause: string,
  level: Level,
  requirement: string,
  store: readonly StoreCondition[],
  overrides: Readonly<Record<string, Bytes>> = {},
): Scenario {
  return {
    id: `store/${name}`,
    clause,
    level,
    requirement,
    steps: [send(submit(overrides))],
    accept: [accepts()],
    needs: name === 'submitted-task-kept' ? 'accepting' : 'keeping',
    control: ANSWERED,
    store,
    likely: [
      {
        when: ['stored field'],
        cause: 'The file is incomplete, or its content differs from the documented one.',
      },
      {
        when: ['task file missing'],
        cause: 'The task is written long after the answer, or only in some cases.',
      },
    ],
  };
}

const accepted: readonly Scenario[] = [
  {
    ...stored(
      'submitted-task-kept',
      'S9',
      'SHOULD',
      'A receiver writes the task to received/, with its description, submitter and created_at, before it answers 200.',
      // A receiver may store its own address as `to`.
      received({ task_description: DESCRIPTION, from: { address: 'from' } }, { present: ['created_at'] }),
    ),
    storeAt: 'answer',
    // Concurrent scenarios could delay the reading of the store until a file that was written too late exists.
    alone: true,
    likely: [
      {
        when: ['task file missing'],
        cause:
          'The answer is sent before the task is written, or the task is kept in memory only or under another name.',
      },
      {
        when: ['stored field'],
        cause: 'The file is incomplete when the answer is sent, or a field has another name or form.',
      },
    ],
  },
  stored(
    'submitted-task-status',
    'S9',
    'MUST',
    'A receiver writes a valid task file to received/, with status NEW or a status that follows NEW.',
    received({ status: ['NEW', 'ACCEPTED', 'DECLINED', 'EXECUTING', 'COMPLETED', 'SUCCEEDED'] }),
  ),
  {
    ...stored(
      'submitted-task-private',
      'S9',
      'SHOULD',
      'A receiver gives a task file no permissions for group or others, as mode 0600 does.',
      received({}, { isPrivate: true }),
    ),
    likely: [
      {
        when: ['task file permissions'],
        cause: 'The task file is created with the default mode of the process.',
      },
    ],
  },
  {
    ...stored(
      'submitted-task-new',
      'S9',
      // A receiver that accepts tasks without a user may have changed the status before the store is read.
      'MAY',
      'A receiver may store a task with status NEW, and change the status only after it has answered 200.',
      received({ status: 'NEW' }),
    ),
    likely: [
      {
        when: ['stored status'],
        cause: 'The receiver accepts or declines the task as soon as it has stored it, which is permitted.',
      },
    ],
  },
  {
    ...stored(
      'description-decoded',
      'S9',
      'SHOULD',
      'A receiver stores the decoded value of a description that contains escapes.',
      received({ task_description: concat(TASK, text('a"\\/\n\té🚀<&>\u2028')) }),
      {
        task_description: concat(text('"'), TASK, text('a\\"\\\\\\/\\n\\t\\u00e9\\ud83d\\ude80<&>\\u2028"')),
      },
    ),
    likely: [
      {
        when: ['stored task_description'],
        cause: 'The description is stored with its escapes, or characters are lost when the task is written.',
      },
    ],
  },
  {
    ...stored(
      'description-at-cap',
      'S9',
      'SHOULD',
      `A receiver stores a description of ${inBytes(DESCRIPTION_CAP)} completely.`,
      received({ task_description: AT_CAP }),
      { task_description: quoted(AT_CAP) },
    ),
    policyControl: submit({
      task_description: quoted(concat(TASK, repeat('a', DESCRIPTION_CAP - size(TASK)))),
    }),
    likely: [
      { when: ['stored task_description'], cause: 'The description is truncated when the task is written.' },
    ],
  },
  {
    ...stored(
      'unknown-field-ignored',
      'M1',
      'SHOULD',
      'A receiver ignores the fields status and results of a SUBMIT, which are unknown there, and does not store them.',
      received(
        { task_description: DESCRIPTION, status: ['NEW', 'ACCEPTED', 'EXECUTING'] },
        { empty: ['results'] },
      ),
      { status: string('CANCELLED'), results: string('none') },
    ),
    likely: [
      {
        when: ['stored status', 'stored results'],
        cause: 'The payload is decoded into the type of a task file, so that all of its fields are stored.',
      },
    ],
  },
];

type Row = readonly [
  name: string,
  clause: string,
  what: string,
  accept: Scenario['accept'],
  steps: readonly Step[],
];

const PAYLOAD = submitPayload();

/** SUBMITs that are truncated, malformed or of another type, of which nothing is stored. */
const IGNORED: readonly Row[] = [
  [
    'truncated',
    'F4',
    'that is truncated by one byte',
    [closes()],
    [send(slice(submit(), 0, size(submit()) - 1)), fin()],
  ],
  [
    'truncated-whole-json',
    'F4',
    'that is complete JSON, but shorter than declared',
    [closes()],
    [send(frame(SUBMIT, PAYLOAD, size(PAYLOAD) + 1)), fin()],
  ],
  [
    'trailing',
    'M5',
    'with a letter after its object',
    NOT_ACCEPTED,
    [send(frame(SUBMIT, concat(PAYLOAD, text('x'))))],
  ],
  [
    'array',
    'M6',
    'whose payload is an array',
    NOT_ACCEPTED,
    [send(frame(SUBMIT, concat(text('['), PAYLOAD, text(']'))))],
  ],
  ['wrong-type', 'M4', 'with a number for from_addr', NOT_ACCEPTED, [send(submit({ from_addr: text('1') }))]],
  ['type-five', 'F7', 'in a frame of type 5', NOT_ANSWERED, [send(frame(5, PAYLOAD))]],
];

/** Why a SUBMIT of these clauses is answered. */
function wireCauses(clause: string): readonly LikelyCause[] {
  switch (clause) {
    case 'F4':
      return [
        {
          when: ['answered'],
          cause: 'The bytes that have arrived at the end of the stream are taken as the whole payload.',
        },
      ];
    case 'F7':
      return [{ when: ['answered'], cause: 'The type of the frame is ignored.' }];
    default:
      return [
        {
          when: ['accepted'],
          cause: 'The decoder is lenient: it stops at the end of the first value, or converts types.',
        },
      ];
  }
}

const ignored: readonly Scenario[] = IGNORED.map(
  ([name, clause, what, accept, steps]): Scenario => ({
    id: `store/nothing-of-${name}`,
    clause,
    level: 'MUST',
    requirement: `A receiver leaves its store unchanged after a SUBMIT ${what}.`,
    steps,
    accept,
    control: ANSWERED,
    needs: 'keeping',
    store: [{ kind: 'unchanged', data: DESCRIPTION }],
    likely: [
      ...wireCauses(clause),
      { when: FILE_CHANGED, cause: 'The task is written before the whole message is received and checked.' },
    ],
  }),
);

/** A task in a final state, so that its receiver has no reason to change it. */
const OTHER: PreloadedTask = { side: 'received', taskId: taskId(2), status: 'DECLINED' };

/** The file in the root of the store to which a path leads. */
const IN_ROOT = concat(TASK, text('.json'));

/** Task ids that are paths. `destination` is the file that a path leads to, if no other condition shows it. */
const PATHS: readonly (readonly [name: string, what: string, token: Bytes, destination?: Bytes])[] = [
  ['parent', 'leads to the store folder', concat(text('../'), TASK), IN_ROOT],
  ['submitted', 'leads to the folder of submitted tasks', concat(text('../submitted/'), TASK)],
  ['above', 'leads out of the store', concat(text('../../'), TASK)],
  ['behind-folder', 'leads up from a folder that does not exist', concat(text('a/../../'), TASK), IN_ROOT],
  ['slash-escaped', 'contains escaped slashes', concat(text('..\\/..\\/'), TASK)],
  ['slash-unicode-escape', 'contains slashes written as \\u002f', concat(text('..\\u002f..\\u002f'), TASK)],
  [
    'nul',
    'leads out of the store and ends with a NUL and a letter',
    concat(text('../../'), TASK, text('\\u0000x')),
  ],
  ['other-task', 'leads to the file of another task', concat(text('./'), taskId(2))],
  [
    'absolute',
    'is an absolute path',
    concat(text('/tmp/'), TASK),
    concat(text('/tmp/'), TASK, text('.json')),
  ],
];

const paths: readonly Scenario[] = PATHS.map(
  ([name, what, token, destination]): Scenario => ({
    id: `store/id-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A receiver writes nothing outside received/, and to no other task, after a SUBMIT whose task_id ${what}.`,
    steps: [send(submit({ task_id: quoted(token) }))],
    accept: ANYTHING,
    control: ANSWERED,
    needs: 'keeping',
    preloaded: [OTHER],
    store: [
      { kind: 'only-task', side: 'received', taskId: TASK, folder: 'received' },
      { kind: 'task', side: 'received', taskId: OTHER.taskId, fields: { status: OTHER.status } },
      ...(destination ? [{ kind: 'absent', path: destination } as const] : []),
    ],
    likely: [
      {
        when: [...FILE_CHANGED, 'stored status'],
        cause: 'The task_id of a SUBMIT is joined into a path without a check.',
      },
    ],
  }),
);

export const storeScenarios: readonly Scenario[] = [...accepted, ...ignored, ...paths];
