/** The fields of a SUBMIT: unknown, missing, null, of another type, repeated, and spelt otherwise (M1–M4, M7, M12). */

import {
  type Bytes,
  concat,
  frame,
  members,
  object,
  quoted,
  SUBMIT,
  submit,
  submitPayload,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, answers, closes, NOT_ACCEPTED, send, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const FIELDS = ['task_id', 'task_description', 'from_addr', 'to_addr'] as const;
const TOKENS = {
  task_id: quoted(taskId()),
  task_description: text('"Summarise the attached paper"'),
  from_addr: text('"0:0000.0000.0001"'),
  to_addr: text('"0:0000.0000.0002"'),
} as const;

function kebab(field: string): string {
  return field.replaceAll('_', '-');
}

/** A SUBMIT with these members behind those of a legal one, whose names may be tokens of any kind. */
function withMembers(...extra: readonly (readonly [name: string, value: Bytes])[]): Bytes {
  return frame(SUBMIT, members([...FIELDS.map((field) => [`"${field}"`, TOKENS[field]] as const), ...extra]));
}

const UNKNOWN: readonly (readonly [name: string, what: string, field: string, token: string])[] = [
  ['string', 'a string', 'priority', '"high"'],
  ['number', 'a number', 'priority', '7'],
  ['fraction', 'a number with fraction and exponent', 'weight', '-1.5e-3'],
  ['null', 'null', 'parent', 'null'],
  ['boolean', 'a boolean', 'urgent', 'true'],
  ['array', 'an array', 'tags', '["a",1,null,{"b":[]}]'],
  ['object', 'an object', 'meta', '{"task_id":"not this one","n":{"m":[1,2]}}'],
  ['of-the-response', 'a status of another message', 'status', '"NEW"'],
  ['empty-name', 'a value without a name', '', '"x"'],
  ['proto', 'an object named __proto__', '__proto__', '{"task_id":"not this one","admin":true}'],
  ['constructor', 'an object named constructor', 'constructor', '{"prototype":{"task_id":"not this one"}}'],
  ['to-string', 'a null named toString', 'toString', 'null'],
  ['dotted', 'a dotted name', 'task_id.value', '"not this one"'],
  ['spaced', 'the name of a field with spaces around', ' task_id ', '"not this one"'],
  ['unicode', 'a name outside ASCII', '優先度', '"high"'],
];

const unknown: readonly Scenario[] = UNKNOWN.map(
  ([name, what, field, token]): Scenario => ({
    id: `json/unknown-${name}`,
    clause: 'M1',
    level: 'MUST',
    requirement: `An unknown field that is ${what} is ignored.`,
    steps: [send(withMembers([JSON.stringify(field), text(token)]))],
    accept: [accepts()],
    needs: 'accepting',
    control: ANSWERED,
    likelyCause: 'The decoder is set to refuse unknown fields, or copies them onto its own objects.',
  }),
);

/** What may come of a task with an empty field: any policy may reject it, but legal it is. */
function emptied(name: string, clause: string, requirement: string, fields: Record<string, Bytes>): Scenario {
  const echoed = fields['task_id'] === TOKENS.task_id;
  return {
    id: `json/${name}`,
    clause,
    level: 'MUST',
    requirement,
    steps: [send(frame(SUBMIT, object(fields)))],
    accept: [answers({ statuses: [200, 400], ...(echoed && { taskId: taskId() }) })],
    control: ANSWERED,
    likelyCause: 'The field is required to be there, where it should be read as the empty string.',
  };
}

const empty: readonly Scenario[] = [
  ...FIELDS.map((field) =>
    emptied(
      `missing-${kebab(field)}`,
      'M2',
      `A SUBMIT without ${field} is read as one with an empty ${field}, and answered.`,
      Object.fromEntries(Object.entries(TOKENS).filter(([name]) => name !== field)),
    ),
  ),
  ...FIELDS.map((field) =>
    emptied(
      `null-${kebab(field)}`,
      'M3',
      `A SUBMIT whose ${field} is null is read as one with an empty ${field}, and answered.`,
      { ...TOKENS, [field]: text('null') },
    ),
  ),
];

const TYPES = [
  ['number', 'a number', '1'],
  ['boolean', 'a boolean', 'true'],
  ['false', 'false', 'false'],
  ['array', 'an array', '["a"]'],
  ['object', 'an object', '{}'],
] as const;

/** Judged in the submit section under older names. */
const ELSEWHERE = [
  'task-id-number',
  'task-description-array',
  'task-description-object',
  'from-addr-boolean',
];

const wrong: readonly Scenario[] = FIELDS.flatMap((field) =>
  TYPES.map(
    ([name, what, token]): Scenario => ({
      id: `json/${kebab(field)}-${name}`,
      clause: 'M4',
      level: 'MUST',
      requirement: `A SUBMIT whose ${field} is ${what} is malformed and never accepted.`,
      steps: [send(submit({ [field]: text(token) }))],
      accept: NOT_ACCEPTED,
      control: ANSWERED,
      likelyCause: 'The decoder converts values of another type, or takes a value for missing that is falsy.',
    }),
  ),
).filter(({ id }) => !ELSEWHERE.includes(id.slice('json/'.length)));

const OTHER_ID = quoted(taskId(2));

/** Free choices: the report says which one the target made. */
const choices: readonly Scenario[] = (
  [
    ['repeated-task-id', 'task_id stands twice', withMembers(['"task_id"', OTHER_ID])],
    ['repeated-task-id-null', 'a second task_id is null', withMembers(['"task_id"', text('null')])],
    [
      'repeated-unknown',
      'an unknown field stands twice',
      withMembers(['"x"', text('1')], ['"x"', text('2')]),
    ],
    ['upper-case-name', 'TASK_ID stands behind task_id', withMembers(['"TASK_ID"', OTHER_ID])],
    ['mixed-case-name', 'Task_Id stands behind task_id', withMembers(['"Task_Id"', OTHER_ID])],
    ['long-s-name', 'task_id is repeated with U+017F for its s', withMembers(['"ta\u017fk_id"', OTHER_ID])],
    ['kelvin-name', 'task_id is repeated with U+212A for its k', withMembers(['"tas\u212a_id"', OTHER_ID])],
  ] as const
).map(
  ([name, what, bytes]): Scenario => ({
    id: `json/${name}`,
    clause: 'M7',
    level: 'MAY',
    requirement: `When ${what}, the last one wins, the first one wins, or the message is refused.`,
    steps: [send(bytes)],
    accept: [
      answers({ taskId: taskId() }),
      answers({ taskId: taskId(2) }),
      // A null that wins leaves the zero value (M3).
      ...(name === 'repeated-task-id-null' ? [answers({ taskId: text('') })] : []),
      answers({ statuses: [400] }),
      closes(),
      silent(),
    ],
    control: ANSWERED,
    likelyCause: 'The two values are joined, or kept as a list.',
  }),
);

const { task_id, task_description, from_addr, to_addr } = TOKENS;
const NL = text('\n');

/** JSON texts of one and the same value. */
const SPELLINGS: readonly (readonly [name: string, what: string, payload: Bytes])[] = [
  [
    'reordered',
    'with its fields in another order',
    object({ to_addr, from_addr, task_description, task_id }),
  ],
  [
    'indented',
    'indented, with a line for each field',
    members([
      ['\n  "task_id" ', concat(text(' '), task_id)],
      ['\r\n\t"task_description"', concat(NL, task_description)],
      ['\n  "from_addr"', from_addr],
      ['\n  "to_addr"', concat(to_addr, NL)],
    ]),
  ],
  ['white-space-before', 'behind white space of every kind', concat(text(' \t\r\n'), submitPayload())],
  [
    'white-space-behind',
    'with white space of every kind behind it',
    concat(submitPayload(), text(' \t\r\n')),
  ],
  [
    'escaped-name',
    'with an escape in the name of a field',
    members([
      ['"task\\u005fid"', task_id],
      ['"t\\u0061sk_description"', task_description],
      ['"from_addr"', from_addr],
      ['"to_addr"', to_addr],
    ]),
  ],
];

const spellings: readonly Scenario[] = SPELLINGS.map(
  ([name, what, payload]): Scenario => ({
    id: `json/${name}`,
    clause: 'S3',
    level: 'MUST',
    requirement: `A SUBMIT is the same ${what}: JSON is read as JSON, and answered with its id.`,
    steps: [send(frame(SUBMIT, payload))],
    accept: [accepts()],
    needs: 'accepting',
    control: ANSWERED,
    likelyCause: 'The payload is searched for patterns instead of being parsed.',
  }),
);

export const jsonFields: readonly Scenario[] = [...unknown, ...empty, ...wrong, ...choices, ...spellings];
