/**
 * Frame → message, for the messages that a receiver takes. Every frame is read by this function, on the thread of the
 * server or on one of codec-threads.ts.
 */

import type { Frame } from '../codec/frame.ts';
import {
  unmarshalSubmitRequest,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from '../codec/message.ts';
import {
  MAX_TASK_DESCRIPTION_BYTES,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
  typeName,
} from '../protocol/constants.ts';
import { ProtocolError, ValidationError, type ValidationErrorCode } from '../protocol/errors.ts';
import type { SubmitRequest, TaskResultMessage, TaskStatusUpdate } from '../protocol/message-types.ts';
import { validateTaskResultMessage, validateTaskStatusUpdate } from '../protocol/validation.ts';

/**
 * A message, and whether the peer expects an answer. Of one with a field over its bound only what the server needs is kept: a
 * thread may have read it, and to copy 16 MiB of text from there would delay other peers (T3).
 */
export type SessionMessage =
  /** A SUBMIT. The peer expects exactly one answer (S1). */
  | { readonly kind: 'submit'; readonly request: SubmitRequest }
  /** A SUBMIT whose description is over MAX_TASK_DESCRIPTION_BYTES. The answer is 400, without a handler (S5). */
  | { readonly kind: 'oversized-submit'; readonly taskId: string }
  /** A STATUS_UPDATE. It has no answer (U1). */
  | { readonly kind: 'status-update'; readonly update: TaskStatusUpdate }
  /** A SEND_RESULTS. It has no answer (R1). */
  | { readonly kind: 'results'; readonly message: TaskResultMessage }
  /** A STATUS_UPDATE or SEND_RESULTS with a field over its bound (U4, R2). No handler takes it, and it has no answer. */
  | { readonly kind: 'oversized'; readonly code: ValidationErrorCode; readonly clause: string };

/** The peer broke the protocol. Close without an answer (F2, F4, F7, S6). */
export interface Violation {
  readonly kind: 'violation';
  readonly error: ProtocolError;
}

/** The message in a frame. */
export function readMessage(frame: Frame): SessionMessage | Violation {
  try {
    return messageOf(frame);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: 'violation', error };
  }
}

function messageOf(frame: Frame): SessionMessage {
  switch (frame.type) {
    case TYPE_SUBMIT: {
      const request = unmarshalSubmitRequest(frame);
      if (isOversized(request.taskDescription)) return { kind: 'oversized-submit', taskId: request.taskId };
      return { kind: 'submit', request };
    }
    case TYPE_STATUS_UPDATE: {
      const update = unmarshalTaskStatusUpdate(frame);
      return oversized(() => validateTaskStatusUpdate(update)) ?? { kind: 'status-update', update };
    }
    case TYPE_SEND_RESULTS: {
      const message = unmarshalTaskResultMessage(frame);
      return oversized(() => validateTaskResultMessage(message)) ?? { kind: 'results', message };
    }
    default:
      throw new ProtocolError(
        'unexpected-type',
        'F7',
        `a receiver does not take ${typeName(frame.type)} frames`,
      );
  }
}

/** The message in place of one that `validate` refuses. */
function oversized(validate: () => void): SessionMessage | undefined {
  try {
    validate();
    return undefined;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return { kind: 'oversized', code: error.code, clause: error.clause };
  }
}

/** A UTF-16 code unit needs at least one byte of UTF-8, and at most three. */
function isOversized(description: string): boolean {
  if (3 * description.length <= MAX_TASK_DESCRIPTION_BYTES) return false;
  return Buffer.byteLength(description) > MAX_TASK_DESCRIPTION_BYTES;
}
