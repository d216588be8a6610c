/** Section 5 of the protocol on the wire: a receiver never answers a STATUS_UPDATE (U1, F3, F4). */

import {
  inBytes,
  JUSTIFICATION_CAP,
  MiB,
  repeat,
  STATUS_UPDATE,
  TASK_STATES,
  text,
} from '../../scenario/bytes.ts';
import { frame, header, quoted, statusUpdate, string } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Row, type Unanswered, unanswered, unansweredArrivals } from '../../scenario/unanswered.ts';
import { ANSWERED } from '../submit/answer.ts';

const MESSAGE: Unanswered = { section: 'status', type: 'STATUS_UPDATE', clause: 'U1', control: ANSWERED };

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

export const statusScenarios: readonly Scenario[] = [
  ...unanswered(MESSAGE, LEGAL, 'MUST'),
  ...unanswered(MESSAGE, REFUSED, 'SHOULD'),
  ...unansweredArrivals(MESSAGE, {
    message: statusUpdate(),
    beforeSubmit: statusUpdate(),
    inSegments: ['one-byte-at-a-time', 'one byte at a time', 1],
  }),
];
