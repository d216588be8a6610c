/**
 * What can go wrong, one class per audience: `ProtocolError` for whoever reads or writes frames and messages,
 * `ClientError` for whoever calls a peer. Test the `code`, never the message.
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
  | 'malformed-field';

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
