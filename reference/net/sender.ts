/**
 * Bytes → socket, for connection.ts: an answer, the results that follow it (F6), and the end of the connection. At most one
 * frame is written at a time, so that its deadline and its memory are those of the connection.
 */
import type { Socket } from 'node:net';
import { encodeFrame, writeBytes } from '../codec/frame.ts';
import { marshalTaskResult } from '../codec/message.ts';
import type { ResultSender } from './handler.ts';

/** What the sender reports to its connection. */
export interface SendProgress {
  /** From now on the system is to take `bytes` bytes. */
  writing(bytes: number): void;
  /** It has taken them. */
  written(): void;
}

/** The sending side of a connection. */
export class Sender {
  readonly #socket: Socket;
  readonly #progress: SendProgress;

  constructor(socket: Socket, progress: SendProgress) {
    this.#socket = socket;
    this.#progress = progress;
  }

  /** Sends a frame after which the connection stays open. Rejects when the connection has ended. */
  async send(bytes: Uint8Array): Promise<void> {
    // Else the system could keep a result back until the peer has confirmed the answer.
    this.#socket.setNoDelay(true);
    this.#progress.writing(bytes.byteLength);
    await writeBytes(this.#socket, bytes);
    this.#progress.written();
  }

  /**
   * Runs `deliver`. Settles as it does, when all results have been sent that were given to its ResultSender. Each of them is encoded
   * when those before it are sent.
   */
  async deliver(deliver: (send: ResultSender) => Promise<void>): Promise<void> {
    let last: Promise<void> = Promise.resolve();
    let isOver = false;
    const send: ResultSender = (result) => {
      if (isOver) return Promise.reject(new Error('a result after the end of `deliver`'));
      const sent = last.then(() => this.send(encodeFrame(marshalTaskResult(result))));
      last = sent.catch(() => {});
      return sent;
    };
    try {
      await deliver(send);
    } finally {
      isOver = true;
      await last;
    }
  }

  /** Sends the last answer, if there is one, and FIN. Then calls `sent`, unless the connection has ended. */
  finish(answer: Uint8Array | undefined, sent: () => void): void {
    this.#progress.writing(answer?.byteLength ?? 0);
    const done = (error?: Error | null): void => {
      if (error || this.#socket.destroyed) return;
      this.#progress.written();
      sent();
    };
    if (answer === undefined) this.#socket.end(done);
    else this.#socket.end(answer, done);
  }
}
