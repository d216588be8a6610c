/** The messages that are encoded and decoded, each in the form of the reference and in that of the baseline. */

import {
  type Frame,
  FrameDecoder,
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
} from '../../reference/index.ts';
import type { BaselineMessage } from './json-baseline.ts';

export interface CodecSample {
  readonly marshal: () => Frame;
  readonly unmarshal: (frame: Frame) => object;
  readonly baseline: () => BaselineMessage;
}

export const KiB = 1024;
export const MiB = 1024 * KiB;
const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const FROM = '0:0000.0000.0001';
const TO = '0:0000.0000.0002';
const TIME = '2026-01-02T03:04:05Z';
const SENTENCE = 'Summarise the attached paper in three sentences, for a reader who knows the field. ';

function text(bytes: number): string {
  return SENTENCE.repeat(Math.ceil(bytes / SENTENCE.length)).slice(0, bytes);
}

/** `bytes`: the size of the text. The frame also holds the other fields. */
function submit(bytes: number): CodecSample {
  const taskDescription = text(bytes);
  return {
    marshal: () => marshalSubmitRequest({ taskId: ID, taskDescription, fromAddr: FROM, toAddr: TO }),
    unmarshal: unmarshalSubmitRequest,
    baseline: () => ({
      type: 1,
      fields: { task_id: ID, task_description: taskDescription, from_addr: FROM, to_addr: TO },
    }),
  };
}

function resultText(bytes: number): CodecSample {
  const body = text(bytes);
  return {
    marshal: () =>
      marshalTaskResultMessage({ taskId: ID, resultType: 'text', resultText: body, completedAt: TIME }),
    unmarshal: unmarshalTaskResultMessage,
    baseline: () => ({
      type: 4,
      fields: { task_id: ID, result_type: 'text', result_text: body, completed_at: TIME },
    }),
  };
}

/** A result with a file of that size, in which every byte value occurs. */
function resultFile(bytes: number): CodecSample {
  const file = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) file[at] = (at * 167 + (at >> 8)) & 0xff;
  return {
    marshal: () =>
      marshalTaskResultMessage({
        taskId: ID,
        resultType: 'file',
        filename: 'report.pdf',
        fileData: file,
        completedAt: TIME,
      }),
    unmarshal: unmarshalTaskResultMessage,
    baseline: () => ({
      type: 4,
      fields: { task_id: ID, result_type: 'file', filename: 'report.pdf', completed_at: TIME },
      file,
    }),
  };
}

function submitResponse(bytes: number): CodecSample {
  const message = text(bytes);
  return {
    marshal: () => marshalSubmitResponse({ taskId: ID, status: 200, message }),
    unmarshal: unmarshalSubmitResponse,
    baseline: () => ({ type: 1, fields: { task_id: ID, status: 200, message } }),
  };
}

function taskResult(bytes: number): CodecSample {
  const answer = text(bytes);
  const result = { answer, pages: [1, 2, 3], complete: true };
  return {
    marshal: () =>
      marshalTaskResult({ taskDescription: 'a task', status: 'SUCCEEDED', result, timestamp: TIME }),
    unmarshal: unmarshalTaskResult,
    baseline: () => ({
      type: 2,
      fields: { task_description: 'a task', status: 'SUCCEEDED', result, timestamp: TIME },
    }),
  };
}

function statusUpdate(bytes: number): CodecSample {
  const justification = text(bytes);
  return {
    marshal: () => marshalTaskStatusUpdate({ taskId: ID, status: 'DECLINED', justification }),
    unmarshal: unmarshalTaskStatusUpdate,
    baseline: () => ({ type: 3, fields: { task_id: ID, status: 'DECLINED', justification } }),
  };
}

/** Every message, and a result with a file, by name. The parameter is the size of the content. */
export const SAMPLES: ReadonlyMap<string, (bytes: number) => CodecSample> = new Map([
  ['SubmitRequest', submit],
  ['SubmitResponse', submitResponse],
  ['TaskResult', taskResult],
  ['TaskStatusUpdate', statusUpdate],
  ['TaskResultMessage', resultText],
  ['TaskResultMessage with a file', resultFile],
]);

/** A result with a file of 8 MiB. Its frame of 10.7 MiB is the largest that is measured. */
export function bigFile(): CodecSample {
  return resultFile(8 * MiB);
}

/** The frame in bytes that hold exactly one. Throws when they hold less. */
export function frameOf(bytes: Uint8Array): Frame {
  const decoder = new FrameDecoder();
  decoder.push(bytes);
  const frame = decoder.next();
  if (frame === undefined) throw new Error('the frame is not complete');
  return frame;
}
