/**
 * Builders for the vectors of frames. The expected frames come from the arguments, and are never parsed from the bytes
 * of the stream.
 */
import { type Bytes, concat, size, TYPE_NAMES, text } from '../../scenario/bytes.ts';
import { frame } from '../../scenario/messages.ts';
import { hexOf, runsOf } from './runs.ts';
import type { ExpectedFrame, FrameVector } from './vector.ts';

/** A frame as bytes, and as a decoder has to report it. */
export interface BuiltFrame {
  readonly bytes: Bytes;
  readonly expected: ExpectedFrame;
}

export function buildFrame(type: number, payload: Bytes): BuiltFrame {
  const runs = runsOf(payload);
  return {
    bytes: frame(type, payload),
    expected: {
      type,
      type_name: TYPE_NAMES[type] ?? `UNKNOWN(${type})`,
      length: size(payload),
      ...(runs === undefined ? { payload_hex: hexOf(payload) } : { payload_runs: runs }),
    },
  };
}

/** A stream that holds complete frames only. */
export function intactStream(
  slug: string,
  note: string,
  clause: string,
  wholes: readonly BuiltFrame[],
  segments?: readonly number[],
): FrameVector {
  return brokenStream(slug, note, clause, 'clean', text(''), wholes, segments);
}

/** A stream of complete frames, followed by `rest`, which is not a frame. */
export function brokenStream(
  slug: string,
  note: string,
  clause: string,
  ending: FrameVector['ending'],
  rest: Bytes,
  wholes: readonly BuiltFrame[] = [],
  segments?: readonly number[],
): FrameVector {
  const stream = concat(...wholes.map(({ bytes }) => bytes), rest);
  const runs = runsOf(stream);
  return {
    id: `frames-${slug}`,
    note,
    clause,
    level: 'must',
    source: 'derived',
    ...(runs === undefined ? { stream_hex: hexOf(stream) } : { stream_runs: runs }),
    ...(segments && { segments }),
    frames: wholes.map(({ expected }) => expected),
    ending,
  };
}

export const EMPTY_OBJECT = text('{}');
export const SUBMIT = buildFrame(1, text('{"task_id":"a"}'));
export const UPDATE = buildFrame(3, text('{"task_id":"b"}'));
export const RESULTS = buildFrame(4, text('{"task_id":"c"}'));
export const NO_PAYLOAD = buildFrame(1, text(''));
export const SUBMIT_BYTES = size(SUBMIT.bytes);
