/** The reference implementation's public API: frames, messages, the protocol's numbers, a client, a server and the roles on a store. */
export { type Address, formatAddress, parseAddress } from './address.ts';
export {
  type Client,
  type DialOptions,
  dial,
  type SendOptions,
  type SubmitOptions,
} from './client.ts';
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
export type { CallOptions } from './exchange.ts';
export {
  ALLOWED_RESULT_EXTENSIONS,
  FORBIDDEN_RESULT_EXTENSIONS,
  isAllowedResultFilename,
  validateResultFilename,
} from './extensions.ts';
export { encodeFrame, type Frame, FrameDecoder, readFrame, typeName, writeFrame } from './frame.ts';
export type { Answer, Decision, Handler, Handlers, Peer, ResultSender } from './handler.ts';
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
export type { Delivery, DialBack } from './outbox.ts';
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
export { Receiver, type ReceiverOptions, type Step } from './receiver.ts';
export { type Result, resultMessage } from './result.ts';
export { isSafeFilename, isSafeTaskId } from './safe-name.ts';
export { type CloseOptions, type ListenOptions, Server, type ServerOptions } from './server.ts';
export { Session, type SessionEvent, type SessionMessage } from './session.ts';
export { Store, type StoreOptions } from './store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
export { type Submission, type Submitted, Submitter, type SubmitterOptions } from './submitter.ts';
export { Sweeper, type SweeperOptions } from './sweeper.ts';
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
export type { StoreEntry, TaskFolder } from './task-folder.ts';
export { generateTaskId } from './task-id.ts';
export { type Clock, formatTime, fromUnixMs, type Instant, millisecondsBetween, parseTime } from './time.ts';
export { validateSubmitRequest, validateTaskResultMessage, validateTaskStatusUpdate } from './validation.ts';
