/**
 * The errors of the reference, one class for each kind of caller: `ProtocolError` when frames and messages are read
 * or written, `ValidationError` when the fields of a message are checked, `TransitionError` when a task changes its
 * status, `ClientError` when a peer is called. The store has its own `StoreError`. A program tests the `code` (of a
 * TransitionError: `from` and `to`), never the message.
 */

/** An error that can refuse what a caller, such as a peer, asks for. */
export abstract class Refusable extends Error {
  /** Whether the caller is the reason, so that the same call is refused again. Otherwise the system has failed. */
  get isRefusal(): boolean {
    return true;
  }
}

/** How a frame or a message breaks the protocol. A closed list. */
export type ProtocolErrorCode =
  /**
   * The declared length of a payload that is read, or the length of one to write, is over MAX_PAYLOAD_BYTES (F2, F9).
   */
  | 'frame-too-large'
  /** The stream ended inside a header or a payload (F4). */
  | 'frame-truncated'
  /** The type of the frame is not that of the expected message (F6, F7). */
  | 'unexpected-type'
  /** The payload is not exactly one JSON object or null (M5, M6, M11). */
  | 'malformed-json'
  /** A field has a JSON type or a value that its documented type does not allow (M4, M9, M10). */
  | 'malformed-field'
  /** A time is not RFC 3339, or not a time of the calendar (L3). */
  | 'malformed-time';

/** The peer or the caller broke the protocol. Nothing of the frame in question was processed. */
export class ProtocolError extends Refusable {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  /** The clause of docs/protocol.md that was broken, such as 'F2'. */
  readonly clause: string;

  constructor(code: ProtocolErrorCode, clause: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.clause = clause;
  }
}

/** Which documented rule a well-formed message breaks. A closed list. All bounds are inclusive. */
export type ValidationErrorCode =
  /** More than MAX_TASK_DESCRIPTION_BYTES (S5). */
  | 'description-too-long'
  /** More than MAX_JUSTIFICATION_BYTES (U4). */
  | 'justification-too-long'
  /** More than MAX_RESULT_TEXT_BYTES (R2). */
  | 'result-text-too-long'
  /** More than MAX_RESULT_FILENAME_BYTES (R2). */
  | 'filename-too-long'
  /** More than MAX_RESULT_FILE_BYTES (R2). */
  | 'file-too-large'
  /** The extension is one of source code (R4). */
  | 'extension-forbidden'
  /** The extension is in neither list, or missing (R4). */
  | 'extension-unknown';

/** A message is well-formed, but its sender must not send it and its receiver must not take it. */
export class ValidationError extends Refusable {
  override readonly name = 'ValidationError';
  readonly code: ValidationErrorCode;
  /** The clause of docs/protocol.md that was broken, such as 'S5'. */
  readonly clause: string;

  constructor(code: ValidationErrorCode, clause: string, message: string) {
    super(message);
    this.code = code;
    this.clause = clause;
  }
}

/** The life cycle does not permit this change of a task (L1). The task is unchanged. */
export class TransitionError extends Refusable {
  override readonly name = 'TransitionError';
  /** The status of the task; it may be any string that its file holds. */
  readonly from: string;
  /** The refused status, or 'staged' when the task was to become the head of the queue (L2). */
  readonly to: string;

  constructor(from: string, to: string) {
    super(`a task that is ${JSON.stringify(from)} cannot become ${JSON.stringify(to)}`);
    this.from = from;
    this.to = to;
  }
}

/** Why a call to a peer failed. A closed list. */
export type ClientErrorCode =
  /** No connection could be made; `cause` is the error of the system. Nothing was sent. */
  | 'unreachable'
  /** The connection ended before the answer was complete, or before the call began. */
  | 'closed'
  /** The deadline of the call passed. */
  | 'timeout'
  /** The AbortSignal of the caller fired; `cause` is its reason. */
  | 'aborted'
  /** The answer of the peer breaks the protocol; `cause` is the ProtocolError. */
  | 'bad-answer';

/** A call to a peer failed. It is unknown whether the peer processed the message, unless the code is 'unreachable'. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
