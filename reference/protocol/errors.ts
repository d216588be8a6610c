/**
 * What can go wrong, one class per audience: `ProtocolError` for whoever reads or writes frames and messages,
 * `ValidationError` for whoever fills them, `TransitionError` for whoever moves a task through its life, `ClientError`
 * for whoever calls a peer. Test the `code` (of a TransitionError: `from` and `to`), never the message.
 */

/** A closed list: what about a frame or a message breaks the protocol. */
export type ProtocolErrorCode =
  /** The declared (or, when writing, actual) payload length is above MAX_PAYLOAD_BYTES (F2, F9). */
  | 'frame-too-large'
  /** The stream ended inside a header or a payload (F4). */
  | 'frame-truncated'
  /** The frame's type is not the one of the expected message (F6, F7). */
  | 'unexpected-type'
  /** The payload is not exactly one JSON object or null (M5, M6, M11). */
  | 'malformed-json'
  /** A field has a JSON type, or a value, that its documented type cannot hold (M4, M9, M10). */
  | 'malformed-field'
  /** A time is not RFC 3339, or no time of the calendar (L3). */
  | 'malformed-time';

/** The peer, or the caller, broke the protocol. Nothing of the offending frame was processed. */
export class ProtocolError extends Error {
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

/** A closed list: which documented bound a well-formed message breaks. */
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

/** A message is well-formed but must not be sent, nor taken when received. */
export class ValidationError extends Error {
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

/** A step that the life cycle does not permit (L1). The task is as it was. */
export class TransitionError extends Error {
  override readonly name = 'TransitionError';
  /** The status that the task has, any string that its file holds. */
  readonly from: string;
  /** The status that it was to take, or 'staged' for becoming the head of the queue (L2). */
  readonly to: string;

  constructor(from: string, to: string) {
    super(`a task that is ${JSON.stringify(from)} cannot become ${JSON.stringify(to)}`);
    this.from = from;
    this.to = to;
  }
}

/** A closed list: why a call to a peer came to nothing. */
export type ClientErrorCode =
  /** No connection could be made; `cause` holds the system's error. */
  | 'unreachable'
  /** The peer closed or reset the connection before the answer was complete. */
  | 'closed'
  /** The deadline passed. */
  | 'timeout'
  /** The caller's AbortSignal fired. */
  | 'aborted'
  /** The peer answered something illegal; `cause` holds the ProtocolError. */
  | 'bad-answer';

/** A call to a peer failed. Whether the peer processed the task is unknown unless the code is 'unreachable'. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
