/** A client that submits new tasks, on a new connection for each or all on the same one, and does nothing more. */

import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import {
  type Address,
  encodeFrame,
  type Frame,
  FrameDecoder,
  marshalSubmitRequest,
  unmarshalSubmitResponse,
} from '../../reference/index.ts';

/** Hundreds of connections may be open, and each keeps the part of its answer that has come. In bytes, with the header. */
const MAX_ANSWER_BYTES = 64 * 1024;

const LATE = 'no answer in time';

/** The frame of a task with a new id. */
function newSubmission(): Uint8Array {
  const taskDescription = 'A task of conform bench. Do not execute it.';
  const addresses = { fromAddr: '0:0000.0000.0001', toAddr: '0:0000.0000.0002' };
  return encodeFrame(marshalSubmitRequest({ taskId: randomUUID(), taskDescription, ...addresses }));
}

export interface SubmitClientOptions {
  /** Whether a connection carries many submissions, or only one. */
  readonly keepOpen: boolean;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the submission that is in flight, which then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes one submission after another. After one that failed, the next begins with a new connection. */
export class SubmitClient {
  readonly #target: Address;
  readonly #options: SubmitClientOptions;
  #open: { readonly socket: Socket; readonly decoder: FrameDecoder } | undefined;

  constructor(target: Address, options: SubmitClientOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * Submits a task and resolves to the status of the answer. Rejects when there is no legal answer in time, and for an answer
   * over 64 KiB.
   */
  async submit(): Promise<number> {
    const { socket, decoder } = this.#open ?? this.#connect();
    this.#open = { socket, decoder };
    try {
      const answer = unlessAborted(this.#nextFrame(socket, decoder), this.#options.signal);
      socket.write(newSubmission());
      const status = Number(unmarshalSubmitResponse(await answer).status);
      if (!this.#options.keepOpen) this.close();
      return status;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Resets the connection: thousands of connections that end with FIN would use up the ports of the machine. */
  close(): void {
    this.#open?.socket.resetAndDestroy();
    this.#open = undefined;
  }

  #connect(): { socket: Socket; decoder: FrameDecoder } {
    const socket = connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    socket.on('error', () => {});
    socket.setTimeout(this.#options.timeoutMs, () => socket.destroy(new Error(LATE)));
    return { socket, decoder: new FrameDecoder() };
  }

  #nextFrame(socket: Socket, decoder: FrameDecoder): Promise<Frame> {
    const endsAt = performance.now() + this.#options.timeoutMs;
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined, frame?: Frame): void => {
        socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', settle);
        if (frame !== undefined) resolve(frame);
        else reject(error ?? new Error('closed'));
      };
      const onEnd = (): void => settle(undefined);
      const onData = (chunk: Uint8Array): void => {
        try {
          decoder.push(chunk);
          const frame = decoder.next();
          // Also of answers that belong to no submission.
          if (decoder.pendingBytes > MAX_ANSWER_BYTES)
            settle(new Error('the answer is too large to be measured'));
          else if (frame !== undefined) settle(undefined, frame);
          // The timeout of the socket is for one that is silent.
          else if (performance.now() > endsAt) settle(new Error(LATE));
        } catch (error) {
          settle(error instanceof Error ? error : new Error(String(error)));
        }
      };
      socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', settle);
    });
  }
}
