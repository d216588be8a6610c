/** Section 5 of the protocol on the wire: a STATUS_UPDATE is never answered (U1). */

import {
  type Bytes,
  concat,
  frame,
  header,
  JUSTIFICATION_CAP,
  MiB,
  quoted,
  repeat,
  STATUS_UPDATE,
  slice,
  statusUpdate,
  string,
  submit,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { answers, closes, fin, NOT_ANSWERED, send, sendInSegments, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const STATUSES = [
  'NEW',
  'ACCEPTED',
  'DECLINED',
  'EXECUTING',
  'COMPLETED',
  'SUCCEEDED',
  'CANCELLED',
  'EXPIRED',
] as const;

type Row = readonly [name: string, what: string, bytes: Bytes];

/** A STATUS_UPDATE is not answered, whatever it says; a SUBMIT, its control, is. */
function unanswered([name, what, bytes]: Row, level: Level): Scenario {
  return {
    id: `status/${name}`,
    clause: 'U1',
    level,
    requirement: `A STATUS_UPDATE ${what} gets no answer.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likelyCause: 'Every message is acknowledged, or refused with an answer of status 400.',
  };
}

const LEGAL: readonly Row[] = [
  ...STATUSES.map(
    (status): Row => [
      `unanswered-${status.toLowerCase()}`,
      `to ${status} of an unknown task`,
      statusUpdate({ status: string(status) }),
    ],
  ),
  ['unanswered-without-justification', 'without a reason', statusUpdate({ justification: string('') })],
  ['unanswered-unknown-field', 'with an unknown field', statusUpdate({ at: string('now') })],
  ['unanswered-empty-object', 'without any field', frame(STATUS_UPDATE, text('{}'))],
  [
    'unanswered-justification-at-cap',
    'with a justification of 4096 bytes',
    statusUpdate({ justification: quoted(repeat('a', JUSTIFICATION_CAP)) }),
  ],
  ['unanswered-id-path', 'whose task_id is a path', statusUpdate({ task_id: string('../../etc/passwd') })],
];

/** What is refused is not answered either; an answer of 400 is due to a SUBMIT alone. */
const REFUSED: readonly Row[] = [
  ['unanswered-status-unknown', 'to a status that there is not', statusUpdate({ status: string('PAUSED') })],
  ['unanswered-status-lower-case', 'to a status in lower case', statusUpdate({ status: string('accepted') })],
  [
    'unanswered-justification-over-cap',
    'with a justification of 4097 bytes',
    statusUpdate({ justification: quoted(repeat('a', JUSTIFICATION_CAP + 1)) }),
  ],
  [
    'unanswered-justification-huge',
    'with a justification of 8 MiB',
    statusUpdate({ justification: quoted(repeat('a', 8 * MiB)) }),
  ],
  ['unanswered-empty-payload', 'without a payload', header(STATUS_UPDATE, 0)],
  ['unanswered-malformed', 'whose payload is no JSON', frame(STATUS_UPDATE, text('{"task_id":'))],
  ['unanswered-array', 'whose payload is an array', frame(STATUS_UPDATE, text('[]'))],
  ['unanswered-trailing', 'with a letter behind its object', frame(STATUS_UPDATE, text('{}x'))],
  ['unanswered-status-number', 'whose status is the number 200', statusUpdate({ status: text('200') })],
  ['unanswered-id-number', 'whose task_id is a number', statusUpdate({ task_id: text('1') })],
];

const endings: readonly Scenario[] = [
  {
    id: 'status/half-closed',
    clause: 'U1',
    level: 'MUST',
    requirement: 'A STATUS_UPDATE whose sender half-closes gets no answer.',
    steps: [send(statusUpdate()), fin()],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likelyCause: 'An answer is written when the stream ends.',
  },
  {
    id: 'status/one-byte-at-a-time',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A STATUS_UPDATE that arrives one byte at a time gets no answer.',
    steps: [sendInSegments(statusUpdate(), 1)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likelyCause: 'A part of a frame is processed as if it were the whole.',
  },
  {
    id: 'status/truncated',
    clause: 'F4',
    level: 'MUST',
    requirement: 'A stream that ends inside a STATUS_UPDATE gets no answer, and the connection is closed.',
    steps: [send(slice(statusUpdate(), 0, 60)), fin()],
    accept: [closes()],
    control: ANSWERED,
    likelyCause: 'The end of the stream is not noticed while a payload is awaited.',
  },
  {
    id: 'status/then-submit',
    clause: 'U1',
    level: 'MUST',
    requirement:
      'Of a STATUS_UPDATE and a SUBMIT at once, the SUBMIT alone is answered, if it is served at all.',
    steps: [send(concat(statusUpdate(), submit({ task_id: quoted(taskId(2)) })))],
    // Whether a second frame is served is free (T2).
    accept: [answers({ taskId: taskId(2) }), closes(), silent()],
    control: ANSWERED,
    likelyCause: 'Every message is acknowledged.',
  },
];

export const statusScenarios: readonly Scenario[] = [
  ...LEGAL.map((row) => unanswered(row, 'MUST')),
  ...REFUSED.map((row) => unanswered(row, 'SHOULD')),
  ...endings,
];
