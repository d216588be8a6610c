/** The messages on the command line: the word for each one, its frame type, and its fields with their bounds. */

import {
  type Frame,
  MAX_JUSTIFICATION_BYTES,
  MAX_RESULT_FILE_BYTES,
  MAX_RESULT_FILENAME_BYTES,
  MAX_RESULT_TEXT_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  TYPE_RESULT,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from '../../reference/index.ts';

export interface FieldRow {
  /** Its name on the wire. */
  readonly name: string;
  readonly kind: 'string' | 'integer' | 'base64' | 'json';
  /** Whether the canonical encoding omits it when it is empty (M12). */
  readonly optional: boolean;
  /** The most bytes that are permitted, inclusive. */
  readonly limit?: { readonly bytes: number; readonly clause: string };
}

export interface MessageRow {
  readonly name: string;
  /** Its name for `conform encode`. */
  readonly word: string;
  /** The type of its frames. */
  readonly type: number;
  readonly fields: readonly FieldRow[];
  /** Decodes a payload with the reference. Throws ProtocolError. */
  readonly decode: (payload: Uint8Array) => DecodedMessage;
}

export interface DecodedMessage {
  /** The value of a field; undefined for an optional field that is empty. */
  readonly valueOf: (field: Pick<FieldRow, 'name'>) => unknown;
  /** Its frame, in the canonical encoding (M12). */
  readonly toFrame: () => Frame;
}

export const MESSAGES: readonly MessageRow[] = [
  message('SubmitRequest', 'submit', TYPE_SUBMIT, unmarshalSubmitRequest, marshalSubmitRequest, [
    field('task_id'),
    { ...field('task_description'), limit: { bytes: MAX_TASK_DESCRIPTION_BYTES, clause: 'S5' } },
    field('from_addr'),
    field('to_addr'),
  ]),
  message('SubmitResponse', 'response', TYPE_SUBMIT, unmarshalSubmitResponse, marshalSubmitResponse, [
    field('task_id'),
    field('status', 'integer'),
    field('message'),
  ]),
  message('TaskResult', 'result', TYPE_RESULT, unmarshalTaskResult, marshalTaskResult, [
    field('task_description'),
    field('status'),
    field('result', 'json'),
    optional('error'),
    field('timestamp'),
  ]),
  message(
    'TaskStatusUpdate',
    'update',
    TYPE_STATUS_UPDATE,
    unmarshalTaskStatusUpdate,
    marshalTaskStatusUpdate,
    [
      field('task_id'),
      field('status'),
      { ...field('justification'), limit: { bytes: MAX_JUSTIFICATION_BYTES, clause: 'U4' } },
    ],
  ),
  message(
    'TaskResultMessage',
    'results',
    TYPE_SEND_RESULTS,
    unmarshalTaskResultMessage,
    marshalTaskResultMessage,
    [
      field('task_id'),
      field('result_type'),
      { ...optional('result_text'), limit: { bytes: MAX_RESULT_TEXT_BYTES, clause: 'R2' } },
      { ...optional('filename'), limit: { bytes: MAX_RESULT_FILENAME_BYTES, clause: 'R2' } },
      { ...optional('file_data', 'base64'), limit: { bytes: MAX_RESULT_FILE_BYTES, clause: 'R2' } },
      field('completed_at'),
      optional('time_idle_ms', 'integer'),
      optional('time_staged_ms', 'integer'),
      optional('time_cpu_ms', 'integer'),
    ],
  ),
];

/** The field with this name on the wire, in any case (M7). */
export function fieldNamed(row: MessageRow, name: string): FieldRow | undefined {
  const folded = name.toLowerCase().replaceAll('\u017f', 's');
  return row.fields.find((field) => field.name === folded);
}

/** The name of the property, such as `taskId`, for a name on the wire, such as `task_id`. */
function propertyOf(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function field(name: string, kind: FieldRow['kind'] = 'string'): FieldRow {
  return { name, kind, optional: false };
}

function optional(name: string, kind: FieldRow['kind'] = 'string'): FieldRow {
  return { name, kind, optional: true };
}

function message<T extends object>(
  name: string,
  word: string,
  type: number,
  unmarshal: (frame: Frame) => T,
  marshal: (value: T) => Frame,
  fields: readonly FieldRow[],
): MessageRow {
  const decode = (payload: Uint8Array): DecodedMessage => {
    const value = unmarshal({ type, payload });
    return {
      valueOf: ({ name }) => Reflect.get(value, propertyOf(name)),
      toFrame: () => marshal(value),
    };
  };
  return { name, word, type, fields, decode };
}
