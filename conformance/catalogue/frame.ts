/** Section 2 of the protocol: the frame (F1–F9), judged with SUBMIT frames because only they are answered. */

import {
  concat,
  frame,
  HEADER_BYTES,
  header,
  littleEndianHeader,
  PAYLOAD_CAP,
  quoted,
  RESULT,
  repeat,
  SUBMIT,
  size,
  slice,
  submit,
  submitPayload,
  taskId,
} from '../bytes.ts';
import type { Scenario } from '../scenario.ts';
import { answers, closes, fin, pause, rejects, send, sendInSegments, silent } from '../steps.ts';

/** Long enough for a receiver on any machine to have read what was sent, short beside any deadline. */
const APART_MS = 20;

const LEGAL = 'frame/legal';
const LEGAL_BYTES = size(submit());

/** A legal SUBMIT whose payload is filled with white space up to a size. */
function paddedSubmit(payloadBytes: number) {
  const payload = submitPayload();
  return frame(SUBMIT, concat(payload, repeat(' ', payloadBytes - size(payload))));
}

const whole: readonly Scenario[] = [
  {
    id: LEGAL,
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A frame is a type and a length, each a big-endian u32, and then as many payload bytes as the length says.',
    steps: [send(submit())],
    accept: [answers()],
    likelyCause:
      'The header is read in the wrong byte order (little-endian, this length would be far over the cap), or the length is taken to include the 8 header bytes.',
  },
  {
    id: 'frame/little-endian-refused',
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A header whose numbers are little-endian is not understood: read big-endian, its length is over the cap.',
    steps: [send(concat(littleEndianHeader(SUBMIT, size(submitPayload())), submitPayload()))],
    accept: [closes()],
    control: LEGAL,
    likelyCause: 'The header is read in the byte order of the machine instead of big-endian.',
  },
  {
    id: 'frame/coalesced',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A frame is processed although bytes of a next frame arrive right behind it.',
    steps: [send(concat(submit(), submit({ task_id: quoted(taskId(2)) })))],
    accept: [answers({ frames: [1, 2] })],
    control: LEGAL,
    likelyCause:
      'Everything that one read returned is taken for the payload, instead of as many bytes as declared.',
  },
  {
    id: 'frame/next-frame-incomplete',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A frame is processed although only a part of a next frame has arrived behind it.',
    steps: [send(concat(submit(), slice(submit(), 0, HEADER_BYTES + 5)))],
    accept: [answers()],
    control: LEGAL,
    likelyCause: 'The receiver waits for the next frame before it answers the complete one.',
  },
];

const segmentations: readonly Scenario[] = [
  {
    id: 'frame/one-byte-at-a-time',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A frame may arrive in any segmentation, one byte at a time included.',
    steps: [sendInSegments(submit(), 1)],
    accept: [answers()],
    control: LEGAL,
    likelyCause: 'A single read is expected to return the whole header or the whole payload.',
  },
  ...(
    [
      ['inside-type', 2],
      ['between-type-and-length', 4],
      ['inside-length', 6],
      ['between-header-and-payload', HEADER_BYTES],
      ['inside-payload', HEADER_BYTES + 40],
    ] as const
  ).map(
    ([name, at]): Scenario => ({
      id: `frame/split-${name}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A frame may arrive in two segments, the second later than the first, split after ${at} bytes.`,
      steps: [send(slice(submit(), 0, at)), pause(APART_MS), send(slice(submit(), at))],
      accept: [answers()],
      control: LEGAL,
      likelyCause: 'A single read is expected to return the whole header or the whole payload.',
    }),
  ),
];

const truncations: readonly Scenario[] = [
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
];

const lengths: readonly Scenario[] = [
  {
    id: 'frame/zero-length',
    clause: 'F8',
    level: 'MUST',
    requirement:
      'A SUBMIT frame of length 0 is a legal frame whose payload is no legal JSON: it is never accepted.',
    steps: [send(header(SUBMIT, 0))],
    accept: [closes(), rejects(), silent()],
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
];

const TYPES = [
  ['zero', 0],
  ['result', RESULT],
  ['five', 5],
  ['low-byte-only', 0x00000101],
  ['high-byte-only', 0x01000000],
  ['all-ones', 2 ** 32 - 1],
] as const;

const types: readonly Scenario[] = [
  ...TYPES.map(
    ([name, type]): Scenario => ({
      id: `frame/type-${name}-unanswered`,
      clause: 'F7',
      level: 'MUST',
      requirement: `A frame of type ${type} gets no answer: a server answers type 1 alone, and all 32 bits of a type count.`,
      steps: [send(frame(type, submitPayload()))],
      accept: [closes(), silent()],
      control: LEGAL,
      likelyCause: 'The type is not looked at, or only a part of its four bytes is.',
    }),
  ),
  ...TYPES.filter(([name]) => name === 'result' || name === 'five').map(
    ([name, type]): Scenario => ({
      id: `frame/type-${name}-closed`,
      clause: 'F7',
      level: 'SHOULD',
      requirement: `After a frame of type ${type}, which no server processes, the connection is closed within 5 s.`,
      steps: [send(frame(type, submitPayload()))],
      accept: [closes()],
      control: LEGAL,
      likelyCause: 'A frame of another type is ignored and the next one awaited.',
    }),
  ),
];

export const frameScenarios: readonly Scenario[] = [
  ...whole,
  ...segmentations,
  ...truncations,
  ...lengths,
  ...types,
];
