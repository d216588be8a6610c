/**
 * The five messages as values. Names are camelCase here and snake_case on the wire. An optional field is left out on
 * the wire when it is empty; every other field is always written (M12). A missing field decodes to its zero value
 * (M2).
 */

/** Any JSON value. In a decoded object `__proto__` is an ordinary own key; it does not change the prototype. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * A signed 64-bit integer (M9). Decoding gives a `number` from −(2^53 − 1) to 2^53 − 1, where that is exact, and a
 * `bigint` beyond. Encoding takes both. The times of real tasks are always numbers.
 */
export type Int64 = number | bigint;

/** SUBMIT (type 1): asks a receiver to take a task. */
export interface SubmitRequest {
  /** Chosen by the submitter and unique to it. The answer repeats it (S3). A store needs a safe file name (R5). */
  readonly taskId: string;
  /** At most MAX_TASK_DESCRIPTION_BYTES bytes of UTF-8, inclusive (S5). */
  readonly taskDescription: string;
  /** The submitter, as `host:port` or as the address of an overlay network. */
  readonly fromAddr: string;
  /** The receiver, in the same form. */
  readonly toAddr: string;
}

/** The answer to a SUBMIT, itself a frame of type 1 (S1). */
export interface SubmitResponse {
  readonly taskId: string;
  /** 200 or 400 from a conforming receiver (S2); any int64 decodes. */
  readonly status: Int64;
  /** The reason, for a person; not empty from a conforming receiver (S4). */
  readonly message: string;
}

/** RESULT (type 2): the legacy result message, sent on the connection of the SUBMIT (F6). */
export interface TaskResult {
  readonly taskDescription: string;
  /** 'success' or 'error'. */
  readonly status: string;
  /** null after an error. */
  readonly result: JsonValue;
  /** The reason of an error, for a person. */
  readonly error?: string;
  /** When the task ended, in RFC 3339 (L3). */
  readonly timestamp: string;
}

/** STATUS_UPDATE (type 3): the receiver reports a new status of a task to the submitter. It has no answer (U1). */
export interface TaskStatusUpdate {
  readonly taskId: string;
  /** One of TASK_STATUSES from a conforming sender (U2); any string decodes. */
  readonly status: string;
  /** At most MAX_JUSTIFICATION_BYTES bytes of UTF-8, inclusive (U4). */
  readonly justification: string;
}

/** SEND_RESULTS (type 4): the receiver delivers the results of a task. It has no answer (R1). */
export interface TaskResultMessage {
  readonly taskId: string;
  /** 'text' or 'file' from a conforming sender; any string decodes. */
  readonly resultType: string;
  /** At most MAX_RESULT_TEXT_BYTES bytes of UTF-8, inclusive (R2). */
  readonly resultText?: string;
  /** At most MAX_RESULT_FILENAME_BYTES bytes of UTF-8, inclusive (R2). Not a path (R5). */
  readonly filename?: string;
  /** At most MAX_RESULT_FILE_BYTES bytes, inclusive; base64 on the wire (M10, R2). */
  readonly fileData?: Uint8Array;
  /** When execution ended, in RFC 3339 (L3). */
  readonly completedAt: string;
  /** Milliseconds from the creation of the task until it was accepted or declined (R7). */
  readonly timeIdleMs?: Int64;
  /** Milliseconds that the task was the head of the queue before its execution (R7). */
  readonly timeStagedMs?: Int64;
  /** Milliseconds from the start of execution until the results were sent (R7). */
  readonly timeCpuMs?: Int64;
}
