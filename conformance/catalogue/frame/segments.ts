/** A frame, however it is cut into segments, and whatever stands behind it (F1, F3). SUBMIT, because only that is answered. */

import {
  concat,
  frame,
  HEADER_BYTES,
  KiB,
  littleEndianHeader,
  quoted,
  repeat,
  SUBMIT,
  size,
  slice,
  submit,
  submitPayload,
  taskId,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, answers, closes, pause, send, sendInSegments } from '../../scenario/steps.ts';

/** Long enough for a receiver on any machine to have read what was sent, short beside any deadline. */
const APART_MS = 20;
/** As long as a bad network may hold up a segment, short beside the documented deadline (S8). */
const LONG_APART_MS = 300;
const LEGAL_BYTES = size(submit());

/** The control of all scenarios of this section. */
export const LEGAL = 'frame/legal';

const whole: readonly Scenario[] = [
  {
    id: LEGAL,
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A frame is a type and a length, each a big-endian u32, and then as many payload bytes as the length says.',
    steps: [send(submit())],
    accept: [answers({ isResponse: true })],
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
  ...[3, 10].map(
    (count): Scenario => ({
      id: `frame/coalesced-${count}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `The first of ${count} frames that arrive at once is processed, whether or not the others are.`,
      steps: [
        send(
          concat(
            ...Array.from({ length: count }, (_, index) => submit({ task_id: quoted(taskId(index + 1)) })),
          ),
        ),
      ],
      accept: [answers({ frames: Array.from({ length: count }, (_, index) => index + 1), taskId: taskId() })],
      control: LEGAL,
      likelyCause:
        'Everything that one read returned is taken for the payload, instead of as many bytes as declared.',
    }),
  ),
  ...(
    [
      ['half-a-header', slice(submit(), 0, 4), 'half a header'],
      ['garbage', repeat('\xff', 64), 'bytes that are no frame'],
    ] as const
  ).map(
    ([name, behind, what]): Scenario => ({
      id: `frame/then-${name}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A frame is processed although ${what} stands right behind it.`,
      steps: [send(concat(submit(), behind))],
      accept: [answers({ taskId: taskId() })],
      control: LEGAL,
      likelyCause: 'The receiver looks at what follows a frame before it answers the frame.',
    }),
  ),
];

const CUTS = [
  ['inside-type', 2],
  ['between-type-and-length', 4],
  ['inside-length', 6],
  ['before-last-header-byte', HEADER_BYTES - 1],
  ['between-header-and-payload', HEADER_BYTES],
  ['behind-first-payload-byte', HEADER_BYTES + 1],
  ['inside-payload', HEADER_BYTES + 40],
  ['before-last-byte', LEGAL_BYTES - 1],
] as const;

/** One frame in two segments. */
function split(name: string, level: Scenario['level'], at: number, apartMs: number): Scenario {
  return {
    id: `frame/${name}`,
    clause: 'F3',
    level,
    requirement: `A frame may arrive in two segments, the second ${apartMs} ms after the first, split after ${at} bytes.`,
    steps: [send(slice(submit(), 0, at)), pause(apartMs), send(slice(submit(), at))],
    accept: [answers()],
    control: LEGAL,
    likelyCause: 'A single read is expected to return the whole header or the whole payload.',
  };
}

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
  ...[2, 3, 7, 9].map(
    (segmentBytes): Scenario => ({
      id: `frame/segments-of-${segmentBytes}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A frame may arrive in any segmentation, ${segmentBytes} bytes at a time included.`,
      steps: [sendInSegments(submit(), segmentBytes)],
      accept: [answers()],
      control: LEGAL,
      likelyCause: 'Segments are taken for parts of a frame: one for the header, another for the payload.',
    }),
  ),
  ...CUTS.map(([name, at]) => split(`split-${name}`, 'MUST', at, APART_MS)),
  // A receiver may bound a silence inside a frame, and no clause says how tightly (T6).
  ...CUTS.filter(([name]) =>
    ['inside-type', 'between-header-and-payload', 'inside-payload'].includes(name),
  ).map(([name, at]) => split(`long-pause-${name}`, 'SHOULD', at, LONG_APART_MS)),
  {
    id: 'frame/large-in-segments',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A payload of 256 KiB may arrive in segments of 1460 bytes.',
    steps: [sendInSegments(paddedSubmit(256 * KiB), 1460)],
    accept: [accepts()],
    needs: 'accepting',
    control: LEGAL,
    likelyCause:
      'A payload is read with one read, which returns what has arrived and not what was asked for.',
  },
];

/** A legal SUBMIT whose payload is filled with white space up to a size. */
export function paddedSubmit(payloadBytes: number) {
  const payload = submitPayload();
  return frame(SUBMIT, concat(payload, repeat(' ', payloadBytes - size(payload))));
}

export const frameSegments: readonly Scenario[] = [...whole, ...segmentations];
