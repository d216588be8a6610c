/** A frame in any segmentation and with any bytes after it (F1, F3). All frames are SUBMITs, because only SUBMIT is answered. */

import {
  type Bytes,
  concat,
  HEADER_BYTES,
  KiB,
  repeat,
  SUBMIT,
  size,
  slice,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { frame, littleEndianHeader, quoted, submit, submitPayload } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, answers, answersSome, closes, pause, send, sendInSegments } from '../../scenario/steps.ts';

/** Long enough for a receiver to read the first segment separately, and much shorter than any deadline. */
const SHORT_DELAY_MS = 20;
/** A delay that a bad network can cause, much shorter than the documented deadline (S8). */
const LONG_DELAY_MS = 300;
const LEGAL_BYTES = size(submit());

const ALL_READ_CAUSE =
  'All bytes that one read returns are taken as the payload, instead of the declared number of bytes.';
const SLOW_CAUSE =
  'A timeout is shorter than the delays of a slow network, or a single read is expected to return the whole frame.';
const HEADER_CAUSE =
  'The header is read as little-endian, the length is taken to include the 8 header bytes, or an error occurs before the answer is written.';
const SINGLE_READ_CAUSE = 'A single read is expected to return the whole header or the whole payload.';

const SEVERAL_IDS_CAUSE =
  'Only the last one of the frames is answered, or state of one frame is still set when the next one is answered.';

/** The ids of this many requests. */
function someIds(count: number): readonly Bytes[] {
  return Array.from({ length: count }, (_, at) => taskId(at + 1));
}

/** The id of the control of most scenarios of this section. */
export const LEGAL = 'frame/legal';

