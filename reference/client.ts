/**
 * The sending side. A Client is one connection and carries one call, because a receiver serves one frame a connection
 * and then closes (T2): a second call would race against that close and could lose its message in silence. So every
 * call ends its connection, and a second call fails with 'closed' before a byte is sent.
 *
 * A call never shuts down its sending side after the frame: many receivers drop a connection on FIN, late answer
 * included (T4). It waits for the peer instead, within a deadline.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { ClientError, ProtocolError } from './errors.ts';
import { encodeFrame, type Frame, FrameDecoder, typeName } from './frame.ts';
import { assertLimit } from './limits.ts';
import {
  marshalSubmitRequest,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  unmarshalSubmitResponse,
} from './message.ts';
import type { SubmitRequest, SubmitResponse, TaskResultMessage, TaskStatusUpdate } from './message-types.ts';
import { DEFAULT_PORT, STATUS_ACCEPTED, STATUS_REJECTED, TYPE_RESULT, TYPE_SUBMIT } from './protocol.ts';

export interface CallOptions {
  /** Milliseconds for the whole call. Default 5000. */
  readonly timeoutMs?: number;
  /** Ends the call with 'aborted', the signal's reason as `cause`. */
  readonly signal?: AbortSignal;
}

export interface DialOptions extends CallOptions {
  readonly host: string;
  /** Default DEFAULT_PORT (T1). */
  readonly port?: number;
}

export interface SendOptions extends CallOptions {
  /**
   * Milliseconds for the peer to close once the frame is written, in addition to `timeoutMs`; a peer that keeps the
   * connection open is then left. Default 1000.
   */
  readonly closeWaitMs?: number;
}

/** Room in an answer for everything but the task id. */
const ANSWER_OVERHEAD_BYTES = 64 * 1024;
/** JSON spends at most this on one UTF-16 code unit of a string: `\u0000`. */
const JSON_BYTES_PER_CODE_UNIT = 6;

/** Connects. Rejects with a ClientError 'unreachable', 'timeout' or 'aborted'. */
export async function dial({ host, port = DEFAULT_PORT, ...options }: DialOptions): Promise<Client> {
  const socket = new Socket({ allowHalfOpen: true });
  // Whatever awaits the socket sees its error; this is for the time in which nobody does.
  socket.on('error', () => {});
  try {
    await within(socket, options, () => once(socket.connect({ host, port }), 'connect'));
  } catch (error) {
    socket.destroy();
    if (error instanceof ClientError || error instanceof RangeError) throw error;
    throw new ClientError('unreachable', `no connection to ${host}:${port}`, { cause: error });
  }
  return new Client(socket);
}

/** One connection, good for one call. Comes from `dial`. */
export class Client {
  readonly #socket: Socket;
  #used = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Submits a task and resolves to the peer's answer, be it 200 or 400. Rejects with a ClientError; 'bad-answer' also
   * for an answer about another task (S3), with another status (S2) or of a size that no answer needs.
   * Throws a ProtocolError 'frame-too-large' before a byte is sent (F9).
   */
  async submitTask(request: SubmitRequest, options: CallOptions = {}): Promise<SubmitResponse> {
    const bytes = encodeFrame(marshalSubmitRequest(request));
    const limit = ANSWER_OVERHEAD_BYTES + JSON_BYTES_PER_CODE_UNIT * request.taskId.length;
    return this.#call(() =>
      within(this.#socket, options, async () => {
        const answer = readAnswer(this.#socket, limit);
        this.#socket.write(bytes);
        return checkAnswer(await answer, request.taskId);
      }),
    );
  }

  /** Sends a status update; see `sendResults`. */
  async sendStatusUpdate(update: TaskStatusUpdate, options: SendOptions = {}): Promise<void> {
    await this.#send(marshalTaskStatusUpdate(update), options);
  }

  /**
   * Sends results. There is no answer (U1, R1), so resolving means only this: the whole frame was handed to the system,
   * and the peer then closed in order or kept the connection open for `closeWaitMs`. A reset rejects with 'closed': it
   * shows that the peer left bytes unread. Throws a ProtocolError 'frame-too-large' before a byte is sent (F9).
   */
  async sendResults(message: TaskResultMessage, options: SendOptions = {}): Promise<void> {
    await this.#send(marshalTaskResultMessage(message), options);
  }

  /** Ends the connection at once. A call in progress rejects with 'closed'. */
  close(): void {
    this.#socket.destroy(new ClientError('closed', 'the client was closed'));
  }

  async #send(frame: Frame, { closeWaitMs = 1000, ...options }: SendOptions): Promise<void> {
    assertLimit('closeWaitMs', closeWaitMs);
    const bytes = encodeFrame(frame);
    const socket = this.#socket;
    await this.#call(async () => {
      // Whatever the peer says is discarded; flowing is what lets its FIN show.
      socket.resume();
      await within(socket, options, () => written(socket, bytes));
      try {
        await within(socket, { ...options, timeoutMs: closeWaitMs }, () => peerClosed(socket));
      } catch (error) {
        if (!(error instanceof ClientError && error.code === 'timeout')) throw error;
      }
    });
  }

  /** Spends the connection on `exchange`, and turns whatever it throws into a ClientError. */
  async #call<T>(exchange: () => Promise<T>): Promise<T> {
    if (this.#used || this.#socket.destroyed || this.#socket.readableEnded) {
      throw new ClientError('closed', 'the connection was used or closed; dial again');
    }
    this.#used = true;
    try {
      return await exchange();
    } catch (error) {
      if (error instanceof ClientError || error instanceof RangeError) throw error;
      if (error instanceof ProtocolError) {
        throw new ClientError('bad-answer', 'the answer is illegal', { cause: error });
      }
      throw new ClientError('closed', 'the connection broke', { cause: error });
    } finally {
      this.#socket.destroy();
    }
  }
}

