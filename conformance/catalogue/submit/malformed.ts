/** SUBMITs with one fault, which are never accepted (S6). More of them, value by value, are in the json section. */

import {
  type Bytes,
  concat,
  frame,
  quoted,
  SUBMIT,
  submitPayload,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closes, NOT_ACCEPTED, rejects, send } from '../../scenario/steps.ts';
import { ANSWERED } from './answer.ts';

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

export const submitMalformed: readonly Scenario[] = [
  ...MALFORMED.map(
    ([name, clause, fault, payload]): Scenario => ({
      id: `submit/malformed-${name}`,
      clause,
      level: 'MUST',
      requirement: `A SUBMIT whose payload ${fault} is malformed and never answered with 200.`,
      steps: [send(frame(SUBMIT, payload))],
      accept: NOT_ACCEPTED,
      control: ANSWERED,
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
    control: ANSWERED,
    likelyCause: 'The decoding error ends the work on the frame, but not the connection.',
  },
];
