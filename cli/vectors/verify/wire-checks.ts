/** Checks of bytes: streams and frames, payloads and messages, in both directions. */

import { createHash } from 'node:crypto';
import type {
  DecodeVector,
  EncodeVector,
  FrameVector,
  GoldenFrame,
  MessageName,
  TaskFileVector,
} from '../../../conformance/vectors/build/vector.ts';
import {
  expandHex,
  messageFromValue,
  payloadBytes,
  readFixture,
  segmentsOf,
} from '../../../conformance/vectors/load.ts';
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskFile,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  TYPE_RESULT,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
  typeName,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskFile,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from '../../../reference/index.ts';
import { expectSame, refusalOf } from './compare.ts';
import { refusingLayer } from './receive.ts';

interface Codec {
  readonly type: number;
  readonly marshal: (value: never) => Frame;
  readonly unmarshal: (frame: Frame) => object;
}

const CODECS: Readonly<Record<MessageName, Codec>> = {
  SubmitRequest: { type: TYPE_SUBMIT, marshal: marshalSubmitRequest, unmarshal: unmarshalSubmitRequest },
  SubmitResponse: { type: TYPE_SUBMIT, marshal: marshalSubmitResponse, unmarshal: unmarshalSubmitResponse },
  TaskResult: { type: TYPE_RESULT, marshal: marshalTaskResult, unmarshal: unmarshalTaskResult },
  TaskStatusUpdate: {
    type: TYPE_STATUS_UPDATE,
    marshal: marshalTaskStatusUpdate,
    unmarshal: unmarshalTaskStatusUpdate,
  },
  TaskResultMessage: {
    type: TYPE_SEND_RESULTS,
    marshal: marshalTaskResultMessage,
    unmarshal: unmarshalTaskResultMessage,
  },
  // No frame carries a task file, but the same rules apply to its vectors.
  TaskFile: {
    type: 0,
    marshal: (value) => ({ type: 0, payload: marshalTaskFile(value) }),
    unmarshal: (frame) => unmarshalTaskFile(frame.payload),
  },
};

/** Clauses about a single field of a JSON object. */
const CLAUSES_OF_FIELDS = new Set(['M4', 'M7', 'M9', 'M10']);

export function checkDecode(vector: DecodeVector): void {
  const { type, unmarshal } = CODECS[vector.message];
  const frame = { type, payload: payloadBytes(vector) };
  if (vector.valid) {
    expectSame('value', unmarshal(frame), messageFromValue(vector.value));
    return;
  }
  const expected = CLAUSES_OF_FIELDS.has(vector.clause) ? 'malformed-field' : 'malformed-json';
  expectSame(
    'refusal',
    refusalOf(() => unmarshal(frame)),
    expected,
  );
}

export function checkEncode(vector: EncodeVector): void {
  const frame = CODECS[vector.message].marshal(messageFromValue(vector.value) as never);
  const expected = expandHex('frame_hex' in vector ? vector.frame_hex : vector.frame_runs);
  expectSame('frame', Buffer.from(encodeFrame(frame)), expected);
}

const CODE_OF_ENDING = { clean: undefined, truncated: 'frame-truncated', 'too-large': 'frame-too-large' };

export function checkFrames(vector: FrameVector): void {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  const code = refusalOf(() => {
    for (const segment of segmentsOf(vector)) {
      decoder.push(segment);
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) frames.push(next);
    }
    decoder.end();
  });
  expectSame(
    'frames',
    frames.map(({ type, payload }) => ({ type, type_name: typeName(type), length: payload.length })),
    vector.frames.map(({ type, type_name, length }) => ({ type, type_name, length })),
  );
  for (const [index, expected] of vector.frames.entries())
    expectSame(
      `payload of frame ${index}`,
      Buffer.from(frames[index]?.payload ?? Buffer.alloc(0)),
      payloadBytes(expected),
    );
  if (vector.ending !== 'unread') expectSame('ending', code, CODE_OF_ENDING[vector.ending]);
}

export function checkTaskFile({ value, text }: TaskFileVector): void {
  expectSame('text', Buffer.from(marshalTaskFile(messageFromValue(value) as never)).toString(), text);
}

export function checkGolden(vector: GoldenFrame): void {
  const bytes = readFixture(`golden/${vector.file}`);
  expectSame('sha256', createHash('sha256').update(bytes).digest('hex'), vector.sha256);
  expectSame('refused by', refusingLayer(bytes), vector.valid ? undefined : vector.refused_by);
}
