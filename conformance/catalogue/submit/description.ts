/** The bound of a task description, which counts the UTF-8 bytes of the decoded string (S5). */

import { type Bytes, concat, DESCRIPTION_CAP, MiB, repeat, taskId, text } from '../../scenario/bytes.ts';
import { quoted, submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, answers, send } from '../../scenario/steps.ts';
import { ANSWERED } from './answer.ts';

const AT_CAP = 'submit/description-at-cap';

function description(token: Bytes): Bytes {
  return submit({ task_description: quoted(token) });
}

export const submitDescription: readonly Scenario[] = [
  ...(
    [
      ['below-cap', repeat('a', DESCRIPTION_CAP - 1), '16383 bytes'],
      ['at-cap', repeat('a', DESCRIPTION_CAP), '16384 bytes'],
      ['at-cap-two-byte', repeat('é', DESCRIPTION_CAP / 2), '8192 characters of 2 bytes each'],
      [
        'at-cap-three-byte',
        concat(repeat('語', 5461), text('a')),
        '5461 characters of 3 bytes each and one of 1 byte',
      ],
      ['at-cap-four-byte', repeat('🚀', DESCRIPTION_CAP / 4), '4096 characters of 4 bytes each'],
      [
        'at-cap-escaped',
        repeat('\\u0061', DESCRIPTION_CAP),
        '16384 bytes, written as 98304 bytes of escapes',
      ],
      [
        'at-cap-surrogate-escapes',
        repeat('\\ud83d\\ude80', DESCRIPTION_CAP / 4),
        '4096 characters of 4 bytes each, written as pairs of surrogate escapes',
      ],
      ['at-cap-line-breaks', repeat('\\n', DESCRIPTION_CAP), '16384 line breaks'],
    ] as const
  ).map(
    ([name, token, what]): Scenario => ({
      id: `submit/description-${name}`,
      clause: 'S5',
      level: 'MUST',
      requirement: `A receiver does not reject a description of up to 16384 bytes (here: ${what}).`,
      steps: [send(description(token))],
      accept: [accepts()],
      needs: 'accepting',
      control: ANSWERED,
      likelyCause:
        'The check excludes the bound itself, or counts something other than the UTF-8 bytes of the decoded string.',
    }),
  ),
  ...(
    [
      ['over-cap', repeat('a', DESCRIPTION_CAP + 1), '16385 bytes'],
      ['over-cap-two-byte', repeat('é', DESCRIPTION_CAP / 2 + 1), '8193 characters of 2 bytes each'],
      ['over-cap-three-byte', repeat('語', 5462), '5462 characters of 3 bytes each'],
      ['over-cap-four-byte', repeat('🚀', DESCRIPTION_CAP / 4 + 1), '4097 characters of 4 bytes each'],
      [
        'over-cap-by-one-of-two',
        concat(repeat('a', DESCRIPTION_CAP - 1), text('é')),
        '16384 characters, the last of which has 2 bytes',
      ],
      ['over-cap-escaped', repeat('\\u0061', DESCRIPTION_CAP + 1), '16385 bytes, written as escapes'],
      ['over-cap-white-space', repeat(' ', DESCRIPTION_CAP + 1), '16385 spaces'],
      ['far-over-cap', repeat('a', MiB), '1 MiB'],
    ] as const
  ).map(
    ([name, token, what]): Scenario => ({
      id: `submit/description-${name}`,
      clause: 'S5',
      level: 'MUST',
      requirement: `A receiver answers 400, with the same task_id, to a description of more than 16384 bytes (here: ${what}).`,
      steps: [send(description(token))],
      accept: [answers({ statuses: [400], taskId: taskId() })],
      control: AT_CAP,
      likelyCause:
        'The bound is not checked, or it counts characters or UTF-16 units instead of UTF-8 bytes.',
    }),
  ),
];
