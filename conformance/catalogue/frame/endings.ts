/** Streams that end inside a frame (F4), by a half-close or by a reset. */

import {
  concat,
  frame,
  HEADER_BYTES,
  SUBMIT,
  size,
  slice,
  submit,
  submitPayload,
  text,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, fin, gone, NOT_ANSWERED, reset, send } from '../../scenario/steps.ts';
import { LEGAL } from './segments.ts';

const LEGAL_BYTES = size(submit());

export const frameEndings: readonly Scenario[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map(
    (count): Scenario => ({
      id: `frame/truncated-header-${count}`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A stream that ends after ${count} of the 8 header bytes gets no answer, and the connection is closed.`,
      steps: [...(count === 0 ? [] : [send(slice(submit(), 0, count))]), fin()],
      accept: [closes()],
      control: LEGAL,
      likelyCause: 'The end of the stream is not noticed while header bytes are awaited.',
    }),
  ),
  ...(
    [
      ['empty', HEADER_BYTES],
      ['half', HEADER_BYTES + 70],
      ['last-byte', LEGAL_BYTES - 1],
    ] as const
  ).map(
    ([name, count]): Scenario => ({
      id: `frame/truncated-payload-${name}`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A stream that ends ${LEGAL_BYTES - count} bytes before the end of a payload gets no answer, and the connection is closed.`,
      steps: [send(slice(submit(), 0, count)), fin()],
      accept: [closes()],
      control: LEGAL,
      likelyCause:
        'The payload is processed at the end of the stream, although fewer bytes came than were declared.',
    }),
  ),
  {
    id: 'frame/truncated-payload-whole-json',
    clause: 'F4',
    level: 'MUST',
    requirement:
      'A payload that is one byte shorter than declared is truncated when the stream ends, even if it is complete JSON.',
    steps: [send(frame(SUBMIT, submitPayload(), size(submitPayload()) + 1)), fin()],
    accept: [closes()],
    control: LEGAL,
    likelyCause: 'Whatever has arrived at the end of the stream is taken for the payload.',
  },
  {
    id: 'frame/payload-awaited',
    clause: 'F1',
    level: 'MUST',
    requirement: 'A payload that is complete JSON, but one byte shorter than declared, is not answered.',
    steps: [send(frame(SUBMIT, submitPayload(), size(submitPayload()) + 1))],
    accept: NOT_ANSWERED,
    control: LEGAL,
    likelyCause: 'The payload is taken to end where the JSON ends, or the declared length is not looked at.',
  },
  {
    id: 'frame/second-frame-truncated',
    clause: 'F4',
    level: 'MUST',
    requirement:
      'A complete frame is answered once, whatever becomes of a second one that the end of the stream cuts off.',
    steps: [send(concat(submit(), slice(submit(), 0, LEGAL_BYTES - 1))), fin()],
    // The half-close may cost the answer (T4).
    accept: [answers(), closes()],
    control: LEGAL,
    likelyCause:
      'At the end of the stream, what is left in the buffer is processed as if it were a whole frame.',
  },
  ...(
    [
      ['header', slice(submit(), 0, 4), 'inside a header'],
      ['header-only', slice(submit(), 0, HEADER_BYTES), 'between header and payload'],
      ['payload', slice(submit(), 0, HEADER_BYTES + 70), 'inside a payload'],
      ['unknown-type', frame(9, text('{"a":')), 'behind a frame of unknown type'],
    ] as const
  ).map(
    ([name, bytes, where]): Scenario => ({
      id: `frame/reset-in-${name}`,
      clause: 'F4',
      level: 'MUST',
      requirement: `A connection that is reset ${where} gets no answer, and the receiver goes on serving others.`,
      steps: [send(bytes), reset()],
      accept: [gone()],
      control: LEGAL,
      likelyCause: 'A read that fails, unlike one that finds the end of the stream, is not expected.',
    }),
  ),
];
