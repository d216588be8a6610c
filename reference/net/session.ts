/**
 * The receiving side of one connection, without the socket: chunks → events. It has no socket, timer or clock, so a
 * test can call it with every segmentation and every ending.
 *
 * chunk → FrameDecoder (frame.ts) → Frame → message (message.ts) → SessionEvent. The owner of the socket pushes a
 * chunk, takes events until there is none, and then reads the next chunk.
 */

import { type Frame, FrameDecoder } from '../codec/frame.ts';
import {
  unmarshalSubmitRequest,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from '../codec/message.ts';
import {
  HEADER_BYTES,
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

/** An event of a session. */
export type SessionEvent =
  | SessionMessage
  /** The peer broke the protocol. Close without an answer (F2, F4, F7, S6). It is the last event. */
  | { readonly kind: 'violation'; readonly error: ProtocolError }
  /** The stream ended between two frames, or `maxFrames` frames were served. It is the last event. */
  | { readonly kind: 'end' };

/** The state of one connection that receives frames. */
export class Session {
  readonly #decoder = new FrameDecoder();
  #framesLeft: number;
  #inputEnded = false;
  #ended = false;

  /** Ends after `maxFrames` frames, at least 1; default 1. Bytes after the last frame are ignored (T2). */
  constructor(maxFrames = 1) {
    this.#framesLeft = maxFrames;
  }

  /** The part of a frame that the next byte belongs to. Valid after `next` has returned undefined. */
  get awaiting(): 'header' | 'payload' {
    return this.#decoder.pendingBytes < HEADER_BYTES ? 'header' : 'payload';
  }

  /** Whether no byte of the next frame has been pushed. Valid after `next` has returned undefined. */
  get isBetweenFrames(): boolean {
    return this.#decoder.pendingBytes === 0;
  }

  /**
   * Takes the next bytes from the peer. Ignores them after the last frame and after a violation. Do not modify them.
   */
  push(chunk: Uint8Array): void {
    if (!this.#ended && this.#framesLeft > 0) this.#decoder.push(chunk);
  }

  /** Reports that the peer will send no more bytes. Complete frames that were pushed before are still served (T4). */
  end(): void {
    this.#inputEnded = true;
  }

  /** The next event. Undefined while more bytes are needed, and always after the last event. */
  next(): SessionEvent | undefined {
    if (this.#ended) return undefined;
    if (this.#framesLeft === 0) return this.#finish({ kind: 'end' });
    try {
      const frame = this.#decoder.next();
      if (frame !== undefined) {
        this.#framesLeft -= 1;
        return messageOf(frame);
      }
      if (!this.#inputEnded) return undefined;
      this.#decoder.end();
      return this.#finish({ kind: 'end' });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#finish({ kind: 'violation', error });
    }
  }

  #finish(event: SessionEvent): SessionEvent {
    this.#ended = true;
    return event;
  }
}

function messageOf(frame: Frame): SessionMessage {
  switch (frame.type) {
    case TYPE_SUBMIT: {
      const request = unmarshalSubmitRequest(frame);
      const bytes = Buffer.byteLength(request.taskDescription);
      return { kind: bytes > MAX_TASK_DESCRIPTION_BYTES ? 'oversized-submit' : 'submit', request };
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
