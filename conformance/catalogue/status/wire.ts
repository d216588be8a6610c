/** Section 5 of the protocol on the wire: a receiver never answers a STATUS_UPDATE (U1, F3, F4). */

import {
  type Bytes,
  concat,
  inBytes,
  JUSTIFICATION_CAP,
  MiB,
  repeat,
  STATUS_UPDATE,
  slice,
  TASK_STATES,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { frame, header, quoted, statusUpdate, string, submit } from '../../scenario/messages.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, fin, NOT_ANSWERED, send, sendInSegments, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

type Row = readonly [name: string, what: string, bytes: Bytes];

/** A STATUS_UPDATE must not be answered, whatever it contains. Its control is a SUBMIT, which must be answered. */
function unanswered([name, what, bytes]: Row, level: Level): Scenario {
  return {
    id: `status/${name}`,
    clause: 'U1',
    level,
    requirement: `A receiver does not answer a STATUS_UPDATE ${what}.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likely: [
      {
        when: ['answered'],
        cause: 'The receiver answers every message, with an acknowledgement or with status 400.',
      },
    ],
  };
}

const LEGAL: readonly Row[] = [
  ...TASK_STATES.map(
    (status): Row => [
      `unanswered-${status.toLowerCase()}`,
      `that sets an unknown task to ${status}`,
      statusUpdate({ status: string(status) }),
    ],
  ),
  [
    'unanswered-without-justification',
    'with an empty justification',
    statusUpdate({ justification: string('') }),
  ],
  ['unanswered-unknown-field', 'with an unknown field', statusUpdate({ at: string('now') })],
  ['unanswered-empty-object', 'without any fields', frame(STATUS_UPDATE, text('{}'))],
  [
    'unanswered-justification-at-cap',
    `with a justification of ${inBytes(JUSTIFICATION_CAP)}`,
    statusUpdate({ justification: quoted(repeat('a', JUSTIFICATION_CAP)) }),
  ],
  ['unanswered-id-path', 'whose task_id is a path', statusUpdate({ task_id: string('../../etc/passwd') })],
];

/** Updates that a receiver may refuse. It does not answer them either, since only a SUBMIT is answered with 400. */
const REFUSED: readonly Row[] = [
  ['unanswered-status-unknown', 'with an unknown status', statusUpdate({ status: string('PAUSED') })],
  [
    'unanswered-status-lower-case',
    'with a status in lower case',
    statusUpdate({ status: string('accepted') }),
  ],
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
  ['unanswered-empty-payload', 'with an empty payload', header(STATUS_UPDATE, 0)],
  ['unanswered-malformed', 'whose payload is incomplete JSON', frame(STATUS_UPDATE, text('{"task_id":'))],
  ['unanswered-array', 'whose payload is an array', frame(STATUS_UPDATE, text('[]'))],
  ['unanswered-trailing', 'with a letter after its object', frame(STATUS_UPDATE, text('{}x'))],
  ['unanswered-status-number', 'whose status is the number 200', statusUpdate({ status: text('200') })],
  ['unanswered-id-number', 'whose task_id is a number', statusUpdate({ task_id: text('1') })],
];

const endings: readonly Scenario[] = [
  {
    id: 'status/half-closed',
    clause: 'U1',
    level: 'MUST',
    requirement:
      'A receiver does not answer a STATUS_UPDATE after which the sender half-closes the connection.',
    steps: [send(statusUpdate()), fin()],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likely: [{ when: ['answered'], cause: 'The receiver writes an answer when the stream ends.' }],
  },
  {
    id: 'status/one-byte-at-a-time',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A receiver does not answer a STATUS_UPDATE that arrives one byte at a time.',
    steps: [sendInSegments(statusUpdate(), 1)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likely: [{ when: ['answered'], cause: 'A part of a frame is processed as if it were the whole frame.' }],
  },
  {
    id: 'status/truncated',
    clause: 'F4',
    level: 'MUST',
    requirement:
      'A receiver closes the connection without an answer when the stream ends inside a STATUS_UPDATE.',
    steps: [send(slice(statusUpdate(), 0, 60)), fin()],
    accept: [closes()],
    control: ANSWERED,
    likely: [
      {
        when: ['kept open', 'died'],
        cause: 'The end of the stream is not handled while the receiver waits for the rest of a payload.',
      },
      { when: ['answered'], cause: 'A part of a frame is processed as if it were the whole frame.' },
    ],
  },
  {
    id: 'status/then-submit',
    clause: 'U1',
    level: 'MUST',
    requirement:
      'A receiver answers only the SUBMIT, or nothing, when a STATUS_UPDATE and a SUBMIT arrive together.',
    steps: [send(concat(statusUpdate(), submit({ task_id: quoted(taskId(2)) })))],
    // A receiver may ignore the second frame (T2).
    accept: [answers({ taskId: taskId(2) }), closes(), silent()],
    control: ANSWERED,
    likely: [
      { when: ['number of frames', 'task_id wrong value'], cause: 'The receiver answers every message.' },
    ],
  },
];

export const statusScenarios: readonly Scenario[] = [
  ...LEGAL.map((row) => unanswered(row, 'MUST')),
  ...REFUSED.map((row) => unanswered(row, 'SHOULD')),
  ...endings,
];
