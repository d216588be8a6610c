/** The same frames in different segments (F3). The segments never change the frames. */
import { repeat } from '../../scenario/bytes.ts';
import {
  buildFrame,
  EMPTY_OBJECT,
  intactStream,
  NO_PAYLOAD,
  RESULTS,
  SUBMIT,
  SUBMIT_BYTES,
  UPDATE,
} from '../build/frame-builders.ts';
import type { FrameVector } from '../build/vector.ts';

const THREE = [SUBMIT, UPDATE, RESULTS];

export const segments: readonly FrameVector[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 22].map((cut) =>
    intactStream(
      `cut-at-${cut}`,
      `One frame in two segments, the first of ${cut} bytes.`,
      'F3',
      [SUBMIT],
      [cut, SUBMIT_BYTES - cut],
    ),
  ),
  intactStream('in-bytes', 'One byte at a time.', 'F3', [SUBMIT], Array(SUBMIT_BYTES).fill(1)),
  intactStream('two-frames', 'Two frames in one segment.', 'F3', [SUBMIT, UPDATE]),
  intactStream(
    'two-frames-apart',
    'Two frames, each in its own segment.',
    'F3',
    [SUBMIT, UPDATE],
    [SUBMIT_BYTES, SUBMIT_BYTES],
  ),
  intactStream(
    'two-frames-and-1-byte',
    'The first segment ends one byte into the second frame.',
    'F3',
    [SUBMIT, UPDATE],
    [SUBMIT_BYTES + 1, SUBMIT_BYTES - 1],
  ),
  intactStream(
    'two-frames-and-header',
    'The first segment ends after the second header.',
    'F3',
    [SUBMIT, UPDATE],
    [SUBMIT_BYTES + 8, SUBMIT_BYTES - 8],
  ),
  intactStream(
    'two-frames-first-short',
    'The second segment begins one byte before the second frame.',
    'F3',
    [SUBMIT, UPDATE],
    [SUBMIT_BYTES - 1, SUBMIT_BYTES + 1],
  ),
  intactStream('three-frames', 'Three frames in one segment.', 'F3', THREE),
  intactStream(
    'three-frames-in-bytes',
    'Three frames, one byte at a time.',
    'F3',
    THREE,
    Array(3 * SUBMIT_BYTES).fill(1),
  ),
  intactStream(
    'three-frames-in-tens',
    'Segments of ten bytes, which follow no frame boundary.',
    'F3',
    THREE,
    [10, 10, 10, 10, 10, 10, 9],
  ),
  intactStream(
    'headers-apart',
    'Each header and each payload is a segment.',
    'F3',
    THREE,
    [8, 15, 8, 15, 8, 15],
  ),
  intactStream(
    'types-mixed',
    'All four types and an unknown one.',
    'F6',
    [1, 2, 3, 4, 5].map((type) => buildFrame(type, EMPTY_OBJECT)),
  ),
  intactStream(
    'empty-payloads-in-bytes',
    'Frames without payload, one byte at a time.',
    'F8',
    [NO_PAYLOAD, NO_PAYLOAD],
    Array(16).fill(1),
  ),
  intactStream(
    'long-in-three',
    '64 KiB in three segments.',
    'F3',
    [buildFrame(1, repeat(' ', 65_536))],
    [4096, 32_768, 28_680],
  ),
  intactStream(
    'long-then-short',
    'A long frame and the beginning of a short one share a segment.',
    'F3',
    [buildFrame(1, repeat(' ', 65_536)), UPDATE],
    [30_000, 35_550, 17],
  ),
];
