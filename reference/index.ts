/** The reference implementation's public API: frames, messages, the protocol's numbers, a client and a server. */
export { type CallOptions, type Client, type DialOptions, dial, type SendOptions } from './client.ts';
export type { ConnectionLimits } from './connection.ts';
export {
  ClientError,
  type ClientErrorCode,
  ProtocolError,
  type ProtocolErrorCode,
  TransitionError,
  ValidationError,
  type ValidationErrorCode,
} from './errors.ts';
export {
  ALLOWED_RESULT_EXTENSIONS,
  FORBIDDEN_RESULT_EXTENSIONS,
  isAllowedResultFilename,
  validateResultFilename,
} from './extensions.ts';
export { encodeFrame, type Frame, FrameDecoder, readFrame, typeName, writeFrame } from './frame.ts';
export type { Handler, Handlers, Peer } from './handler.ts';
export { canTransition, isFinal, isTaskStatus, type Side } from './life-cycle.ts';
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
  type PoloReading,
  type PoloScoreBreakdown,
  type PoloTimes,
  poloScoreReward,
  poloScoreRewardDetailed,
} from './polo.ts';
export {
  ACCEPT_TIMEOUT_MS,
  ACCEPTED_STALL_TIMEOUT_MS,
  DEFAULT_PORT,
  HEADER_BYTES,
  MAX_JUSTIFICATION_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_RESULT_FILE_BYTES,
  MAX_RESULT_FILENAME_BYTES,
  MAX_RESULT_TEXT_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
  QUEUE_HEAD_TIMEOUT_MS,
  STATUS_ACCEPTED,
  STATUS_REJECTED,
  TASK_STATUSES,
  type TaskStatus,
  TYPE_RESULT,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
} from './protocol.ts';
export { isSafeFilename, isSafeTaskId } from './safe-name.ts';
export { type CloseOptions, type ListenOptions, Server, type ServerOptions } from './server.ts';
export { Session, type SessionEvent, type SessionMessage } from './session.ts';
export {
  accept,
  applyStatusUpdate,
  calculateTimeCpu,
  calculateTimeIdle,
  calculateTimeStaged,
  cancel,
  complete,
  decline,
  execute,
  expire,
  isAcceptedStalled,
  isExpiredForAccept,
  isExpiredInQueue,
  newTaskFile,
  stage,
  succeed,
  type TaskOutcome,
  timeSinceCreation,
  timeSinceStaged,
} from './task.ts';
export { marshalTaskFile, type TaskFile, unmarshalTaskFile } from './task-file.ts';
export { generateTaskId } from './task-id.ts';
export { type Clock, formatTime, fromUnixMs, type Instant, millisecondsBetween, parseTime } from './time.ts';
export { validateSubmitRequest, validateTaskResultMessage, validateTaskStatusUpdate } from './validation.ts';
