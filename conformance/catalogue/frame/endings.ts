/** Streams that end inside a frame (F4), by a half-close or by a reset. */

import { concat, HEADER_BYTES, SUBMIT, size, slice, text } from '../../scenario/bytes.ts';
import { frame, submit, submitPayload } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, fin, NOT_ANSWERED, reset, send, silentUntilReset } from '../../scenario/steps.ts';
import { LEGAL } from './segments.ts';

const LEGAL_BYTES = size(submit());

export const frameEndings: readonly Scenario[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map(
    (count): Scenario => ({
      id: `frame/truncated-header-${count}`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A receiver closes without an answer when the stream ends after ${count} of the 8 header bytes.`,
      steps: [...(count === 0 ? [] : [send(slice(submit(), 0, count))]), fin()],
      accept: [closes()],
      control: LEGAL,
      likely: [
        {
          when: ['kept open', 'died'],
          cause: 'The end of the stream is not handled while the header is being read.',
        },
        {
          when: ['answered'],
          cause: 'An incomplete header is processed, or the end of the stream is answered as an error.',
        },
      ],
    }),
  ),
  ...(
    [
      ['empty', HEADER_BYTES, `${LEGAL_BYTES - HEADER_BYTES} bytes`],
      ['half', HEADER_BYTES + 70, `${LEGAL_BYTES - HEADER_BYTES - 70} bytes`],
      ['last-byte', LEGAL_BYTES - 1, 'one byte'],
    ] as const
  ).map(
    ([name, count, missing]): Scenario => ({
      id: `frame/truncated-payload-${name}`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A receiver closes without an answer when the stream ends ${missing} before the end of the payload.`,
      steps: [send(slice(submit(), 0, count)), fin()],
      accept: [closes()],
      control: LEGAL,
      likely: [
        {
          when: ['answered'],
          cause: 'The payload is processed at the end of the stream although it is shorter than declared.',
        },
        {
          when: ['kept open', 'died'],
          cause: 'The end of the stream is not handled while the payload is being read.',
        },
      ],
    }),
  ),
  {
    id: 'frame/truncated-payload-whole-json',
    clause: 'F4',
    level: 'MUST',
    requirement:
      'A receiver closes without an answer when the stream ends one byte before the declared length, even if the payload is complete JSON.',
    steps: [send(frame(SUBMIT, submitPayload(), size(submitPayload()) + 1)), fin()],
    accept: [closes()],
    control: LEGAL,
    likely: [
      {
        when: ['answered'],
        cause: 'The bytes that have arrived at the end of the stream are taken as the whole payload.',
      },
      {
        when: ['kept open', 'died'],
        cause: 'The end of the stream is not handled while the payload is being read.',
      },
    ],
  },
  {
    id: 'frame/payload-awaited',
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A receiver does not answer before the declared length has arrived, even if the payload is already complete JSON.',
    steps: [send(frame(SUBMIT, submitPayload(), size(submitPayload()) + 1))],
    accept: NOT_ANSWERED,
    control: LEGAL,
    likely: [
      {
        when: ['answered'],
        cause: 'The payload is taken to end where the JSON ends, or the declared length is ignored.',
      },
    ],
  },
  {
    id: 'frame/second-frame-truncated',
    clause: 'F4',
    level: 'MUST',
    requirement:
      'A receiver does not answer a second frame that the end of the stream truncates, and answers the complete first frame at most once.',
    steps: [send(concat(submit(), slice(submit(), 0, LEGAL_BYTES - 1))), fin()],
    // The answer may be lost after a half-close (T4).
    accept: [answers(), closes()],
    control: LEGAL,
    likely: [
      {
        when: ['number of frames'],
        cause: 'At the end of the stream, the bytes left in the buffer are processed as a complete frame.',
      },
      {
        when: ['no answer, open'],
        cause: 'The end of the stream is not handled while a second frame is being read.',
      },
    ],
  },
  ...(
    [
      ['header', slice(submit(), 0, 4), 'inside a header'],
      ['header-only', slice(submit(), 0, HEADER_BYTES), 'between header and payload'],
      ['payload', slice(submit(), 0, HEADER_BYTES + 70), 'inside a payload'],
      ['unknown-type', frame(9, text('{"a":')), 'after a frame of unknown type'],
    ] as const
  ).map(
    ([name, bytes, where]): Scenario => ({
      id: `frame/reset-in-${name}`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A receiver sends no answer on a connection that is reset ${where}, and continues to serve other connections.`,
      steps: [send(bytes), reset()],
      accept: [silentUntilReset()],
      control: LEGAL,
      ...(name !== 'unknown-type' && {
        likely: [
          {
            when: ['died'],
            cause: 'The code handles the end of the stream, but not a read that fails because of a reset.',
          },
        ],
      }),
    }),
  ),
];
