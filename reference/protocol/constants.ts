/**
 * Every number of the protocol's documentation, once, with its unit and clause.
 * Clause numbers refer to docs/protocol.md.
 */

/** TCP port a receiver listens on by default (T1). */
export const DEFAULT_PORT = 1003;

/** Bytes of a frame header: type and length, both u32 big-endian (F1). */
export const HEADER_BYTES = 8;

/** Largest legal payload in bytes, inclusive (F2). */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** Frame type of a SubmitRequest, and of its SubmitResponse (F6, S1). */
export const TYPE_SUBMIT = 1;
/** Frame type of a TaskResult (F6). */
export const TYPE_RESULT = 2;
/** Frame type of a TaskStatusUpdate (F6). */
export const TYPE_STATUS_UPDATE = 3;
/** Frame type of a TaskResultMessage (F6). */
export const TYPE_SEND_RESULTS = 4;

/** SubmitResponse status: the task was accepted (S2). */
export const STATUS_ACCEPTED = 200;
/** SubmitResponse status: the task was rejected (S2). */
export const STATUS_REJECTED = 400;

/** Most bytes of UTF-8 in a task description, inclusive (S5). */
export const MAX_TASK_DESCRIPTION_BYTES = 16 * 1024;
/** Most bytes of UTF-8 in an inline text result, inclusive (R2). */
export const MAX_RESULT_TEXT_BYTES = 1024 * 1024;
/** Most bytes of UTF-8 in a result's file name, inclusive (R2). */
export const MAX_RESULT_FILENAME_BYTES = 256;
/** Most bytes of a result file after base64 decoding, inclusive; never fits one frame (R2, R3). */
export const MAX_RESULT_FILE_BYTES = 15 * 1024 * 1024;
/** Most bytes of UTF-8 in the justification of a status, inclusive (U4). */
export const MAX_JUSTIFICATION_BYTES = 4 * 1024;

/** Every status of a task, in the order of its life (L1). */
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
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Milliseconds a task may stay NEW, inclusive; beyond them it is cancelled (L1). */
export const ACCEPT_TIMEOUT_MS = 60_000;
/** Milliseconds a task may be the head of the queue, inclusive; beyond them it expires (L1). */
export const QUEUE_HEAD_TIMEOUT_MS = 3_600_000;
/** Milliseconds a submitter waits for results after acceptance, inclusive; beyond them the task expires (L1). */
export const ACCEPTED_STALL_TIMEOUT_MS = 60_000;

/** What any completed task earns, before bonus and penalties (P1). */
export const POLO_BASE = 1;
/** The largest penalty for idle time, and the largest for staged time (P2, P3). */
export const POLO_MAX_PENALTY = 0.3;
/** The least share of base and bonus that penalties leave (P1). */
export const POLO_MIN_MULTIPLIER = 0.4;
/** Seconds that idle time is measured against (P2, P3). */
export const POLO_IDLE_SCALE_S = 60;
/** Seconds that staged time is measured against (P2, P3). */
export const POLO_STAGED_SCALE_S = 600;
