/**
 * The numbers and names of the protocol's documentation, each once, with its unit and its clause. Clause numbers
 * refer to docs/protocol.md.
 */

/** The TCP port that a receiver listens on by default (T1). */
export const DEFAULT_PORT = 1003;

/** Bytes of a frame header: the type and the length of the payload, both u32 big-endian (F1). */
export const HEADER_BYTES = 8;

/** The largest legal payload of a frame in bytes, inclusive (F2). */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Frame type of a SubmitRequest, and of its SubmitResponse (F6, S1). */
export const TYPE_SUBMIT = 1;
/** Frame type of a TaskResult (F6). */
export const TYPE_RESULT = 2;
/** Frame type of a TaskStatusUpdate (F6). */
export const TYPE_STATUS_UPDATE = 3;
/** Frame type of a TaskResultMessage (F6). */
export const TYPE_SEND_RESULTS = 4;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE_SUBMIT, 'SUBMIT'],
  [TYPE_RESULT, 'RESULT'],
  [TYPE_STATUS_UPDATE, 'STATUS_UPDATE'],
  [TYPE_SEND_RESULTS, 'SEND_RESULTS'],
]);

/** 'SUBMIT', 'RESULT', 'STATUS_UPDATE' or 'SEND_RESULTS'; for any other type 'UNKNOWN(n)' with n in decimal (F6). */
export function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `UNKNOWN(${type})`;
}

/** The status of a SubmitResponse that accepts the task (S2). */
export const STATUS_ACCEPTED = 200;
/** The status of a SubmitResponse that rejects the task (S2). */
export const STATUS_REJECTED = 400;

/** The most bytes of UTF-8 in a task description, inclusive (S5). */
export const MAX_TASK_DESCRIPTION_BYTES = 16 * 1024;
/** The most bytes of UTF-8 in a text result, inclusive (R2). */
export const MAX_RESULT_TEXT_BYTES = 1024 * 1024;
/** The most bytes of UTF-8 in the name of a result file, inclusive (R2). */
export const MAX_RESULT_FILENAME_BYTES = 256;
/** The most bytes of a result file, before base64, inclusive. A file of this size does not fit a frame (R2, R3). */
export const MAX_RESULT_FILE_BYTES = 15 * 1024 * 1024;
/** The most bytes of UTF-8 in the justification of a status, inclusive (U4). */
export const MAX_JUSTIFICATION_BYTES = 4 * 1024;

/** Every status of a task (L1). */
export const TASK_STATUSES = [
  'NEW',
  'ACCEPTED',
  'DECLINED',
  'EXECUTING',
  'COMPLETED',
  'SUCCEEDED',
  'CANCELLED',
  'EXPIRED',
] as const;
/** The status of a task (L1). */
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** How long a task may stay NEW, in milliseconds, inclusive. Then the receiver cancels it (L1). */
export const ACCEPT_TIMEOUT_MS = 60_000;
/** How long a task may be the head of the queue, in milliseconds, inclusive. Then it expires (L1). */
export const QUEUE_HEAD_TIMEOUT_MS = 3_600_000;
/** How long a submitter waits for results after acceptance, in milliseconds, inclusive. Then the task expires (L1). */
export const ACCEPTED_STALL_TIMEOUT_MS = 60_000;

/** The reward of any completed task before bonus and penalties (P1). */
export const POLO_BASE = 1;
/** The largest penalty for idle time, and also for staged time (P2, P3). */
export const POLO_MAX_PENALTY = 0.3;
/** The smallest factor that base and bonus are multiplied by, however large the penalties are (P1). */
export const POLO_MIN_MULTIPLIER = 0.4;
/** The idle time in seconds that gives a share of 1 in the penalty formulas (P2, P3). */
export const POLO_IDLE_SCALE_S = 60;
/** The staged time in seconds that gives a share of 1 in the penalty formulas (P2, P3). */
export const POLO_STAGED_SCALE_S = 600;
