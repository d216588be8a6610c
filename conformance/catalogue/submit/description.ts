/** The bound of a task description, which counts the UTF-8 bytes of the decoded string (S5). */

import {
  type Bytes,
  concat,
  DESCRIPTION_CAP,
  ID_BYTES,
  inBytes,
  MiB,
  repeat,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { quoted, submit } from '../../scenario/messages.ts';
import type { LikelyCause, Scenario } from '../../scenario/scenario.ts';
import { accepts, answers, send } from '../../scenario/steps.ts';
import { ANSWERED } from './answer.ts';

const AT_CAP = 'submit/description-at-cap';

function description(token: Bytes): Bytes {
  return submit({ task_description: quoted(token) });
}

/** A description of ASCII letters: its size in bytes → the text. Each begins with the task id, so that no two are equal. */
function letters(bytes: number): Bytes {
  return concat(taskId(), repeat('a', bytes - ID_BYTES));
}

/** Bytes of a description at the bound after the task id that it begins with. */
const REST = DESCRIPTION_CAP - ID_BYTES;
/** The most characters of 3 bytes that fit next to an id, and the fewest that are over the cap. */
const IN_THREE = Math.floor(REST / 3);
const OVER_IN_THREE = Math.floor(DESCRIPTION_CAP / 3) + 1;

type Row = readonly [name: string, token: Bytes, what: string, policyControl: Bytes];

/** A policy may reject long descriptions (S7). The control of each is a little shorter, or the same text in plain letters. */
const withinCap: readonly Row[] = [
  ['below-cap', letters(DESCRIPTION_CAP - 1), inBytes(DESCRIPTION_CAP - 1), letters(DESCRIPTION_CAP - 64)],
  ['at-cap', letters(DESCRIPTION_CAP), inBytes(DESCRIPTION_CAP), letters(DESCRIPTION_CAP - 1)],
  ...(
    [
      ['two-byte', repeat('é', REST / 2), `${REST / 2} characters of 2 bytes each`],
      [
        'three-byte',
        concat(repeat('語', IN_THREE), repeat('a', REST - 3 * IN_THREE)),
        `${IN_THREE} characters of 3 bytes each and ${REST - 3 * IN_THREE} of 1 byte`,
      ],
      ['four-byte', repeat('🚀', REST / 4), `${REST / 4} characters of 4 bytes each`],
      ['escaped', repeat('\\u0061', REST), `${inBytes(REST)}, written as ${inBytes(6 * REST)} of escapes`],
      [
        'surrogate-escapes',
        repeat('\\ud83d\\ude80', REST / 4),
        `${REST / 4} characters of 4 bytes each, written as pairs of surrogate escapes`,
      ],
      ['line-breaks', repeat('\\n', REST), `${REST} line breaks`],
    ] as const
  ).map(
    ([name, token, what]): Row => [
      `at-cap-${name}`,
      concat(taskId(), token),
      `an id of 36 bytes and ${what}`,
      letters(DESCRIPTION_CAP - 1),
    ],
  ),
];

/** The answer of 400 that every receiver gives to a description over the bound, whatever its policy. */
const REJECTED = 'submit/description-over-cap';

/** One condition on the answer of 400, which is often written by other code than that of 200. */
function rejection(
  name: string,
  clause: string,
  requirement: string,
  conditions: Parameters<typeof answers>[0],
  likely: LikelyCause,
): Scenario {
  return {
    id: `submit/rejection-${name}`,
    clause,
    level: 'MUST',
    requirement,
    steps: [send(description(repeat('a', DESCRIPTION_CAP + 1)))],
    accept: [answers(conditions)],
    control: REJECTED,
    likely: [likely],
  };
}

const rejections: readonly Scenario[] = [
  rejection(
    'type',
    'S1',
    'A receiver sends an answer of 400 as one frame of type 1 or 2, like one of 200.',
    { types: [1, 2], isResponse: true },
    { when: ['frame type'], cause: 'An answer of 400 is written as a message of another type.' },
  ),
  rejection(
    'message',
    'S4',
    'A receiver sends a string as the message of an answer of 400.',
    { message: 'string' },
    {
      when: ['message missing', 'message wrong type'],
      cause: 'An answer of 400 has a field of another name, such as error, or no message.',
    },
  ),
];

export const submitDescription: readonly Scenario[] = [
  ...rejections,
  ...withinCap.map(
    ([name, token, what, policyControl]): Scenario => ({
      id: `submit/description-${name}`,
      clause: 'S5',
      level: 'MUST',
      requirement: `A receiver does not reject a description of up to ${inBytes(DESCRIPTION_CAP)} (here: ${what}).`,
      steps: [send(description(token))],
      accept: [accepts()],
      needs: 'accepting',
      control: ANSWERED,
      policyControl: description(policyControl),
      likely: [
        {
          when: ['rejected'],
          cause:
            'The check excludes the bound itself, or counts something other than the UTF-8 bytes of the decoded string.',
        },
        {
          when: ['no answer, closed'],
          cause:
            'The limit is that of the whole message or of the escaped text, or is applied while the message is read.',
        },
      ],
    }),
  ),
  ...(
    [
      ['over-cap', repeat('a', DESCRIPTION_CAP + 1), inBytes(DESCRIPTION_CAP + 1)],
      [
        'over-cap-two-byte',
        repeat('é', DESCRIPTION_CAP / 2 + 1),
        `${DESCRIPTION_CAP / 2 + 1} characters of 2 bytes each`,
      ],
      ['over-cap-three-byte', repeat('語', OVER_IN_THREE), `${OVER_IN_THREE} characters of 3 bytes each`],
      [
        'over-cap-four-byte',
        repeat('🚀', DESCRIPTION_CAP / 4 + 1),
        `${DESCRIPTION_CAP / 4 + 1} characters of 4 bytes each`,
      ],
      [
        'over-cap-by-one-of-two',
        concat(repeat('a', DESCRIPTION_CAP - 1), text('é')),
        `${DESCRIPTION_CAP} characters, the last of which has 2 bytes`,
      ],
      [
        'over-cap-escaped',
        repeat('\\u0061', DESCRIPTION_CAP + 1),
        `${inBytes(DESCRIPTION_CAP + 1)}, written as escapes`,
      ],
      ['over-cap-white-space', repeat(' ', DESCRIPTION_CAP + 1), `${DESCRIPTION_CAP + 1} spaces`],
      ['far-over-cap', repeat('a', MiB), '1 MiB'],
    ] as const
  ).map(
    ([name, token, what]): Scenario => ({
      id: `submit/description-${name}`,
      clause: 'S5',
      level: 'MUST',
      requirement: `A receiver answers 400, with the same task_id, to a description of more than ${inBytes(DESCRIPTION_CAP)} (here: ${what}).`,
      steps: [send(description(token))],
      accept: [answers({ statuses: [400], taskId: taskId() })],
      control: AT_CAP,
      likely: [
        {
          when: ['accepted'],
          cause: 'The bound is not checked, or it counts characters or UTF-16 units instead of UTF-8 bytes.',
        },
        {
          when: ['no answer, closed'],
          cause: 'A description over the bound is taken as malformed, where S5 wants an answer of 400.',
        },
        {
          when: ['task_id missing', 'task_id wrong value'],
          cause: 'The rejection is built without the task_id of the request.',
        },
      ],
    }),
  ),
];
