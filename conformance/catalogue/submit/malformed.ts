/** Malformed SUBMITs with one fault each (S6, M4–M6). The json section has more faults, for each field and value. */

import { type Bytes, concat, SUBMIT, taskId, text } from '../../scenario/bytes.ts';
import { frame, quoted, submitPayload } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closes, NOT_ACCEPTED, rejects, send } from '../../scenario/steps.ts';
import { ANSWERED } from './answer.ts';

/** Payloads that differ from a legal SUBMIT by one fault. */
const MALFORMED: readonly (readonly [name: string, clause: string, fault: string, payload: Bytes])[] = [
  ['not-json', 'S6', 'is not JSON', text('task_id=1')],
  ['unterminated', 'S6', 'lacks its closing brace', concat(text('{"task_id":'), quoted(taskId()))],
  ['top-level-array', 'M6', 'is an array', concat(text('['), submitPayload(), text(']'))],
  ['top-level-string', 'M6', 'is a string', quoted(taskId())],
  ['trailing-garbage', 'M5', 'has a letter after the object', concat(submitPayload(), text('x'))],
  ['trailing-value', 'M5', 'has a second object after the first', concat(submitPayload(), submitPayload())],
  ['trailing-nul', 'M5', 'has a NUL byte after the object', concat(submitPayload(), text('\0'))],
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

export const submitMalformed: readonly Scenario[] = [
  ...MALFORMED.map(
    ([name, clause, fault, payload]): Scenario => ({
      id: `submit/malformed-${name}`,
      clause,
      level: 'MUST',
      requirement: `A receiver does not answer 200 to a malformed SUBMIT whose payload ${fault}.`,
      steps: [send(frame(SUBMIT, payload))],
      accept: NOT_ACCEPTED,
      control: ANSWERED,
      likely: [
        {
          when: ['accepted'],
          cause:
            'The decoder is lenient: it stops at the end of the first value, converts types, or uses default values.',
        },
      ],
    }),
  ),
  {
    id: 'submit/malformed-not-left-hanging',
    clause: 'S6',
    level: 'SHOULD',
    requirement: 'A receiver closes the connection or answers 400 after a malformed SUBMIT.',
    steps: [send(frame(SUBMIT, text('{"task_id":')))],
    accept: [closes(), rejects()],
    control: ANSWERED,
    likely: [
      {
        when: ['no answer, open'],
        cause: 'The decoding error stops the processing of the frame, but the connection is left open.',
      },
      {
        when: ['accepted'],
        cause: 'The decoder falls back to an empty message when the payload is incomplete.',
      },
    ],
  },
];
