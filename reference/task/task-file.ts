/** A stored task: TaskFile ⇄ the bytes of its JSON file, through a table of fields like those of message.ts (M13). */
import { ObjectCodec } from '../codec/json-object.ts';
import type { Int64 } from '../protocol/message-types.ts';

/** One stored task. Times are in RFC 3339 (L3). An optional field is left out of the file when it is empty (M12). */
export interface TaskFile {
  readonly taskId: string;
  readonly taskDescription: string;
  readonly createdAt: string;
  /** One of TASK_STATUSES in a task that this implementation writes; any string decodes. */
  readonly status: string;
  readonly statusJustification: string;
  /** Address of the submitter. */
  readonly from: string;
  /** Address of the receiver. */
  readonly to: string;
  /** When the task was accepted, declined or cancelled (L3). */
  readonly acceptedAt?: string;
  /** When the task became the head of the queue (L2). */
  readonly stagedAt?: string;
  /** When execution started. */
  readonly executeStartedAt?: string;
  /** When execution ended. */
  readonly completedAt?: string;
  /** Milliseconds from `createdAt` to `acceptedAt`. */
  readonly timeIdleMs?: Int64;
  /** Milliseconds from `stagedAt` to `executeStartedAt`. */
  readonly timeStagedMs?: Int64;
  /** Milliseconds from `executeStartedAt` to `completedAt`. */
  readonly timeCpuMs?: Int64;
  /** 'text' or 'file'. */
  readonly resultType?: string;
  /** The text, or the name of the file (R6). */
  readonly results?: string;
}

const taskFile = new ObjectCodec<TaskFile>({
  taskId: { wire: 'task_id', kind: 'string' },
  taskDescription: { wire: 'task_description', kind: 'string' },
  createdAt: { wire: 'created_at', kind: 'string' },
  status: { wire: 'status', kind: 'string' },
  statusJustification: { wire: 'status_justification', kind: 'string' },
  from: { wire: 'from', kind: 'string' },
  to: { wire: 'to', kind: 'string' },
  acceptedAt: { wire: 'accepted_at', kind: 'string', optional: true },
  stagedAt: { wire: 'staged_at', kind: 'string', optional: true },
  executeStartedAt: { wire: 'execute_started_at', kind: 'string', optional: true },
  completedAt: { wire: 'completed_at', kind: 'string', optional: true },
  timeIdleMs: { wire: 'time_idle_ms', kind: 'int64', optional: true },
  timeStagedMs: { wire: 'time_staged_ms', kind: 'int64', optional: true },
  timeCpuMs: { wire: 'time_cpu_ms', kind: 'int64', optional: true },
  resultType: { wire: 'result_type', kind: 'string', optional: true },
  results: { wire: 'results', kind: 'string', optional: true },
});

/**
 * The text of the file: indented by two spaces, without a line break at the end (M13). Throws a TypeError when a
 * field holds a value that its type does not allow.
 */
export function marshalTaskFile(value: TaskFile): Uint8Array {
  return taskFile.encode(value, { indent: true });
}

/**
 * Reads a file by the rules for messages (M1 to M11). Throws a ProtocolError 'malformed-json' or 'malformed-field',
 * as `unmarshalSubmitRequest` does.
 */
export function unmarshalTaskFile(bytes: Uint8Array): TaskFile {
  return taskFile.decode(bytes);
}
