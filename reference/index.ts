// The declarations use types of Node.js. A project with `"types": []` would not load them otherwise.
/// <reference types="node" preserve="true" />

/**
 * The public API of the reference implementation, room by room from the bottom: the numbers, types and rules of the
 * protocol (protocol/), frames and messages (codec/), the life cycle of a task (task/), the store (store/), client
 * and server (net/), and the two roles on a store (roles/). Start with `Server` and `dial` for the wire, with
 * `Receiver` and `Submitter` for tasks.
 */

export { encodeFrame, type Frame, FrameDecoder, readFrame, writeFrame } from './codec/frame.ts';
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
} from './codec/message.ts';
export {
  type Client,
  type DialOptions,
  dial,
  type SendOptions,
  type SubmitOptions,
} from './net/client.ts';
export type { ConnectionLimits } from './net/connection.ts';
export type { TimeLimits } from './net/deadlines.ts';
export type { CallOptions } from './net/exchange.ts';
export type { Answer, Decision, Handler, Handlers, Peer, ResultSender } from './net/handler.ts';
export { readMessage, type SessionMessage, type Violation } from './net/messages.ts';
export { type CloseOptions, type ListenOptions, Server, type ServerOptions } from './net/server.ts';
export { Session, type SessionEvent, type UnreadEvent } from './net/session.ts';
export { type Address, formatAddress, parseAddress } from './protocol/address.ts';
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
  typeName,
} from './protocol/constants.ts';
export {
  ClientError,
  type ClientErrorCode,
  ProtocolError,
  type ProtocolErrorCode,
  TransitionError,
  ValidationError,
  type ValidationErrorCode,
} from './protocol/errors.ts';
export type {
  Int64,
  JsonValue,
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from './protocol/message-types.ts';
export {
  type PoloReading,
  type PoloScoreBreakdown,
  type PoloTimes,
  poloScoreReward,
  poloScoreRewardDetailed,
} from './protocol/polo.ts';
export {
  ALLOWED_RESULT_EXTENSIONS,
  FORBIDDEN_RESULT_EXTENSIONS,
  isAllowedResultFilename,
  validateResultFilename,
} from './protocol/result-extensions.ts';
export { isSafeFilename, isSafeTaskId } from './protocol/safe-name.ts';
export { generateTaskId } from './protocol/task-id.ts';
export {
  type Clock,
  formatTime,
  fromUnixMs,
  type Instant,
  millisecondsBetween,
  parseTime,
} from './protocol/time.ts';
export {
  validateSubmitRequest,
  validateTaskResultMessage,
  validateTaskStatusUpdate,
} from './protocol/validation.ts';
export type { Delivery, DialBack } from './roles/outbox.ts';
export { Receiver, type ReceiverOptions, type Step } from './roles/receiver.ts';
export { type Result, resultMessage } from './roles/result.ts';
export { type Submission, type Submitted, Submitter, type SubmitterOptions } from './roles/submitter.ts';
export { Sweeper, type SweeperOptions } from './roles/sweeper.ts';
export { Store, type StoreOptions } from './store/store.ts';
export { StoreError, type StoreErrorCode } from './store/store-error.ts';
export type { InStatusOptions, StoreEntry, TaskFolder } from './store/task-folder.ts';
export type { Logger } from './support/logger.ts';
export { canTransition, isFinal, isTaskStatus, type Side } from './task/state-machine.ts';
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
  expireStalled,
  isAcceptedStalled,
  isExpiredByStall,
  isExpiredForAccept,
  isExpiredInQueue,
  newTaskFile,
  stage,
  succeed,
  type TaskOutcome,
  timeSinceCreation,
  timeSinceStaged,
} from './task/task.ts';
export { marshalTaskFile, type TaskFile, unmarshalTaskFile } from './task/task-file.ts';
