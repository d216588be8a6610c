/**
 * The five messages as values. Names are camelCase here and snake_case on the wire; a field that is optional here
 * is left out on the wire when empty, every other is always written (M12). Missing fields decode to the zero value (M2).
 */

/** Any JSON value. Objects that decode from the wire have no prototype surprises: `__proto__` is an own key. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * A signed 64-bit integer (M9): a `number` whenever that is exact (within ±(2^53 − 1)), a `bigint` beyond.
 * Arithmetic on times of any real task never meets the bigint.
 */
export type Int64 = number | bigint;

/** SUBMIT (type 1): a task handed to a receiver. */
export interface SubmitRequest {
  /** Path-safe, unique to the submitter; echoed in the answer (S3, R5). */
  readonly taskId: string;
  /** At most MAX_TASK_DESCRIPTION_BYTES bytes of UTF-8, inclusive (S5). */
  readonly taskDescription: string;
  readonly fromAddr: string;
  readonly toAddr: string;
}

/** The answer to a SUBMIT, itself a frame of type 1 (S1). */
export interface SubmitResponse {
  readonly taskId: string;
  /** 200 or 400 from a conforming receiver (S2); any int64 decodes. */
  readonly status: Int64;
  readonly message: string;
}

/** RESULT (type 2): the legacy result message. */
export interface TaskResult {
  readonly taskDescription: string;
  /** 'success' or 'error'. */
  readonly status: string;
  readonly result: JsonValue;
  readonly error?: string;
  /** RFC 3339. */
  readonly timestamp: string;
}

/** STATUS_UPDATE (type 3): the receiver tells the submitter what became of a task. Gets no answer (U1). */
export interface TaskStatusUpdate {
  readonly taskId: string;
  readonly status: string;
  /** At most MAX_JUSTIFICATION_BYTES bytes of UTF-8, inclusive (U4). */
  readonly justification: string;
}

/** SEND_RESULTS (type 4): the receiver delivers. Gets no answer (R1). */
export interface TaskResultMessage {
  readonly taskId: string;
  /** 'text' or 'file'. */
  readonly resultType: string;
  /** At most MAX_RESULT_TEXT_BYTES bytes of UTF-8, inclusive (R2). */
  readonly resultText?: string;
  /** At most MAX_RESULT_FILENAME_BYTES bytes of UTF-8, inclusive (R2); never a path (R5). */
  readonly filename?: string;
  /** At most MAX_RESULT_FILE_BYTES bytes, inclusive; base64 on the wire (M10, R2). */
  readonly fileData?: Uint8Array;
  /** RFC 3339. */
  readonly completedAt: string;
  /** Milliseconds from creation to accept or decline. */
  readonly timeIdleMs?: Int64;
  /** Milliseconds at the head of the queue before execution. */
  readonly timeStagedMs?: Int64;
  /** Milliseconds of execution before the results were sent. */
  readonly timeCpuMs?: Int64;
}
