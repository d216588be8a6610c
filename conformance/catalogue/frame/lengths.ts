/** Declared lengths: at the cap, above the cap, zero, and different from the length of the payload (F1, F2, F8). */

import { inBytes, PAYLOAD_CAP, repeat, SUBMIT, size, text } from '../../scenario/bytes.ts';
import { frame, header, submitPayload } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, NOT_ACCEPTED, send, silent } from '../../scenario/steps.ts';
import { LEGAL, paddedSubmit } from './segments.ts';

const CAP_CAUSE = `The length is compared with >= instead of >, or the cap is lower than ${inBytes(PAYLOAD_CAP)}.`;

export const frameLengths: readonly Scenario[] = [
  {
    id: 'frame/zero-length',
    clause: 'F8',
    level: 'MUST',
    requirement:
      'A receiver does not accept a SUBMIT frame of length 0: the frame is legal, but its empty payload is not legal JSON.',
    steps: [send(header(SUBMIT, 0))],
    accept: NOT_ACCEPTED,
    control: LEGAL,
    likely: [
      { when: ['accepted'], cause: 'An empty payload is taken as a message whose fields are all empty.' },
    ],
  },
  {
    id: 'frame/length-at-cap-header',
    clause: 'F2',
    level: 'MUST',
    requirement: `A receiver waits for the payload when a header declares exactly ${inBytes(PAYLOAD_CAP)}, which is legal.`,
    steps: [send(header(SUBMIT, PAYLOAD_CAP))],
    accept: [silent()],
    control: LEGAL,
    likely: [
      {
        when: ['closed'],
        cause: `The payload is expected together with its header, the length is compared with >= instead of >, or the cap is lower than ${inBytes(PAYLOAD_CAP)}.`,
      },
      { when: ['answered'], cause: 'The header is answered before its payload has arrived.' },
    ],
  },
  {
    id: 'frame/length-at-cap',
    clause: 'F2',
    level: 'MUST',
    requirement: `A receiver answers a SUBMIT with a payload of exactly ${inBytes(PAYLOAD_CAP)}, which is legal.`,
    steps: [send(paddedSubmit(PAYLOAD_CAP))],
    accept: [answers()],
    control: LEGAL,
    likely: [
      { when: ['no answer, closed'], cause: CAP_CAUSE },
      {
        when: ['no answer, open'],
        cause:
          'Processing a payload of this size takes longer than the deadline, or a part of it is not read.',
      },
    ],
  },
  ...(
    [
      ['over-cap', PAYLOAD_CAP + 1],
      ['twice-the-cap', 2 * PAYLOAD_CAP],
      ['int-max', 2 ** 31 - 1],
      ['sign-bit', 2 ** 31],
      ['all-ones', 2 ** 32 - 1],
    ] as const
  ).map(
    ([name, declared]): Scenario => ({
      id: `frame/length-${name}`,
      clause: 'F2',
      level: 'MUST',
      requirement: `A receiver closes without an answer, before it reads the payload, when the declared length is ${declared} (above ${inBytes(PAYLOAD_CAP)}).`,
      steps: [send(header(SUBMIT, declared))],
      accept: [closes()],
      control: 'frame/length-at-cap-header',
      likely: [
        {
          when: ['kept open'],
          cause:
            'The cap is checked after the payload is read, or not at all, or the length is read as a signed number.',
        },
        {
          when: ['answered'],
          cause:
            'A frame that is refused is answered, or the header is answered before its length is checked.',
        },
        {
          when: ['died'],
          cause: 'Memory for the declared length is allocated before the length is checked.',
        },
      ],
    }),
  ),
  {
    id: 'frame/length-over-cap-with-payload',
    clause: 'F2',
    level: 'MUST',
    requirement: `A receiver closes without an answer when the declared length is above ${inBytes(PAYLOAD_CAP)}, even if the whole payload is sent.`,
    steps: [send(paddedSubmit(PAYLOAD_CAP + 1))],
    accept: [closes()],
    control: 'frame/length-at-cap',
    likely: [
      {
        when: ['answered', 'kept open'],
        cause: 'The cap is checked after the payload is read, or not at all.',
      },
    ],
  },
  {
    id: 'frame/length-below-cap',
    clause: 'F2',
    level: 'MUST',
    requirement: `A receiver answers a SUBMIT with a payload of one byte less than ${inBytes(PAYLOAD_CAP)}, which is legal.`,
    steps: [send(paddedSubmit(PAYLOAD_CAP - 1))],
    accept: [answers()],
    control: LEGAL,
    likely: [
      { when: ['no answer, closed'], cause: `The cap is lower than ${inBytes(PAYLOAD_CAP)}.` },
      {
        when: ['no answer, open'],
        cause: 'Processing a payload of this size takes longer than the deadline.',
      },
    ],
  },
  {
    id: 'frame/length-one',
    clause: 'S6',
    level: 'MUST',
    requirement:
      'A receiver does not accept a SUBMIT whose payload is a single opening brace, which makes it malformed.',
    steps: [send(frame(SUBMIT, text('{')))],
    accept: NOT_ACCEPTED,
    control: LEGAL,
    likely: [
      {
        when: ['accepted'],
        cause:
          'A payload that is too short to hold a message is taken as a message whose fields are all empty.',
      },
    ],
  },
  {
    id: 'frame/length-two',
    clause: 'M2',
    level: 'MUST',
    requirement:
      'A receiver reads a SUBMIT with the payload {} as a legal message whose fields are all empty, and answers it with 200 or 400.',
    steps: [send(frame(SUBMIT, text('{}')))],
    accept: [answers({ statuses: [200, 400], taskId: text('') })],
    control: LEGAL,
    likely: [
      { when: NO_ANSWER, cause: 'The code requires a minimum payload length, or the presence of fields.' },
    ],
  },
  {
    id: 'frame/length-shorter-than-json',
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A receiver takes only the declared number of bytes as the payload, and does not accept a SUBMIT whose JSON is one byte longer.',
    steps: [send(frame(SUBMIT, submitPayload(), size(submitPayload()) - 1))],
    accept: NOT_ACCEPTED,
    control: LEGAL,
    likely: [
      {
        when: ['accepted'],
        cause: 'The declared length is ignored, and the payload is taken to end where the JSON ends.',
      },
    ],
  },
  {
    id: 'frame/length-over-cap-in-part',
    clause: 'F2',
    level: 'MUST',
    requirement: `A receiver closes without an answer when the declared length is above ${inBytes(PAYLOAD_CAP)} and 64 KiB of the payload have arrived, and does not read the rest.`,
    steps: [send(header(SUBMIT, PAYLOAD_CAP + 1)), send(repeat(' ', 64 * 1024))],
    accept: [closes()],
    control: 'frame/length-at-cap-header',
    likely: [
      {
        when: ['kept open'],
        cause: 'A payload above the cap is read to its end before the connection is closed.',
      },
    ],
  },
];
