/** Section 4 of the protocol: SUBMIT and its answer (S1–S8), with the malformed messages of section 3 that it must refuse. */

import {
  type Bytes,
  concat,
  DESCRIPTION_CAP,
  frame,
  quoted,
  repeat,
  SUBMIT,
  submit,
  submitPayload,
  taskId,
  text,
} from '../bytes.ts';
import type { AnswerOutcome, Scenario } from '../scenario.ts';
import { answers, closes, fin, rejects, send, silent } from '../steps.ts';

const LEGAL = 'submit/answered-once';

/** One legal SUBMIT, looked at clause by clause, so that a report names the very sentence that broke. */
function legal(
  name: string,
  clause: string,
  level: Scenario['level'],
  requirement: string,
  conditions: Omit<AnswerOutcome, 'kind'>,
  likelyCause: string,
): Scenario {
  return {
    id: `submit/${name}`,
    clause,
    level,
    requirement,
    steps: [send(submit())],
    accept: [answers(conditions)],
    ...(name !== 'answered-once' && { control: LEGAL }),
    likelyCause,
  };
}

const answer: readonly Scenario[] = [
  legal(
    'answered-once',
    'S1',
    'MUST',
    'A legal SUBMIT gets exactly one frame back, a SubmitResponse, of type 1 or 2 and no other.',
    { types: [1, 2] },
    'No answer is written before the connection is closed, or more than one is.',
  ),
  legal(
    'answer-type',
    'S1',
    'SHOULD',
    'The answer to a SUBMIT is a frame of type 1.',
    { types: [1] },
    'The answer is sent as type 2, the type of the older result message.',
  ),
  legal(
    'status',
    'S2',
    'MUST',
    "The answer's status is the integer 200 or the integer 400.",
    { statuses: [200, 400] },
    'The status is written as a string or a float, or another code is used.',
  ),
  legal(
    'task-id-echoed',
    'S3',
    'MUST',
    "The answer's task_id is a string that equals the request's.",
    { taskId: taskId() },
    'The receiver makes up an id of its own, or shares one answer between connections.',
  ),
  legal(
    'message',
    'S4',
    'MUST',
    "The answer's message is a string.",
    { message: 'string' },
    'The field is left out when it is empty, or is null.',
  ),
  legal(
    'message-not-empty',
    'S4',
    'SHOULD',
    "The answer's message is not empty.",
    { message: 'not-empty' },
    'No reason is given for the decision.',
  ),
  legal(
    'answer-within-1s',
    'S8',
    'SHOULD',
    'The answer comes within one second.',
    { withinMs: 1000 },
    'The receiver works on the task before it answers.',
  ),
  {
    id: 'submit/half-close',
    clause: 'T4',
    level: 'SHOULD',
    requirement: 'A sender that shuts down its sending side behind a complete frame still gets its answer.',
    steps: [send(submit()), fin()],
    accept: [answers()],
    control: LEGAL,
    likelyCause: 'The end of the stream closes the connection before the answer is written.',
  },
];

const AT_CAP = 'submit/description-at-cap';

function description(token: Bytes): Bytes {
  return submit({ task_description: quoted(token) });
}

const descriptions: readonly Scenario[] = [
  ...(
    [
      ['at-cap', repeat('a', DESCRIPTION_CAP), '16384 bytes, exactly the bound,'],
      ['at-cap-two-byte', repeat('é', DESCRIPTION_CAP / 2), '8192 characters of 2 bytes each'],
      ['at-cap-four-byte', repeat('🚀', DESCRIPTION_CAP / 4), '4096 characters of 4 bytes each'],
      [
        'at-cap-escaped',
        repeat('\\u0061', DESCRIPTION_CAP),
        '16384 bytes, written as 98304 bytes of escapes,',
      ],
    ] as const
  ).map(
    ([name, token, what]): Scenario => ({
      id: `submit/description-${name}`,
      clause: 'S5',
      level: 'MUST',
      requirement: `A task description of ${what} is within the bound.`,
      steps: [send(description(token))],
      accept: [answers({ statuses: [200], taskId: taskId() })],
      needs: 'accepting',
      control: LEGAL,
      likelyCause:
        'The bound is exclusive, or measures something other than the bytes of the decoded string.',
    }),
  ),
  ...(
    [
      ['over-cap', repeat('a', DESCRIPTION_CAP + 1), '16385 bytes'],
      ['over-cap-two-byte', repeat('é', DESCRIPTION_CAP / 2 + 1), '8193 characters of 2 bytes each'],
      ['over-cap-four-byte', repeat('🚀', DESCRIPTION_CAP / 4 + 1), '4097 characters of 4 bytes each'],
    ] as const
  ).map(
    ([name, token, what]): Scenario => ({
      id: `submit/description-${name}`,
      clause: 'S5',
      level: 'MUST',
      requirement: `A task description of ${what} is over the bound: status 400, with the id of the request.`,
      steps: [send(description(token))],
      accept: [answers({ statuses: [400], taskId: taskId() })],
      control: AT_CAP,
      likelyCause:
        'The bound counts characters or UTF-16 units instead of bytes of UTF-8, or is not checked.',
    }),
  ),
];

/** Payloads that differ from a legal SUBMIT by one fault. */
const MALFORMED: readonly (readonly [name: string, clause: string, fault: string, payload: Bytes])[] = [
  ['not-json', 'S6', 'is no JSON at all', text('task_id=1')],
  ['unterminated', 'S6', 'lacks its closing brace', concat(text('{"task_id":'), quoted(taskId()))],
  ['top-level-array', 'M6', 'is an array', concat(text('['), submitPayload(), text(']'))],
  ['top-level-string', 'M6', 'is a string', quoted(taskId())],
  ['trailing-garbage', 'M5', 'has a letter behind the object', concat(submitPayload(), text('x'))],
  ['trailing-value', 'M5', 'has a second object behind the first', concat(submitPayload(), submitPayload())],
  ['trailing-nul', 'M5', 'has a NUL byte behind the object', concat(submitPayload(), text('\0'))],
  ['task-id-number', 'M4', 'has a number for task_id', submitPayload({ task_id: text('1') })],
  [
    'description-object',
    'M4',
    'has an object for task_description',
    submitPayload({ task_description: text('{}') }),
  ],
  [
    'description-array',
    'M4',
    'has an array for task_description',
    submitPayload({ task_description: text('["a"]') }),
  ],
  ['from-addr-boolean', 'M4', 'has a boolean for from_addr', submitPayload({ from_addr: text('true') })],
];

const malformed: readonly Scenario[] = [
  ...MALFORMED.map(
    ([name, clause, fault, payload]): Scenario => ({
      id: `submit/malformed-${name}`,
      clause,
      level: 'MUST',
      requirement: `A SUBMIT whose payload ${fault} is malformed and never answered with 200.`,
      steps: [send(frame(SUBMIT, payload))],
      accept: [closes(), rejects(), silent()],
      control: LEGAL,
      likelyCause: 'The decoder is lenient: it stops early, converts types, or falls back to defaults.',
    }),
  ),
  {
    id: 'submit/malformed-not-left-hanging',
    clause: 'S6',
    level: 'SHOULD',
    requirement: 'A malformed SUBMIT is settled: the connection is closed, or 400 is answered.',
    steps: [send(frame(SUBMIT, text('{"task_id":')))],
    accept: [closes(), rejects()],
    control: LEGAL,
    likelyCause: 'The decoding error ends the work on the frame, but not the connection.',
  },
];

export const submitScenarios: readonly Scenario[] = [...answer, ...descriptions, ...malformed];
