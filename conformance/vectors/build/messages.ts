/** The messages of the protocol and their bounds, for the derived vectors. Nothing is shared with reference/. */
import {
  DESCRIPTION_CAP,
  FILE_CAP,
  FILENAME_CAP,
  JUSTIFICATION_CAP,
  RESULT_TEXT_CAP,
} from '../../scenario/bytes.ts';
import { FORMATS, type Format } from './formats.ts';
import type { FieldValue, Level, MessageName, ValidationVector, Value } from './vector.ts';

export interface Field {
  readonly name: string;
  readonly kind: 'string' | 'int64' | 'bytes' | 'json';
  /** A canonical message leaves the field out when it is empty. */
  readonly optional: boolean;
  /** Default: any value of the kind is legal. */
  readonly format?: Format;
}

export interface Message {
  readonly name: MessageName;
  /** The part of an id that names the message. */
  readonly slug: string;
  /** The type of the frame; absent for a task file, which no frame carries. */
  readonly type?: number;
  readonly fields: readonly Field[];
}

const KINDS: Readonly<Record<string, Pick<Field, 'kind' | 'format'>>> = {
  string: { kind: 'string' },
  int64: { kind: 'int64' },
  bytes: { kind: 'bytes' },
  json: { kind: 'json' },
  time: { kind: 'string', format: FORMATS.time },
  state: { kind: 'string', format: FORMATS.state },
  outcome: { kind: 'string', format: FORMATS.outcome },
  'result-type': { kind: 'string', format: FORMATS['result-type'] },
  'file-name': { kind: 'string', format: FORMATS['file-name'] },
  answer: { kind: 'int64', format: FORMATS.answer },
};

/** Each specification is `name`, `name?` for an optional field, or `name:kind`, with one of KINDS. The default kind is string. */
function fields(...specifications: readonly string[]): readonly Field[] {
  return specifications.map((specification) => {
    const [name = '', kind = 'string'] = specification.replace('?', '').split(':');
    const facts = KINDS[kind];
    if (facts === undefined) throw new Error(`unknown kind of field: ${kind}`);
    return { name, ...facts, optional: specification.includes('?') };
  });
}

const TIMES = ['time_idle_ms?:int64', 'time_staged_ms?:int64', 'time_cpu_ms?:int64'];

export const SUBMIT_REQUEST = {
  name: 'SubmitRequest',
  slug: 'submit-request',
  type: 1,
  fields: fields('task_id', 'task_description', 'from_addr', 'to_addr'),
} as const satisfies Message;

export const SUBMIT_RESPONSE: Message = {
  name: 'SubmitResponse',
  slug: 'submit-response',
  type: 1,
  fields: fields('task_id', 'status:answer', 'message'),
};

export const TASK_RESULT: Message = {
  name: 'TaskResult',
  slug: 'task-result',
  type: 2,
  fields: fields('task_description', 'status:outcome', 'result:json', 'error?', 'timestamp:time'),
};

export const TASK_STATUS_UPDATE = {
  name: 'TaskStatusUpdate',
  slug: 'task-status-update',
  type: 3,
  fields: fields('task_id', 'status:state', 'justification'),
} as const satisfies Message;

export const TASK_RESULT_MESSAGE = {
  name: 'TaskResultMessage',
  slug: 'task-result-message',
  type: 4,
  fields: fields(
    'task_id',
    'result_type:result-type',
    'result_text?',
    'filename?:file-name',
    'file_data?:bytes',
    'completed_at:time',
    ...TIMES,
  ),
} as const satisfies Message;

export const TASK_FILE: Message = {
  name: 'TaskFile',
  slug: 'task-file',
  fields: fields(
    'task_id',
    'task_description',
    'created_at:time',
    'status:state',
    'status_justification',
    'from',
    'to',
    'accepted_at?:time',
    'staged_at?:time',
    'execute_started_at?:time',
    'completed_at?:time',
    ...TIMES,
    'result_type?:result-type',
    'results?',
  ),
};

/** What every task file has (M13). */
export const LEAST_TASK_FILE = { created_at: '2026-01-02T03:04:05Z', status: 'NEW' } as const;

export const MESSAGES: readonly Message[] = [
  SUBMIT_REQUEST,
  SUBMIT_RESPONSE,
  TASK_RESULT,
  TASK_STATUS_UPDATE,
  TASK_RESULT_MESSAGE,
  TASK_FILE,
];

/** The documented bound of a field, in bytes and inclusive. */
export interface Bound {
  readonly message: Message & { readonly name: ValidationVector['message'] };
  readonly field: string;
  readonly clause: string;
  readonly level: Level;
  readonly maxBytes: number;
}

export const BOUNDS: readonly Bound[] = [
  {
    message: SUBMIT_REQUEST,
    field: 'task_description',
    clause: 'S5',
    level: 'must',
    maxBytes: DESCRIPTION_CAP,
  },
  {
    message: TASK_STATUS_UPDATE,
    field: 'justification',
    clause: 'U4',
    level: 'should',
    maxBytes: JUSTIFICATION_CAP,
  },
  {
    message: TASK_RESULT_MESSAGE,
    field: 'result_text',
    clause: 'R2',
    level: 'must',
    maxBytes: RESULT_TEXT_CAP,
  },
  { message: TASK_RESULT_MESSAGE, field: 'filename', clause: 'R2', level: 'must', maxBytes: FILENAME_CAP },
  { message: TASK_RESULT_MESSAGE, field: 'file_data', clause: 'R2', level: 'must', maxBytes: FILE_CAP },
];

const ZERO = { string: '', int64: 0, bytes: { hex: '', times: 1 }, json: { json: 'null' } } as const;

/** A message with the given fields. Other fields are zero, or left out if they are optional. */
export function messageValue(message: Message, given: Value = {}): Value {
  const value: Record<string, FieldValue> = {};
  for (const { name, kind, optional } of message.fields) {
    const field = given[name];
    if (field !== undefined) value[name] = field;
    else if (!optional) value[name] = ZERO[kind];
  }
  return value;
}

/** A letter, repeated, and an end. A value with an end is short. */
export function repeated(repeat: string, times: number, end: string): FieldValue {
  return end === '' ? { repeat, times } : repeat.repeat(times) + end;
}

/** Whether a canonical message leaves the field out: it is optional, and its token is empty. */
export function isLeftOut({ fields }: Message, name: string, token: string): boolean {
  return (token === '""' || token === '0') && fields.some((field) => field.name === name && field.optional);
}

/** A wire name as part of an id. */
export function kebab(name: string): string {
  return name.replaceAll('_', '-').toLowerCase();
}