const whole: readonly Scenario[] = [
  {
    id: LEGAL,
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A receiver answers a SUBMIT whose header is a type and a payload length, each an unsigned 32-bit big-endian integer.',
    steps: [send(submit())],
    accept: [answers()],
    // Bytes that come before anything was sent are no sign of a header that is read wrongly.
    control: 'transport/does-not-speak-first',
    likely: [{ when: NO_ANSWER, cause: HEADER_CAUSE }],
  },
  {
    id: 'frame/little-endian-refused',
    clause: 'F1',
    level: 'MUST',
    requirement:
      'A receiver reads a little-endian header as big-endian, and closes without an answer because the length is then above the cap.',
    steps: [send(concat(littleEndianHeader(SUBMIT, size(submitPayload())), submitPayload()))],
    accept: [closes()],
    control: LEGAL,
    likely: [
      {
        when: ['answered'],
        cause: 'The header is read in the byte order of the machine instead of big-endian.',
      },
      { when: ['kept open'], cause: 'The length is not compared with the cap.' },
    ],
  },
  {
    id: 'frame/coalesced',
    clause: 'F3',
    level: 'MUST',
    requirement:
      'A receiver answers the first of two frames that arrive together, and may answer the second one, each with its own task_id.',
    steps: [send(concat(submit(), submit({ task_id: quoted(taskId(2)) })))],
    accept: [answersSome([taskId(), taskId(2)])],
    control: LEGAL,
    likely: [
      { when: NO_ANSWER, cause: ALL_READ_CAUSE },
      { when: ['task_id wrong value'], cause: SEVERAL_IDS_CAUSE },
    ],
  },
  {
    id: 'frame/next-frame-incomplete',
    clause: 'F3',
    level: 'MUST',
    requirement:
      'A receiver answers a complete frame without waiting for the rest of an incomplete frame that follows it.',
    steps: [send(concat(submit(), slice(submit(), 0, HEADER_BYTES + 5)))],
    accept: [answers()],
    control: LEGAL,
    likely: [
      {
        when: ['no answer, open'],
        cause: 'The receiver waits for the whole next frame before it answers the complete one.',
      },
      { when: ['no answer, closed'], cause: ALL_READ_CAUSE },
    ],
  },
  ...[3, 10].map(
    (count): Scenario => ({
      id: `frame/coalesced-${count}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A receiver answers the first of ${count} frames that arrive together, and may answer the others, each with its own task_id.`,
      steps: [send(concat(...someIds(count).map((id) => submit({ task_id: quoted(id) }))))],
      accept: [answersSome(someIds(count))],
      control: LEGAL,
      likely: [
        { when: NO_ANSWER, cause: ALL_READ_CAUSE },
        { when: ['task_id wrong value'], cause: SEVERAL_IDS_CAUSE },
      ],
    }),
  ),
  ...(
    [
      ['half-a-header', slice(submit(), 0, 4), 'half a header'],
      ['garbage', repeat('\xff', 64), 'bytes that are not a frame'],
    ] as const
  ).map(
    ([name, following, what]): Scenario => ({
      id: `frame/then-${name}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A receiver answers a frame that is followed directly by ${what}.`,
      steps: [send(concat(submit(), following))],
      accept: [answers({ taskId: taskId() })],
      control: LEGAL,
      likely: [
        { when: NO_ANSWER, cause: 'The bytes after a frame are parsed before the frame is answered.' },
      ],
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

/** One frame in two segments: the first has `at` bytes, and the second follows after `delayMs`. */
function split(name: string, level: Scenario['level'], at: number, delayMs: number): Scenario {
  return {
    id: `frame/${name}`,
    clause: 'F3',
    level,
    requirement: `A receiver answers a frame that arrives in two segments, split after ${at} bytes and sent ${delayMs} ms apart.`,
    steps: [send(slice(submit(), 0, at)), pause(delayMs), send(slice(submit(), at))],
    accept: [answers()],
    control: LEGAL,
    likely: [{ when: NO_ANSWER, cause: delayMs === LONG_DELAY_MS ? SLOW_CAUSE : SINGLE_READ_CAUSE }],
  };
}

/** The control of the next one: the same bytes at once. */
const FOUR_BYTE_ID = 'submit/id-four-byte';
const ROCKET = concat(text('🚀-'), taskId());
/** Header, `{"task_id":"`, and half of the first character of the id. */
const INSIDE_CHARACTER = HEADER_BYTES + '{"task_id":"'.length + 2;

const insideCharacter: Scenario = {
  id: 'frame/split-inside-character',
  clause: 'F3',
  level: 'MUST',
  requirement: `A receiver answers, with the same task_id, a frame that arrives in two segments whose border is inside a character of 4 bytes.`,
  steps: [
    send(slice(submit({ task_id: quoted(ROCKET) }), 0, INSIDE_CHARACTER)),
    pause(SHORT_DELAY_MS),
    send(slice(submit({ task_id: quoted(ROCKET) }), INSIDE_CHARACTER)),
  ],
  accept: [answers({ taskId: ROCKET })],
  control: FOUR_BYTE_ID,
  likely: [
    {
      when: ['task_id wrong value', ...NO_ANSWER],
      cause:
        'Each chunk that was read is decoded to text on its own; collect the bytes of the payload first.',
    },
  ],
};

const segmentations: readonly Scenario[] = [
  insideCharacter,
  {
    id: 'frame/one-byte-at-a-time',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A receiver answers a frame that arrives one byte at a time.',
    steps: [sendInSegments(submit(), 1)],
    accept: [answers()],
    control: LEGAL,
    likely: [{ when: NO_ANSWER, cause: SINGLE_READ_CAUSE }],
  },
  ...[2, 3, 7, 9].map(
    (segmentBytes): Scenario => ({
      id: `frame/segments-of-${segmentBytes}`,
      clause: 'F3',
      level: 'MUST',
      requirement: `A receiver answers a frame that arrives in segments of ${segmentBytes} bytes.`,
      steps: [sendInSegments(submit(), segmentBytes)],
      accept: [answers()],
      control: LEGAL,
      likely: [{ when: NO_ANSWER, cause: SINGLE_READ_CAUSE }],
    }),
  ),
  ...CUTS.map(([name, at]) => split(`split-${name}`, 'MUST', at, SHORT_DELAY_MS)),
  // SHOULD, because a receiver may bound the idle time inside a frame, and no clause sets a minimum (T6).
  ...CUTS.filter(([name]) =>
    ['inside-type', 'between-header-and-payload', 'inside-payload'].includes(name),
  ).map(([name, at]) => split(`long-pause-${name}`, 'SHOULD', at, LONG_DELAY_MS)),
  {
    id: 'frame/large-in-segments',
    clause: 'F3',
    level: 'MUST',
    requirement:
      'A receiver accepts a SUBMIT with a payload of 256 KiB that arrives in segments of 1460 bytes.',
    steps: [sendInSegments(paddedSubmit(256 * KiB), 1460)],
    accept: [accepts()],
    needs: 'accepting',
    control: LEGAL,
    likely: [
      {
        when: [...NO_ANSWER, 'rejected'],
        cause: 'The payload is read with a single read, which returns only the bytes that have arrived.',
      },
    ],
  },
];

/** A legal SUBMIT frame whose payload is padded with spaces to `payloadBytes`. */
export function paddedSubmit(payloadBytes: number) {
  const payload = submitPayload();
  return frame(SUBMIT, concat(payload, repeat(' ', payloadBytes - size(payload))));
}

export const frameSegments: readonly Scenario[] = [...whole, ...segmentations];
