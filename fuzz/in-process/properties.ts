/**
 * Properties of the reference's codec that hold for any bytes. Each compares the codec with itself or with the kit's judge,
 * so that none needs an expected output.
 */

import { isDeepStrictEqual } from 'node:util';
import { isPlainlyLegal, taskIdOf, violationOf } from '../../conformance/judge/must-not-accept.ts';
import { HEADER_BYTES } from '../../conformance/scenario/bytes.ts';
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  ProtocolError,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
  ValidationError,
  validateSubmitRequest,
  validateTaskResultMessage,
  validateTaskStatusUpdate,
} from '../../reference/index.ts';

/** The properties by their ids, with the clause that each comes from. */
const PROPERTIES = {
  'segments-alike': 'F3',
  'frames-alike': 'F1',
  'throws-documented': 'M11',
  'reads-back': 'M12',
  'refuses-at-fault': 'S6',
  'takes-legal': 'S1',
} as const;

export type PropertyId = keyof typeof PROPERTIES;

export interface BrokenProperty {
  readonly property: PropertyId;
  readonly clause: string;
  /** What was observed, for a person. */
  readonly detail: string;
}

/** The functions of one kind of message. */
export interface MessageCodec {
  readonly name: string;
  readonly type: number;
  readonly unmarshal: (frame: Frame) => unknown;
  readonly marshal: (value: never) => Frame;
  readonly validate?: (value: never) => void;
}

export interface Codec {
  readonly decoder: () => Pick<FrameDecoder, 'push' | 'next' | 'end'>;
  readonly encodeFrame: (frame: Frame) => Uint8Array;
  readonly kinds: readonly MessageCodec[];
}

const KINDS: readonly MessageCodec[] = [
  {
    name: 'SubmitRequest',
    type: 1,
    unmarshal: unmarshalSubmitRequest,
    marshal: marshalSubmitRequest,
    validate: validateSubmitRequest,
  },
  { name: 'SubmitResponse', type: 1, unmarshal: unmarshalSubmitResponse, marshal: marshalSubmitResponse },
  { name: 'TaskResult', type: 2, unmarshal: unmarshalTaskResult, marshal: marshalTaskResult },
  {
    name: 'TaskStatusUpdate',
    type: 3,
    unmarshal: unmarshalTaskStatusUpdate,
    marshal: marshalTaskStatusUpdate,
    validate: validateTaskStatusUpdate,
  },
  {
    name: 'TaskResultMessage',
    type: 4,
    unmarshal: unmarshalTaskResultMessage,
    marshal: marshalTaskResultMessage,
    validate: validateTaskResultMessage,
  },
];

export const REFERENCE: Codec = { decoder: () => new FrameDecoder(), encodeFrame, kinds: KINDS };

/** Sizes in bytes of the segments in which the decoder gets a stream again. Small segments are for short streams only. */
const SMALL_SEGMENTS = [1, 7, 8, 9];
const LARGE_SEGMENT = 1000;
const SHORT_STREAM = 2048;

/** The first property that a stream of these bytes breaks; undefined if it breaks none. */
export function findBrokenProperty(bytes: Uint8Array, codec: Codec = REFERENCE): BrokenProperty | undefined {
  const whole = read(bytes, Math.max(1, bytes.length), codec);
  for (const size of bytes.length > SHORT_STREAM ? [LARGE_SEGMENT] : SMALL_SEGMENTS) {
    const segmented = read(bytes, size, codec);
    if (!isDeepStrictEqual(segmented, whole))
      return broken(
        'segments-alike',
        `in segments of ${size} bytes ${wordsFor(segmented)}, as a whole ${wordsFor(whole)}`,
      );
  }
  let at = 0;
  for (const frame of whole.frames) {
    const end = at + HEADER_BYTES + frame.payload.length;
    if (!Buffer.from(codec.encodeFrame(frame)).equals(bytes.subarray(at, end)))
      return broken('frames-alike', `the frame at byte ${at} is encoded differently`);
    at = end;
    for (const kind of codec.kinds) {
      const found = kind.type === frame.type ? brokenByMessage(frame, kind) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The frames that the decoder reads from a stream, and how the stream ended. */
interface Reading {
  readonly frames: readonly Frame[];
  readonly end: string;
}

function wordsFor({ frames, end }: Reading): string {
  return `${frames.length} frames came out (${end})`;
}

function read(bytes: Uint8Array, size: number, { decoder: newDecoder }: Codec): Reading {
  const decoder = newDecoder();
  const frames: Frame[] = [];
  try {
    for (let at = 0; at < bytes.length; at += size) {
      decoder.push(bytes.subarray(at, at + size));
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
    }
    decoder.end();
    return { frames, end: 'complete' };
  } catch (error) {
    return {
      frames,
      end: error instanceof ProtocolError ? `${error.code}: ${error.message}` : String(error),
    };
  }
}

function brokenByMessage(
  frame: Frame,
  { name, unmarshal, marshal, validate }: MessageCodec,
): BrokenProperty | undefined {
  const isRequest = name === 'SubmitRequest';
  let value: unknown;
  try {
    value = unmarshal(frame);
    validate?.(value as never);
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof ValidationError))
      return broken('throws-documented', `reading a ${name} threw ${String(error)}`);
    // A field that occurs twice may be refused for the value that does not count.
    const isLegal = isRequest && isPlainlyLegal(frame.payload) && taskIdOf(frame.payload) !== undefined;
    return isLegal ? broken('takes-legal', `a legal SUBMIT was refused: ${error.message}`) : undefined;
  }
  const violation = isRequest ? violationOf(frame.payload) : undefined;
  if (violation !== undefined)
    return broken('refuses-at-fault', `a SUBMIT was accepted that ${violation.what}`, violation.clause);
  try {
    const again = unmarshal(marshal(value as never));
    return isDeepStrictEqual(again, value)
      ? undefined
      : broken('reads-back', `a ${name} changes when it is written and read again`);
  } catch (error) {
    return broken('throws-documented', `writing a ${name} that was read threw ${String(error)}`);
  }
}

function broken(property: PropertyId, detail: string, clause: string = PROPERTIES[property]): BrokenProperty {
  return { property, clause, detail };
}
