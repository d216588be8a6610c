/** Section 7 of the protocol: what a SUBMIT leaves in the store, and what must leave nothing (S9, F4, M4–M6). */

import {
  type Bytes,
  concat,
  frame,
  quoted,
  repeat,
  SUBMIT,
  size,
  slice,
  string,
  submit,
  submitPayload,
  taskId,
  text,
} from '../scenario/bytes.ts';
import type { Level, Planted, Scenario, Step, StoreCondition } from '../scenario/scenario.ts';
import { ANYTHING, accepts, closes, fin, NOT_ACCEPTED, NOT_ANSWERED, send } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

const TASK = taskId();

type TaskCondition = Extract<StoreCondition, { kind: 'task' }>;

function received(
  fields: TaskCondition['fields'],
  others: Pick<TaskCondition, 'present' | 'empty' | 'isPrivate'> = {},
): readonly StoreCondition[] {
  return [{ kind: 'task', side: 'received', taskId: TASK, fields, ...others }];
}

/** A SUBMIT that is accepted, and what the store holds by then. */
function kept(
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
    storeAt: 'answer',
    // Beside others, we might look only when a late file is there.
    alone: true,
    likelyCause: 'The answer is sent first and the task written later, or kept in memory only.',
  };
}

const accepted: readonly Scenario[] = [
  kept(
    'submitted-task-kept',
    'S9',
    'SHOULD',
    'A task that was answered with 200 is in received/, with its description and its addresses.',
    received(
      {
        task_description: 'Summarise the attached paper',
        from: '0:0000.0000.0001',
        to: '0:0000.0000.0002',
      },
      { present: ['created_at'] },
    ),
  ),
  kept(
    'submitted-task-status',
    'S9',
    'MUST',
    'A task that was answered with 200 is in received/ with status NEW, or already with one that follows it.',
    received({ status: ['NEW', 'ACCEPTED', 'DECLINED', 'EXECUTING', 'COMPLETED', 'SUCCEEDED'] }),
  ),
  kept(
    'submitted-task-private',
    'S9',
    'SHOULD',
    'The file of a task is for its owner alone: its mode has no bit for group or others.',
    received({}, { isPrivate: true }),
  ),
  kept(
    'submitted-task-new',
    'S9',
    // A receiver that accepts tasks by itself may have gone on before anyone can look.
    'MAY',
    'A task that was answered with 200 is in received/ with status NEW.',
    received({ status: 'NEW' }),
  ),
  kept(
    'description-decoded',
    'S9',
    'SHOULD',
    'A description is kept as it reads once its escapes are decoded.',
    received({ task_description: 'a"\\/\n\té🚀<&>\u2028' }),
    { task_description: text('"a\\"\\\\\\/\\n\\t\\u00e9\\ud83d\\ude80<&>\\u2028"') },
  ),
  kept(
    'description-at-cap',
    'S9',
    'SHOULD',
    'A description of 16384 bytes is kept to its last byte.',
    received({ task_description: 'é'.repeat(8192) }),
    { task_description: quoted(repeat('é', 8192)) },
  ),
  kept(
    'unknown-field-ignored',
    'M1',
    'SHOULD',
    'A status that comes with a SUBMIT is an unknown field there, and does not become that of the task.',
    received(
      { task_description: 'Summarise the attached paper', status: ['NEW', 'ACCEPTED', 'EXECUTING'] },
      { empty: ['results'] },
    ),
    { status: string('CANCELLED'), results: string('none') },
  ),
];

type Row = readonly [
  name: string,
  clause: string,
  what: string,
  accept: Scenario['accept'],
  steps: readonly Step[],
];

const PAYLOAD = submitPayload();

/** What is malformed or truncated: nothing of it is used. */
const NOTHING: readonly Row[] = [
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
    'that is shorter than declared, and complete JSON,',
    [closes()],
    [send(frame(SUBMIT, PAYLOAD, size(PAYLOAD) + 1)), fin()],
  ],
  [
    'trailing',
    'M5',
    'with a letter behind its object',
    NOT_ACCEPTED,
    [send(frame(SUBMIT, concat(PAYLOAD, text('x'))))],
  ],
  ['array', 'M6', 'in an array', NOT_ACCEPTED, [send(frame(SUBMIT, concat(text('['), PAYLOAD, text(']'))))]],
  ['wrong-type', 'M4', 'with a number for from_addr', NOT_ACCEPTED, [send(submit({ from_addr: text('1') }))]],
  ['type-five', 'F7', 'in a frame of type 5', NOT_ANSWERED, [send(frame(5, PAYLOAD))]],
];

const nothing: readonly Scenario[] = NOTHING.map(
  ([name, clause, what, accept, steps]): Scenario => ({
    id: `store/nothing-of-${name}`,
    clause,
    level: 'MUST',
    requirement: `A SUBMIT ${what} changes nothing in the store.`,
    steps,
    accept,
    control: ANSWERED,
    needs: 'keeping',
    store: [{ kind: 'unchanged' }],
    likelyCause: 'The task is written before all of the message was checked.',
  }),
);

/** A task that is over, so that its receiver has no reason to touch it. */
const OTHER: Planted = { side: 'received', taskId: taskId(2), status: 'DECLINED' };

/** Ids that lead elsewhere; `lands` is where, if that is neither the store nor beside it. */
const PATHS: readonly (readonly [name: string, what: string, token: Bytes, lands?: Bytes])[] = [
  ['parent', 'leads into the store itself', concat(text('../'), TASK)],
  ['submitted', 'leads to the submitted tasks', concat(text('../submitted/'), TASK)],
  ['above', 'leads out of the store', concat(text('../../'), TASK)],
  ['behind-folder', 'goes up from a folder that there is not', concat(text('a/../../'), TASK)],
  ['slash-escaped', 'has escaped slashes', concat(text('..\\/..\\/'), TASK)],
  ['slash-unicode-escape', 'has slashes in hex', concat(text('..\\u002f..\\u002f'), TASK)],
  ['nul', 'leads out of the store and has a NUL behind it', concat(text('../../'), TASK, text('\\u0000x'))],
  ['other-task', 'is the path of another task', concat(text('./'), taskId(2))],
  [
    'absolute',
    'is an absolute path',
    concat(text('/tmp/'), TASK),
    concat(text('/tmp/'), TASK, text('.json')),
  ],
];

const paths: readonly Scenario[] = PATHS.map(
  ([name, what, token, lands]): Scenario => ({
    id: `store/id-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A SUBMIT whose task_id ${what} writes nothing outside received/, and to no other task there.`,
    steps: [send(submit({ task_id: quoted(token) }))],
    accept: ANYTHING,
    control: ANSWERED,
    needs: 'keeping',
    planted: [OTHER],
    store: [
      { kind: 'only-task', side: 'received', taskId: TASK, folder: 'received' },
      { kind: 'task', side: 'received', taskId: OTHER.taskId, fields: { status: OTHER.status } },
      ...(lands ? [{ kind: 'absent', path: lands } as const] : []),
    ],
    likelyCause: 'The task_id of a SUBMIT becomes part of a path as it is.',
  }),
);

export const storeScenarios: readonly Scenario[] = [...accepted, ...nothing, ...paths];
