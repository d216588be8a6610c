/** The messages of the protocol as tables: what the derived vectors are built from. The judge's own, like all of its numbers. */
import type { FieldValue, MessageName, Value } from './vector.ts';

export interface Field {
  readonly name: string;
  readonly kind: 'string' | 'int64' | 'bytes' | 'json';
  /** Left out when empty. */
  readonly optional: boolean;
}

export interface Message {
  readonly name: MessageName;
  /** The prefix of ids. */
  readonly slug: string;
  /** Frame type; a task file has none. */
  readonly type?: number;
  readonly fields: readonly Field[];
}

/** `name`, `name:int64`, `name?`, `name?:int64`; the kind is string unless it says otherwise. */
function fields(...specifications: readonly string[]): readonly Field[] {
  return specifications.map((specification) => {
    const [name = '', kind = 'string'] = specification.replace('?', '').split(':');
    if (kind !== 'string' && kind !== 'int64' && kind !== 'bytes' && kind !== 'json')
      throw new Error(`no kind of field: ${kind}`);
    return { name, kind, optional: specification.includes('?') };
  });
}

const TIMES = ['time_idle_ms?:int64', 'time_staged_ms?:int64', 'time_cpu_ms?:int64'];

export const SUBMIT_REQUEST: Message = {
  name: 'SubmitRequest',
  slug: 'submit-request',
  type: 1,
  fields: fields('task_id', 'task_description', 'from_addr', 'to_addr'),
};

export const SUBMIT_RESPONSE: Message = {
  name: 'SubmitResponse',
  slug: 'submit-response',
  type: 1,
  fields: fields('task_id', 'status:int64', 'message'),
};

export const TASK_RESULT: Message = {
  name: 'TaskResult',
  slug: 'task-result',
  type: 2,
  fields: fields('task_description', 'status', 'result:json', 'error?', 'timestamp'),
};

export const TASK_STATUS_UPDATE: Message = {
  name: 'TaskStatusUpdate',
  slug: 'task-status-update',
  type: 3,
  fields: fields('task_id', 'status', 'justification'),
};

export const TASK_RESULT_MESSAGE: Message = {
  name: 'TaskResultMessage',
  slug: 'task-result-message',
  type: 4,
  fields: fields(
    'task_id',
    'result_type',
    'result_text?',
    'filename?',
    'file_data?:bytes',
    'completed_at',
    ...TIMES,
  ),
};

export const TASK_FILE: Message = {
  name: 'TaskFile',
  slug: 'task-file',
  fields: fields(
    'task_id',
    'task_description',
    'created_at',
    'status',
    'status_justification',
    'from',
    'to',
    'accepted_at?',
    'staged_at?',
    'execute_started_at?',
    'completed_at?',
    ...TIMES,
    'result_type?',
    'results?',
  ),
};

export const MESSAGES: readonly Message[] = [
  SUBMIT_REQUEST,
  SUBMIT_RESPONSE,
  TASK_RESULT,
  TASK_STATUS_UPDATE,
  TASK_RESULT_MESSAGE,
  TASK_FILE,
];

const ZERO = { string: '', int64: 0, bytes: { hex: '', times: 1 }, json: { json: 'null' } } as const;

/** A message in which the given fields have these values, the others are zero, and those that are optional left out. */
export function messageValue(message: Message, given: Value = {}): Value {
  const value: Record<string, FieldValue> = {};
  for (const { name, kind, optional } of message.fields) {
    const field = given[name];
    if (field !== undefined) value[name] = field;
    else if (!optional) value[name] = ZERO[kind];
  }
  return value;
}

/** A wire name as part of an id. */
export function kebab(name: string): string {
  return name.replaceAll('_', '-').toLowerCase();
}
