/**
 * The receiving side of one connection, without the connection: chunks in, events out. It holds no socket, timer or
 * clock, so every segmentation and every ending can be tested by calling it.
 *
 * chunk → FrameDecoder → Frame → message → SessionEvent. Whoever owns the socket pushes a chunk, takes events until
 * there is none, and only then reads on.
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

/** A legal message. */
export type SessionMessage =
  /** Owes the peer exactly one answer (S1). */
  | { readonly kind: 'submit'; readonly request: SubmitRequest }
  /** A SUBMIT over a documented bound: owes the peer a 400, whatever a handler would say (S5). */
  | { readonly kind: 'oversized-submit'; readonly request: SubmitRequest }
  /** Owes no answer (U1). */
  | { readonly kind: 'status-update'; readonly update: TaskStatusUpdate }
  /** Owes no answer (R1). */
  | { readonly kind: 'results'; readonly message: TaskResultMessage };

export type SessionEvent =
  | SessionMessage
  /** Close without an answer (F2, F4, F7, S6). Nothing follows. */
  | { readonly kind: 'violation'; readonly error: ProtocolError }
  /** The peer has finished between two frames, or was served its last permitted frame. Nothing follows. */
  | { readonly kind: 'end' };

export class Session {
  readonly #decoder = new FrameDecoder();
  #framesLeft: number;
  #inputEnded = false;
  #ended = false;

  /** Serves `maxFrames` frames, at least 1, before it ends; bytes behind the last are ignored (T2). */
  constructor(maxFrames = 1) {
    this.#framesLeft = maxFrames;
  }

  /** The part of a frame that the next byte belongs to. Meaningful whenever `next()` gave undefined. */
  get awaiting(): 'header' | 'payload' {
    return this.#decoder.pendingBytes < HEADER_BYTES ? 'header' : 'payload';
  }

  /** Takes the next bytes from the peer. Those of a session that serves no more frames are dropped. */
  push(chunk: Uint8Array): void {
    if (!this.#ended && this.#framesLeft > 0) this.#decoder.push(chunk);
  }

  /** The peer will send no more bytes. Complete frames that were pushed before are still served (T4). */
  end(): void {
    this.#inputEnded = true;
  }

  /** The next event; undefined while more bytes are needed, and for ever after a violation or an end. */
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
      throw new ProtocolError('unexpected-type', 'F7', `a receiver takes no ${typeName(frame.type)} frame`);
  }
}
