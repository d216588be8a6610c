/**
 * Message ⇄ Frame: for each message a table of its fields, in the order of the documentation, and two functions that
 * use the table. json-object.ts turns a table into an encoder and a decoder. A SUBMIT and its answer, of which a server
 * handles thousands a second, also have a template: with it, encoding takes half of the time of a loop over the table.
 */

import {
  TYPE_RESULT,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
  typeName,
} from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type {
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';
import { isPlain } from './canonical-form.ts';
import type { Frame } from './frame.ts';
import { ObjectCodec } from './json-object.ts';

const submitRequest = new ObjectCodec<SubmitRequest>(
  {
    taskId: { wire: 'task_id', kind: 'string' },
    taskDescription: { wire: 'task_description', kind: 'string' },
    fromAddr: { wire: 'from_addr', kind: 'string' },
    toAddr: { wire: 'to_addr', kind: 'string' },
  },
  ({ taskId, taskDescription, fromAddr, toAddr }) =>
    isPlain(taskId) && isPlain(taskDescription) && isPlain(fromAddr) && isPlain(toAddr)
      ? `{"task_id":"${taskId}","task_description":"${taskDescription}","from_addr":"${fromAddr}","to_addr":"${toAddr}"}`
      : undefined,
);

const submitResponse = new ObjectCodec<SubmitResponse>(
  {
    taskId: { wire: 'task_id', kind: 'string' },
    status: { wire: 'status', kind: 'int64' },
    message: { wire: 'message', kind: 'string' },
  },
  ({ taskId, status, message }) =>
    isPlain(taskId) && isPlain(message) && Number.isSafeInteger(status)
      ? `{"task_id":"${taskId}","status":${status},"message":"${message}"}`
      : undefined,
);

const taskResult = new ObjectCodec<TaskResult>({
  taskDescription: { wire: 'task_description', kind: 'string' },
  status: { wire: 'status', kind: 'string' },
  result: { wire: 'result', kind: 'json' },
  error: { wire: 'error', kind: 'string', optional: true },
  timestamp: { wire: 'timestamp', kind: 'string' },
});

const taskStatusUpdate = new ObjectCodec<TaskStatusUpdate>({
  taskId: { wire: 'task_id', kind: 'string' },
  status: { wire: 'status', kind: 'string' },
  justification: { wire: 'justification', kind: 'string' },
});

const taskResultMessage = new ObjectCodec<TaskResultMessage>({
  taskId: { wire: 'task_id', kind: 'string' },
  resultType: { wire: 'result_type', kind: 'string' },
  resultText: { wire: 'result_text', kind: 'string', optional: true },
  filename: { wire: 'filename', kind: 'string', optional: true },
  fileData: { wire: 'file_data', kind: 'bytes', optional: true },
  completedAt: { wire: 'completed_at', kind: 'string' },
  timeIdleMs: { wire: 'time_idle_ms', kind: 'int64', optional: true },
  timeStagedMs: { wire: 'time_staged_ms', kind: 'int64', optional: true },
  timeCpuMs: { wire: 'time_cpu_ms', kind: 'int64', optional: true },
});

/*
 * Every `marshal…` function returns the canonical encoding (M12), without optional fields that are undefined or
 * empty. It throws a TypeError when a field holds a value that its type does not allow. It does not check sizes:
 * `encodeFrame` checks the payload (F9), and the functions of validation.ts check the fields.
 *
 * Every `unmarshal…` function is the inverse. An empty optional field is absent from the result. It throws a
 * ProtocolError 'unexpected-type' when the frame has another type, 'malformed-json' when the payload is not exactly
 * one JSON object or null (M5, M6, M11), and otherwise 'malformed-field' when a documented field holds a value that
 * its type does not allow (M4, M9, M10).
 */

/** Encodes a SUBMIT. Throws a TypeError for a value that the type of a field does not allow. */
export function marshalSubmitRequest(value: SubmitRequest): Frame {
  return { type: TYPE_SUBMIT, payload: submitRequest.encode(value) };
}

/** Decodes a SUBMIT. Throws a ProtocolError 'unexpected-type', 'malformed-json' or 'malformed-field'. */
export function unmarshalSubmitRequest(frame: Frame): SubmitRequest {
  return submitRequest.decode(payloadOf(frame, [TYPE_SUBMIT]));
}

/** Encodes the answer to a SUBMIT, as a frame of type 1 (S1). Throws as `marshalSubmitRequest`. */
export function marshalSubmitResponse(value: SubmitResponse): Frame {
  return { type: TYPE_SUBMIT, payload: submitResponse.encode(value) };
}

/**
 * Decodes the answer to a SUBMIT from a frame of type 1, or of type 2, which the documentation also allows (S1).
 * Throws as `unmarshalSubmitRequest`.
 */
export function unmarshalSubmitResponse(frame: Frame): SubmitResponse {
  return submitResponse.decode(payloadOf(frame, [TYPE_SUBMIT, TYPE_RESULT], 'S1'));
}

/** Encodes a RESULT. Throws as `marshalSubmitRequest`. */
export function marshalTaskResult(value: TaskResult): Frame {
  return { type: TYPE_RESULT, payload: taskResult.encode(value) };
}

/** Decodes a RESULT. Throws as `unmarshalSubmitRequest`. */
export function unmarshalTaskResult(frame: Frame): TaskResult {
  return taskResult.decode(payloadOf(frame, [TYPE_RESULT]));
}

/** Encodes a STATUS_UPDATE. Throws as `marshalSubmitRequest`. */
export function marshalTaskStatusUpdate(value: TaskStatusUpdate): Frame {
  return { type: TYPE_STATUS_UPDATE, payload: taskStatusUpdate.encode(value) };
}

/** Decodes a STATUS_UPDATE. Throws as `unmarshalSubmitRequest`. */
export function unmarshalTaskStatusUpdate(frame: Frame): TaskStatusUpdate {
  return taskStatusUpdate.decode(payloadOf(frame, [TYPE_STATUS_UPDATE]));
}

/** Encodes a SEND_RESULTS. Throws as `marshalSubmitRequest`. */
export function marshalTaskResultMessage(value: TaskResultMessage): Frame {
  return { type: TYPE_SEND_RESULTS, payload: taskResultMessage.encode(value) };
}

/** Decodes a SEND_RESULTS. Throws as `unmarshalSubmitRequest`. */
export function unmarshalTaskResultMessage(frame: Frame): TaskResultMessage {
  return taskResultMessage.decode(payloadOf(frame, [TYPE_SEND_RESULTS]));
}

function payloadOf(frame: Frame, types: readonly number[], clause = 'F6'): Uint8Array {
  if (types.includes(frame.type)) return frame.payload;
  const expected = types.map(typeName).join(' or ');
  throw new ProtocolError('unexpected-type', clause, `expected ${expected}, found ${typeName(frame.type)}`);
}
