import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import t from 'tap';
import type {
  DecodeVector,
  EncodeVector,
  ExtensionVector,
  FrameVector,
  MessageName,
  PoloVector,
  TaskFileVector,
  TaskIdVector,
  TimeVector,
  ValidationVector,
} from '../conformance/vectors/vector.ts';
import { ProtocolError, ValidationError } from './errors.ts';
import { validateResultFilename } from './extensions.ts';
import { encodeFrame, type Frame, FrameDecoder, typeName } from './frame.ts';
import {
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from './message.ts';
import { poloScoreRewardDetailed } from './polo.ts';
import { TYPE_RESULT, TYPE_SEND_RESULTS, TYPE_STATUS_UPDATE, TYPE_SUBMIT } from './protocol.ts';
import { marshalTaskFile, unmarshalTaskFile } from './task-file.ts';
import { generateTaskId } from './task-id.ts';
import { formatTime, parseTime } from './time.ts';
import { validateSubmitRequest, validateTaskResultMessage, validateTaskStatusUpdate } from './validation.ts';
import { all, bytesOf, messageOf, payloadOf, segmentsOf } from './vectors.fixture.ts';

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
  // No frame carries a task file, but its vectors are decided by the same rules.
  TaskFile: {
    type: 0,
    marshal: (value) => ({ type: 0, payload: marshalTaskFile(value) }),
    unmarshal: (frame) => unmarshalTaskFile(frame.payload),
  },
};

/** What `action` throws of ours, or undefined when it returns. */
function errorOf(action: () => unknown): ProtocolError | ValidationError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof ValidationError) return error;
    throw error;
  }
}

t.test('decode', (t) => {
  const ofField = new Set(['M4', 'M7', 'M9', 'M10']);
  all<DecodeVector>(t, 'vectors/decode', (vector) => {
    const { type, unmarshal } = CODECS[vector.message];
    const frame = { type, payload: payloadOf(vector) };
    if (vector.valid) return deepStrictEqual(unmarshal(frame), messageOf(vector.value));
    const expected = ofField.has(vector.clause) ? 'malformed-field' : 'malformed-json';
    equal(errorOf(() => unmarshal(frame))?.code, expected);
  });
});

t.test('encode', (t) => {
  all<EncodeVector>(t, 'vectors/encode', (vector) => {
    const frame = CODECS[vector.message].marshal(messageOf(vector.value) as never);
    const expected = bytesOf('frame_hex' in vector ? vector.frame_hex : vector.frame_runs);
    ok(expected.equals(encodeFrame(frame)));
  });
});

t.test('task-files', (t) => {
  all<TaskFileVector>(t, 'vectors/task-files', ({ value, text }) => {
    equal(Buffer.from(marshalTaskFile(messageOf(value) as never)).toString(), text);
  });
});

const CODE_OF_ENDING = { clean: undefined, truncated: 'frame-truncated', 'too-large': 'frame-too-large' };

t.test('frames', (t) => {
  all<FrameVector>(t, 'vectors/frames', (vector) => {
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    const error = errorOf(() => {
      for (const segment of segmentsOf(vector)) {
        decoder.push(segment);
        for (let next = decoder.next(); next !== undefined; next = decoder.next()) frames.push(next);
      }
      decoder.end();
    });
    deepStrictEqual(
      frames.map(({ type, payload }) => ({ type, type_name: typeName(type), length: payload.length })),
      vector.frames.map(({ type, type_name, length }) => ({ type, type_name, length })),
    );
    for (const [index, expected] of vector.frames.entries()) {
      ok(payloadOf(expected).equals(frames[index]?.payload ?? Buffer.alloc(0)));
    }
    if (vector.ending !== 'unread') equal(error?.code, CODE_OF_ENDING[vector.ending]);
  });
});

t.test('times', (t) => {
  all<TimeVector>(t, 'vectors/times', (vector) => {
    if (!vector.valid) return equal(errorOf(() => parseTime(vector.text))?.code, 'malformed-time');
    const instant = { seconds: vector.unix_seconds, nanosecond: vector.nanosecond };
    deepStrictEqual(parseTime(vector.text), instant);
    deepStrictEqual(parseTime(formatTime(instant)), instant);
  });
});

t.test('validation', (t) => {
  const validators = {
    SubmitRequest: validateSubmitRequest,
    TaskStatusUpdate: validateTaskStatusUpdate,
    TaskResultMessage: validateTaskResultMessage,
  };
  const codes: Readonly<Record<string, string>> = {
    task_description: 'description-too-long',
    justification: 'justification-too-long',
    result_text: 'result-text-too-long',
    filename: 'filename-too-long',
    file_data: 'file-too-large',
  };
  all<ValidationVector>(t, 'vectors/validation', (vector) => {
    const error = errorOf(() => validators[vector.message](messageOf(vector.value) as never));
    equal(error?.code, vector.valid ? undefined : codes[vector.field]);
  });
});

t.test('extensions', (t) => {
  const codes = { allowed: undefined, forbidden: 'extension-forbidden', unknown: 'extension-unknown' };
  all<ExtensionVector>(t, 'vectors/extensions', ({ filename, verdict }) => {
    equal(errorOf(() => validateResultFilename(filename))?.code, codes[verdict]);
  });
});

t.test('polo', (t) => {
  all<PoloVector>(t, 'vectors/polo', (vector) => {
    const times = {
      timeCpuMs: vector.time_cpu_ms,
      timeIdleMs: vector.time_idle_ms,
      timeStagedMs: vector.time_staged_ms,
    };
    const { finalReward, ...found } = poloScoreRewardDetailed(times, vector.reading);
    const { final_reward: expectedReward, ...expected } = vector.expected;
    equal(finalReward, expectedReward);
    // What was observed is met to the last bit; what is derived was computed with another logarithm.
    const tolerance = vector.source === 'observed' ? 0 : 1e-12;
    for (const [name, value] of Object.entries(messageOf(expected))) {
      ok(Math.abs(Number(Reflect.get(found, name)) - Number(value)) <= tolerance, name);
    }
  });
});

t.test('task-ids', (t) => {
  all<TaskIdVector>(t, 'vectors/task-ids', ({ random_hex, task_id }) => {
    equal(
      generateTaskId(() => Buffer.from(random_hex, 'hex')),
      task_id,
    );
  });
});
