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
import { ProtocolError } from '../protocol/errors.ts';
import type { SubmitRequest, TaskResultMessage, TaskStatusUpdate } from '../protocol/message-types.ts';

/** A legal message, and whether the peer expects an answer. */
export type SessionMessage =
  /** A SUBMIT. The peer expects exactly one answer (S1). */
  | { readonly kind: 'submit'; readonly request: SubmitRequest }
  /** A SUBMIT whose description is over MAX_TASK_DESCRIPTION_BYTES. The answer is 400, without a handler (S5). */
  | { readonly kind: 'oversized-submit'; readonly request: SubmitRequest }
  /** A STATUS_UPDATE. It has no answer (U1). */
  | { readonly kind: 'status-update'; readonly update: TaskStatusUpdate }
  /** A SEND_RESULTS. It has no answer (R1). */
  | { readonly kind: 'results'; readonly message: TaskResultMessage };

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
      return { kind: isOversized(request.taskDescription) ? 'oversized-submit' : 'submit', request };
    }
    case TYPE_STATUS_UPDATE:
      return { kind: 'status-update', update: unmarshalTaskStatusUpdate(frame) };
    case TYPE_SEND_RESULTS:
      return { kind: 'results', message: unmarshalTaskResultMessage(frame) };
    default:
      throw new ProtocolError(
        'unexpected-type',
        'F7',
        `a receiver does not take ${typeName(frame.type)} frames`,
      );
  }
}

/** A UTF-16 code unit needs at least one byte of UTF-8, and at most three. */
function isOversized(description: string): boolean {
  if (3 * description.length <= MAX_TASK_DESCRIPTION_BYTES) return false;
  return Buffer.byteLength(description) > MAX_TASK_DESCRIPTION_BYTES;
}
