/** The reference implementation's public API: frames, messages, the protocol's numbers, a client and a server. */
export { type CallOptions, type Client, type DialOptions, dial, type SendOptions } from './client.ts';
export type { ConnectionLimits } from './connection.ts';
export { ClientError, type ClientErrorCode, ProtocolError, type ProtocolErrorCode } from './errors.ts';
export { encodeFrame, type Frame, FrameDecoder, readFrame, typeName, writeFrame } from './frame.ts';
export type { Handler, Handlers, Peer } from './handler.ts';
export type { Logger } from './logger.ts';
export {
  marshalSubmitRequest,
  marshalSubmitResponse,
  marshalTaskResult,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  unmarshalSubmitRequest,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from './message.ts';
export type {
  Int64,
  JsonValue,
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from './message-types.ts';
export {
  DEFAULT_PORT,
  HEADER_BYTES,
  MAX_JUSTIFICATION_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_RESULT_FILE_BYTES,
  MAX_RESULT_FILENAME_BYTES,
  MAX_RESULT_TEXT_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
  STATUS_ACCEPTED,
  STATUS_REJECTED,
  TYPE_RESULT,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
} from './protocol.ts';
export { type CloseOptions, type ListenOptions, Server, type ServerOptions } from './server.ts';
export { Session, type SessionEvent, type SessionMessage } from './session.ts';
export { generateTaskId } from './task-id.ts';
