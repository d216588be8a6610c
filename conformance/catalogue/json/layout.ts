/** Different JSON texts of the same SUBMIT: order of fields, white space and escapes in names (S3). */

import { type Bytes, concat, SUBMIT, text } from '../../scenario/bytes.ts';
import { frame, members, object, SUBMIT_FIELDS, submitPayload } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

const { task_id, task_description, from_addr, to_addr } = SUBMIT_FIELDS;
const NL = text('\n');

const EQUIVALENT_TEXTS: readonly (readonly [name: string, what: string, payload: Bytes])[] = [
  [
    'reordered',
    'with its fields in another order',
    object({ to_addr, from_addr, task_description, task_id }),
  ],
  [
    'indented',
    'with indentation and one field per line',
    members([
      ['\n  "task_id" ', concat(text(' '), task_id)],
      ['\r\n\t"task_description"', concat(NL, task_description)],
      ['\n  "from_addr"', from_addr],
      ['\n  "to_addr"', concat(to_addr, NL)],
    ]),
  ],
  [
    'white-space-before',
    'with all kinds of JSON white space before the object',
    concat(text(' \t\r\n'), submitPayload()),
  ],
  [
    'white-space-behind',
    'with all kinds of JSON white space after the object',
    concat(submitPayload(), text(' \t\r\n')),
  ],
  [
    'escaped-name',
    'with escapes in the names of its fields',
    members([
      ['"task\\u005fid"', task_id],
      ['"t\\u0061sk_description"', task_description],
      ['"from_addr"', from_addr],
      ['"to_addr"', to_addr],
    ]),
  ],
];

export const jsonLayout: readonly Scenario[] = EQUIVALENT_TEXTS.map(
  ([name, what, payload]): Scenario => ({
    id: `json/${name}`,
    clause: 'S3',
    level: 'MUST',
    requirement: `A receiver reads a SUBMIT ${what} as the same message, and answers with its id.`,
    steps: [send(frame(SUBMIT, payload))],
    accept: [accepts()],
    needs: 'accepting',
    control: ANSWERED,
    likely: [
      {
        when: [...NO_ANSWER, 'rejected', 'task_id wrong value', 'task_id missing'],
        cause: 'The payload is searched with patterns instead of being parsed as JSON.',
      },
    ],
  }),
);
