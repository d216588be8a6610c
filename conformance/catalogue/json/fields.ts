/** The fields of a SUBMIT: unknown, missing, null, of another type, or repeated (M1–M4, M7, S3). */

import { type Bytes, SUBMIT, taskId, text } from '../../scenario/bytes.ts';
import { frame, members, object, quoted, SUBMIT_FIELDS, submit } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, answers, closes, NOT_ACCEPTED, send, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const FIELDS = ['task_id', 'task_description', 'from_addr', 'to_addr'] as const;

function kebab(field: string): string {
  return field.replaceAll('_', '-');
}

/** A SUBMIT frame with these members after those of a legal one. A name is a JSON token, quotes included. */
function withMembers(...extra: readonly (readonly [name: string, value: Bytes])[]): Bytes {
  return frame(
    SUBMIT,
    members([...FIELDS.map((field) => [`"${field}"`, SUBMIT_FIELDS[field]] as const), ...extra]),
  );
}

const UNKNOWN: readonly (readonly [name: string, what: string, field: string, token: string])[] = [
  ['string', 'whose value is a string', 'priority', '"high"'],
  ['number', 'whose value is a number', 'priority', '7'],
  ['fraction', 'whose value is a number with a fraction and an exponent', 'weight', '-1.5e-3'],
  ['null', 'whose value is null', 'parent', 'null'],
  ['boolean', 'whose value is a boolean', 'urgent', 'true'],
  ['array', 'whose value is an array', 'tags', '["a",1,null,{"b":[]}]'],
  ['object', 'whose value is an object', 'meta', '{"task_id":"not this one","n":{"m":[1,2]}}'],
  ['of-the-response', 'named status, which other messages have', 'status', '"NEW"'],
  ['empty-name', 'with an empty name', '', '"x"'],
  [
    'proto',
    'named __proto__ whose value is an object',
    '__proto__',
    '{"task_id":"not this one","admin":true}',
  ],
  [
    'constructor',
    'named constructor whose value is an object',
    'constructor',
    '{"prototype":{"task_id":"not this one"}}',
  ],
  ['to-string', 'named toString whose value is null', 'toString', 'null'],
  ['dotted', 'named task_id.value', 'task_id.value', '"not this one"'],
  ['spaced', 'named task_id with a space before and after the name', ' task_id ', '"not this one"'],
  ['unicode', 'whose name is not ASCII', '優先度', '"high"'],
];

const unknown: readonly Scenario[] = UNKNOWN.map(
  ([name, what, field, token]): Scenario => ({
    id: `json/unknown-${name}`,
    clause: 'M1',
    level: 'MUST',
    requirement: `A receiver ignores an unknown field ${what}.`,
    steps: [send(withMembers([JSON.stringify(field), text(token)]))],
    accept: [accepts()],
    needs: 'accepting',
    control: ANSWERED,
    likely: [
      { when: [...NO_ANSWER, 'rejected'], cause: 'The decoder refuses unknown fields.' },
      {
        when: ['task_id wrong value', 'task_id wrong type', 'task_id missing'],
        cause: 'The decoder takes an unknown field for task_id, or copies it onto its own objects.',
      },
    ],
  }),
);

/** A SUBMIT with an empty field. It is legal, but a policy may reject it with 400 (S7). */
function emptied(name: string, clause: string, requirement: string, fields: Record<string, Bytes>): Scenario {
  const isNamed = fields['task_id'] === SUBMIT_FIELDS.task_id;
  return {
    id: `json/${name}`,
    clause,
    level: 'MUST',
    requirement,
    steps: [send(frame(SUBMIT, object(fields)))],
    accept: [answers({ statuses: [200, 400], taskId: isNamed ? taskId() : text('') })],
    control: ANSWERED,
    likely: [
      {
        when: NO_ANSWER,
        cause: 'The code refuses a missing or null field instead of reading it as the empty string.',
      },
      {
        when: ['task_id missing', 'task_id wrong type', 'task_id wrong value'],
        cause: 'The task_id is copied to the answer as it came, missing or null, or another one is made.',
      },
    ],
  };
}

const empty: readonly Scenario[] = [
  ...FIELDS.map((field) =>
    emptied(
      `missing-${kebab(field)}`,
      'M2',
      `A receiver reads a missing ${field} as the empty string, and answers the SUBMIT with 200 or 400.`,
      Object.fromEntries(Object.entries(SUBMIT_FIELDS).filter(([name]) => name !== field)),
    ),
  ),
  ...FIELDS.map((field) =>
    emptied(
      `null-${kebab(field)}`,
      'M3',
      `A receiver reads a null ${field} as the empty string, and answers the SUBMIT with 200 or 400.`,
      { ...SUBMIT_FIELDS, [field]: text('null') },
    ),
  ),
];

const TYPES = [
  ['number', 'a number', '1'],
  ['boolean', 'true', 'true'],
  ['false', 'false', 'false'],
  ['array', 'an array', '["a"]'],
  ['object', 'an object', '{}'],
] as const;

/** The submit section already has these scenarios, under other names. */
const IN_SUBMIT_SECTION = [
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
      requirement: `A receiver does not accept a SUBMIT whose ${field} is ${what}, which makes it malformed.`,
      steps: [send(submit({ [field]: text(token) }))],
      accept: NOT_ACCEPTED,
      control: ANSWERED,
      likely: [
        {
          when: ['accepted'],
          cause:
            'The decoder converts a value of another type to a string, or takes a falsy value as missing.',
        },
      ],
    }),
  ),
).filter(({ id }) => !IN_SUBMIT_SECTION.includes(id.slice('json/'.length)));

const OTHER_ID = quoted(taskId(2));

/** The protocol permits several outcomes for these. The report says which one occurred. */
const choices: readonly Scenario[] = (
  [
    ['repeated-task-id', 'task_id occurs twice', withMembers(['"task_id"', OTHER_ID])],
    [
      'repeated-task-id-null',
      'task_id occurs twice and the second value is null',
      withMembers(['"task_id"', text('null')]),
    ],
    [
      'repeated-unknown',
      'an unknown field occurs twice',
      withMembers(['"x"', text('1')], ['"x"', text('2')]),
    ],
    ['upper-case-name', 'TASK_ID follows task_id', withMembers(['"TASK_ID"', OTHER_ID])],
    ['mixed-case-name', 'Task_Id follows task_id', withMembers(['"Task_Id"', OTHER_ID])],
    [
      'long-s-name',
      'task_id is repeated with U+017F in place of s',
      withMembers(['"ta\u017fk_id"', OTHER_ID]),
    ],
    [
      'kelvin-name',
      'task_id is repeated with U+212A in place of k',
      withMembers(['"tas\u212a_id"', OTHER_ID]),
    ],
  ] as const
).map(
  ([name, what, bytes]): Scenario => ({
    id: `json/${name}`,
    clause: 'M7',
    level: 'MAY',
    requirement: `A receiver uses the last value, uses the first value, or refuses the message when ${what}.`,
    steps: [send(bytes)],
    accept: [
      answers({ taskId: taskId() }),
      answers({ taskId: taskId(2) }),
      // If the null wins, the id is the zero value (M3).
      ...(name === 'repeated-task-id-null' ? [answers({ taskId: text('') })] : []),
      answers({ statuses: [400] }),
      closes(),
      silent(),
    ],
    control: ANSWERED,
    likely: [
      {
        when: ['task_id wrong value', 'task_id wrong type'],
        cause: 'The decoder joins the two values, or keeps them as a list.',
      },
    ],
  }),
);

export const jsonFields: readonly Scenario[] = [...unknown, ...empty, ...wrong, ...choices];
