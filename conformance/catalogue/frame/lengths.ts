/** Declared lengths: at the cap and over it, none at all, and those that do not fit the payload (F2, F8). */

import {
  frame,
  header,
  PAYLOAD_CAP,
  repeat,
  SUBMIT,
  size,
  submitPayload,
  text,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, NOT_ACCEPTED, send, silent } from '../../scenario/steps.ts';
import { LEGAL, paddedSubmit } from './segments.ts';

export const frameLengths: readonly Scenario[] = [
  {
    id: 'frame/zero-length',
    clause: 'F8',
    level: 'MUST',
    requirement:
      'A SUBMIT frame of length 0 is a legal frame whose payload is no legal JSON: it is never accepted.',
    steps: [send(header(SUBMIT, 0))],
    accept: NOT_ACCEPTED,
    control: LEGAL,
    likelyCause: 'An empty payload is taken for an empty message.',
  },
  {
    id: 'frame/length-at-cap-header',
    clause: 'F2',
    level: 'MUST',
    requirement: 'A header that declares exactly 16 MiB is legal: the receiver waits for the payload.',
    steps: [send(header(SUBMIT, PAYLOAD_CAP))],
    accept: [silent()],
    control: LEGAL,
    likelyCause: 'The length is compared with >= instead of >, or a lower limit is set.',
  },
  {
    id: 'frame/length-at-cap',
    clause: 'F2',
    level: 'MUST',
    requirement: 'A frame with a payload of exactly 16 MiB is legal and processed.',
    steps: [send(paddedSubmit(PAYLOAD_CAP))],
    accept: [answers()],
    control: LEGAL,
    likelyCause: 'The length is compared with >= instead of >, or a lower limit is set.',
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
      requirement: `A declared length of ${declared} is over 16 MiB: no answer, and the connection is closed without awaiting the payload.`,
      steps: [send(header(SUBMIT, declared))],
      accept: [closes()],
      control: 'frame/length-at-cap-header',
      likelyCause:
        'The length is not compared with the cap before the payload is awaited, or it is read as a signed number.',
    }),
  ),
  {
    id: 'frame/length-over-cap-with-payload',
    clause: 'F2',
    level: 'MUST',
    requirement:
      'A frame over 16 MiB is refused also when its whole payload is sent: no answer, and the connection is closed.',
    steps: [send(paddedSubmit(PAYLOAD_CAP + 1))],
    accept: [closes()],
    control: 'frame/length-at-cap',
    likelyCause: 'The length is not compared with the cap before the payload is read.',
  },
  {
    id: 'frame/length-below-cap',
    clause: 'F2',
    level: 'MUST',
    requirement: 'A frame with a payload of one byte less than 16 MiB is legal and processed.',
    steps: [send(paddedSubmit(PAYLOAD_CAP - 1))],
    accept: [answers()],
    control: LEGAL,
    likelyCause: 'A lower limit is set, or a payload of this size takes longer than the deadline.',
  },
  {
    id: 'frame/length-one',
    clause: 'S6',
    level: 'MUST',
    requirement: 'A SUBMIT with a payload of a single opening brace is malformed and never accepted.',
    steps: [send(frame(SUBMIT, text('{')))],
    accept: NOT_ACCEPTED,
    control: LEGAL,
    likelyCause: 'A payload that is too short to hold a message is taken for an empty one.',
  },
  {
    id: 'frame/length-two',
    clause: 'M2',
    level: 'MUST',
    requirement: 'A SUBMIT with the payload {} is legal, with all its fields empty, and is answered.',
    steps: [send(frame(SUBMIT, text('{}')))],
    accept: [answers({ statuses: [200, 400] })],
    control: LEGAL,
    likelyCause: 'A minimum length is set for payloads, or fields are required.',
  },
  {
    id: 'frame/length-shorter-than-json',
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A payload ends where the header says, so a SUBMIT whose JSON goes on behind that is never accepted.',
    steps: [send(frame(SUBMIT, submitPayload(), size(submitPayload()) - 1))],
    accept: NOT_ACCEPTED,
    control: LEGAL,
    likelyCause: 'The declared length is not looked at: the payload is taken to end where the JSON ends.',
  },
  {
    id: 'frame/length-over-cap-in-part',
    clause: 'F2',
    level: 'MUST',
    requirement:
      'A receiver that has got 64 KiB of a payload over 16 MiB has closed: it does not read on to its end.',
    steps: [send(header(SUBMIT, PAYLOAD_CAP + 1)), send(repeat(' ', 64 * 1024))],
    accept: [closes()],
    control: 'frame/length-at-cap-header',
    likelyCause: 'An oversized payload is drained before the connection is closed.',
  },
];
