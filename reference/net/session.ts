/**
 * The receiving side of one connection, without the socket: chunks → events. It has no socket, timer or clock, so a
 * test can call it with every segmentation and every ending.
 *
 * chunk → FrameDecoder (frame.ts) → Frame → message (messages.ts) → SessionEvent. The owner of the socket pushes a
 * chunk, takes events until there is none, and then reads the next chunk. An owner that does not want to wait while a large
 * payload is read takes frames instead, and reads them elsewhere, as connection.ts does with those over 32 KiB.
 */

import { type Frame, FrameDecoder } from '../codec/frame.ts';
import { HEADER_BYTES } from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { readMessage, type SessionMessage, type Violation } from './messages.ts';

/** An event of a session. */
export type SessionEvent =
  | SessionMessage
  /** It is the last event. */
  | Violation
  /** The stream ended between two frames, or `maxFrames` frames were served. It is the last event. */
  | { readonly kind: 'end' };

/** An event of a session whose frames are read by the caller, with `readMessage`. */
export type UnreadEvent =
  | {
      readonly kind: 'frame';
      readonly frame: Frame;
      /** Whether the session no longer needs the memory of the payload, so that it may be transferred to a thread. */
      readonly isSoleUse: boolean;
    }
  | Violation
  | { readonly kind: 'end' };

/** The state of one connection that receives frames. */
export class Session {
  #decoder = new FrameDecoder();
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

  /** Whether no byte of the next frame has been pushed. */
  get isBetweenFrames(): boolean {
    return this.#decoder.pendingBytes === 0;
  }

  /** Whether the last permitted frame was taken, or the last event. Further bytes are ignored. */
  get isOver(): boolean {
    return this.#ended || this.#framesLeft === 0;
  }

  /** The bytes that were pushed and belong to no frame that was taken. */
  get pendingBytes(): number {
    return this.#decoder.pendingBytes;
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
    const event = this.nextFrame();
    if (event?.kind !== 'frame') return event;
    const message = readMessage(event.frame);
    return message.kind === 'violation' ? this.#finish(message) : message;
  }

  /** As `next`, but does not read the payload. A caller that finds a violation in it takes no further event. */
  nextFrame(): UnreadEvent | undefined {
    if (this.#ended) return undefined;
    if (this.#framesLeft === 0) return this.#finish({ kind: 'end' });
    try {
      const frame = this.#decoder.next();
      if (frame !== undefined) {
        this.#framesLeft -= 1;
        if (this.#framesLeft === 0) this.#drop();
        return { kind: 'frame', frame, isSoleUse: !this.#decoder.sharesMemory };
      }
      if (!this.#inputEnded) return undefined;
      this.#decoder.end();
      return this.#finish({ kind: 'end' });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#finish({ kind: 'violation', error });
    }
  }

  #finish<Event>(event: Event): Event {
    this.#ended = true;
    this.#drop();
    return event;
  }

  /** Further bytes are ignored, and those that were pushed are not kept. */
  #drop(): void {
    if (!this.isBetweenFrames) this.#decoder = new FrameDecoder();
  }
}