/** Runs `work`. A passed deadline or a fired signal destroys the socket with the ClientError that `work` then meets. */
async function within<T>(
  socket: Socket,
  { timeoutMs = 5000, signal }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  assertLimit('timeoutMs', timeoutMs);
  const aborted = () => new ClientError('aborted', 'the call was aborted', { cause: signal?.reason });
  if (signal?.aborted) throw aborted();
  const abort = () => socket.destroy(aborted());
  const timer = setTimeout(() => {
    socket.destroy(new ClientError('timeout', `the deadline of ${timeoutMs} ms passed`));
  }, timeoutMs);
  signal?.addEventListener('abort', abort);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Resolves when the system has taken all bytes. */
function written(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // A write that a deadline cut off fails with an error of its own, or not at all; the socket knows the reason.
    const fail = () => reject(socket.errored ?? new Error('the socket was closed during a write'));
    socket.once('close', fail);
    socket.write(bytes, (error) => (error ? fail() : resolve()));
  });
}

/** Resolves on the peer's FIN, rejects if the socket fails first. */
function peerClosed(socket: Socket): Promise<void> {
  return finished(socket, { writable: false });
}

/**
 * Resolves to the first frame, of at most `limit` bytes. Listens for 'data' rather than iterating: when a write fails,
 * an iterator would drop an answer that had arrived before (T5).
 */
function readAnswer(socket: Socket, limit: number): Promise<Frame> {
  const decoder = new FrameDecoder();
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Uint8Array) => {
      try {
        decoder.push(chunk);
        const frame = decoder.next();
        if (frame !== undefined) resolve(frame);
        else if (decoder.pendingBytes > limit)
          throw new ProtocolError('frame-too-large', 'S1', 'no answer needs so many bytes');
      } catch (error) {
        reject(error);
      }
    });
    peerClosed(socket).then(
      () => reject(new ClientError('closed', 'the peer closed before its answer was complete')),
      reject,
    );
  });
}

/** The response in `frame`, which is of type 1, or by the letter of the documentation 2 (S1). */
function checkAnswer({ type, payload }: Frame, taskId: string): SubmitResponse {
  if (type !== TYPE_SUBMIT && type !== TYPE_RESULT) {
    throw new ProtocolError('unexpected-type', 'S1', `${typeName(type)} is no answer to a SUBMIT`);
  }
  const response = unmarshalSubmitResponse({ type: TYPE_SUBMIT, payload });
  if (response.taskId !== taskId) {
    throw new ProtocolError('malformed-field', 'S3', 'the answer is about another task');
  }
  if (response.status !== STATUS_ACCEPTED && response.status !== STATUS_REJECTED) {
    throw new ProtocolError('malformed-field', 'S2', `${response.status} is not a status`);
  }
  return response;
}
