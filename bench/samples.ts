/** The messages that are encoded and decoded: each as the reference and as the naive codec takes it. */

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
} from '../reference/index.ts';
import type { NaiveMessage } from './naive.ts';

export interface Sample {
  readonly name: string;
  readonly marshal: () => Frame;
  readonly unmarshal: (frame: Frame) => object;
  readonly naive: () => NaiveMessage;
}

const MiB = 1024 * 1024;
const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const FROM = '0:0000.0000.0001';
const TO = '0:0000.0000.0002';
const TIME = '2026-01-02T03:04:05Z';
const SENTENCE = 'Summarise the attached paper in three sentences, for a reader who knows the field. ';

function text(bytes: number): string {
  return SENTENCE.repeat(Math.ceil(bytes / SENTENCE.length)).slice(0, bytes);
}

/** `bytes`: of text in the message, which together with the other fields fill the frame. */
function submit(name: string, bytes: number): Sample {
  const taskDescription = text(bytes);
  return {
    name,
    marshal: () => marshalSubmitRequest({ taskId: ID, taskDescription, fromAddr: FROM, toAddr: TO }),
    unmarshal: unmarshalSubmitRequest,
    naive: () => ({
      type: 1,
      fields: { task_id: ID, task_description: taskDescription, from_addr: FROM, to_addr: TO },
    }),
  };
}

function resultText(name: string, bytes: number): Sample {
  const body = text(bytes);
  return {
    name,
    marshal: () =>
      marshalTaskResultMessage({ taskId: ID, resultType: 'text', resultText: body, completedAt: TIME }),
    unmarshal: unmarshalTaskResultMessage,
    naive: () => ({
      type: 4,
      fields: { task_id: ID, result_type: 'text', result_text: body, completed_at: TIME },
    }),
  };
}

/** A result of a file with these many bytes, of all values. */
function resultFile(name: string, bytes: number): Sample {
  const file = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) file[at] = (at * 167 + (at >> 8)) & 0xff;
  return {
    name,
    marshal: () =>
      marshalTaskResultMessage({
        taskId: ID,
        resultType: 'file',
        filename: 'report.pdf',
        fileData: file,
        completedAt: TIME,
      }),
    unmarshal: unmarshalTaskResultMessage,
    naive: () => ({
      type: 4,
      fields: { task_id: ID, result_type: 'file', filename: 'report.pdf', completed_at: TIME },
      file,
    }),
  };
}

function submitResponse(name: string, bytes: number): Sample {
  const message = text(bytes);
  return {
    name,
    marshal: () => marshalSubmitResponse({ taskId: ID, status: 200, message }),
    unmarshal: unmarshalSubmitResponse,
    naive: () => ({ type: 1, fields: { task_id: ID, status: 200, message } }),
  };
}

function taskResult(name: string, bytes: number): Sample {
  const answer = text(bytes);
  const result = { answer, pages: [1, 2, 3], complete: true };
  return {
    name,
    marshal: () =>
      marshalTaskResult({ taskDescription: 'a task', status: 'SUCCEEDED', result, timestamp: TIME }),
    unmarshal: unmarshalTaskResult,
    naive: () => ({
      type: 2,
      fields: { task_description: 'a task', status: 'SUCCEEDED', result, timestamp: TIME },
    }),
  };
}

function statusUpdate(name: string, bytes: number): Sample {
  const justification = text(bytes);
  return {
    name,
    marshal: () => marshalTaskStatusUpdate({ taskId: ID, status: 'DECLINED', justification }),
    unmarshal: unmarshalTaskStatusUpdate,
    naive: () => ({ type: 3, fields: { task_id: ID, status: 'DECLINED', justification } }),
  };
}

/** Every message with so many bytes of content, and a file as the content of a result. */
export function samplesOf(bytes: number): readonly Sample[] {
  return [
    submit('SubmitRequest', bytes),
    submitResponse('SubmitResponse', bytes),
    taskResult('TaskResult', bytes),
    statusUpdate('TaskStatusUpdate', bytes),
    resultText('TaskResultMessage', bytes),
    resultFile('with a file', bytes),
  ];
}

/** The largest that is measured: its frame is 10.7 MiB. */
export const BIG_FILE = resultFile('result of an 8 MiB file', 8 * MiB);

/** The frame of bytes that hold one. */
export function frameOf(bytes: Uint8Array): Frame {
  const decoder = new FrameDecoder();
  decoder.push(bytes);
  const frame = decoder.next();
  if (frame === undefined) throw new Error('the frame did not come out');
  return frame;
}
