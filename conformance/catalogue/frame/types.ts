/** Frame types: a server answers type 1 only, and all 32 bits of the type count (F6, F7, U1, R1). */

import { RESULT, SEND_RESULTS, STATUS_UPDATE, SUBMIT } from '../../scenario/bytes.ts';
import { frame, header, submitPayload } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closes, NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { LEGAL } from './segments.ts';

/** Type 1 in little-endian byte order. */
const HIGH_BYTE_ONLY = 0x01000000;

const TYPES = [
  ['zero', 0],
  ['result', RESULT],
  ['five', 5],
  ['low-byte-only', 0x00000101],
  ['high-byte-only', HIGH_BYTE_ONLY],
  ['second-byte-too', 0x00010001],
  ['sign-bit-too', 0x80000001],
  ['byte-max', 255],
  ['all-ones', 2 ** 32 - 1],
] as const;

export const frameTypes: readonly Scenario[] = [
  ...TYPES.map(
    ([name, type]): Scenario => ({
      id: `frame/type-${name}-unanswered`,
      clause: type % 256 === SUBMIT || type === HIGH_BYTE_ONLY ? 'F6' : 'F7',
      level: 'MUST',
      requirement: `A receiver does not answer a frame of type ${type}: a server answers type 1 only, and all 32 bits of the type count.`,
      steps: [send(frame(type, submitPayload()))],
      accept: NOT_ANSWERED,
      control: LEGAL,
      likely: [
        { when: ['answered'], cause: 'The type is ignored, or only some of its four bytes are compared.' },
      ],
    }),
  ),
  ...TYPES.filter(([name]) => name === 'result' || name === 'five').map(
    ([name, type]): Scenario => ({
      id: `frame/type-${name}-closed`,
      clause: 'F7',
      level: 'SHOULD',
      requirement: `A receiver closes without an answer within 5 seconds after a frame of type ${type}, which a server does not process.`,
      steps: [send(frame(type, submitPayload()))],
      accept: [closes()],
      control: LEGAL,
      likely: [
        {
          when: ['kept open'],
          cause: 'The frame is skipped, and the connection stays open for the next frame.',
        },
        { when: ['answered'], cause: 'The type of the frame is ignored.' },
      ],
    }),
  ),
  ...(
    [
      ['status-update', STATUS_UPDATE, 'U1'],
      ['send-results', SEND_RESULTS, 'R1'],
    ] as const
  ).map(
    ([name, type, clause]): Scenario => ({
      id: `frame/type-${name}-unanswered`,
      clause,
      level: 'MUST',
      requirement: `A receiver does not answer a frame of type ${type}, even if its payload is that of a SUBMIT.`,
      steps: [send(frame(type, submitPayload()))],
      accept: NOT_ANSWERED,
      control: LEGAL,
      likely: [
        {
          when: ['answered'],
          cause: 'The kind of message is derived from the payload instead of from the type.',
        },
      ],
    }),
  ),
  {
    id: 'frame/type-five-without-payload',
    clause: 'F7',
    level: 'MUST',
    requirement: 'A receiver does not answer a frame of type 5 and length 0.',
    steps: [send(header(5, 0))],
    accept: NOT_ANSWERED,
    control: LEGAL,
    likely: [
      {
        when: ['answered'],
        cause:
          'The length is checked before the type, and an empty payload is answered whatever the type is.',
      },
    ],
  },
];
