/**
 * The sending side. A Client is one connection for one call, because a receiver serves one frame on a connection and
 * then closes it (T2). A second call could arrive during that close and lose its message without notice. So every
 * call ends its connection, and a second call fails with 'closed' before a byte is sent.
 *
 * A call does not shut down its sending side after the frame, because many receivers drop a connection on FIN
 * together with a late answer (T4). It waits for the peer within a deadline.
 */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { encodeFrame, type Frame, FrameDecoder, writeBytes } from '../codec/frame.ts';
import {
  marshalSubmitRequest,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
} from '../codec/message.ts';
import { DEFAULT_PORT, STATUS_ACCEPTED, STATUS_REJECTED } from '../protocol/constants.ts';
import { ClientError, ProtocolError } from '../protocol/errors.ts';
import type {
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';
import { validateResultFilename } from '../protocol/result-extensions.ts';
import {
  validateSubmitRequest,
  validateTaskResultMessage,
  validateTaskStatusUpdate,
} from '../protocol/validation.ts';
import { assertLimit } from '../support/limits.ts';
import { type CallOptions, nextFrame, peerClosed, withDeadline } from './exchange.ts';

/** Options of `Client.submitTask`. */
export interface SubmitOptions extends CallOptions {
  /** Keeps the connection open for `recvResult`; the caller must then `close` it. Default false. */
  readonly keepOpen?: boolean;
}

/** Options of `dial`. */
export interface DialOptions extends CallOptions {
  /** A host name or an IP address; an IPv6 address has no brackets. */
  readonly host: string;
  /** From 1 to 65535. Default DEFAULT_PORT (T1). */
  readonly port?: number;
}

/** Options of `Client.sendStatusUpdate` and `Client.sendResults`. */
export interface SendOptions extends CallOptions {
  /**
   * Milliseconds to wait for the peer to close once the frame is written, in addition to `timeoutMs`; a whole number
   * from 1 to 2^31 − 1. After that the client closes and the call succeeds. Default 1000.
   */
  readonly closeWaitMs?: number;
}

/**
 * Connects to a peer. Rejects with a ClientError 'unreachable', 'timeout' or 'aborted', and with a RangeError for a
 * number outside its range.
 */
export async function dial({ host, port = DEFAULT_PORT, ...options }: DialOptions): Promise<Client> {
  const socket = new Socket({ allowHalfOpen: true });
  // A call that awaits the socket receives its error. Between calls the event would be unhandled.
  socket.on('error', () => {});
  try {
    await withDeadline(socket, options, () => once(socket.connect({ host, port }), 'connect'));
  } catch (error) {
    socket.destroy();
    if (error instanceof ClientError || error instanceof RangeError) throw error;
    throw new ClientError('unreachable', `no connection to ${host}:${port}`, { cause: error });
  }
  return new Client(socket);
}

/**
 * One connection for one call, made by `dial`. After `submitTask` with `keepOpen` it is also for calls of
 * `recvResult`. All calls reject with a ClientError, and with a RangeError for a number outside its range.
 */
export class Client {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  #state: 'fresh' | 'submitted' | 'spent' = 'fresh';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Submits a task. Resolves to the answer of the peer, which is 200 or 400 (S2). Rejects with a ClientError; the
   * code is 'bad-answer' also for an answer about another task (S3) or with another status (S2). Before a byte is sent it
   * rejects with a ValidationError 'description-too-long' (S5), and with a ProtocolError 'frame-too-large' (F9).
   */
  async submitTask(
    request: SubmitRequest,
    { keepOpen = false, ...options }: SubmitOptions = {},
  ): Promise<SubmitResponse> {
    validateSubmitRequest(request);
    const bytes = encodeFrame(marshalSubmitRequest(request));
    return this.#call('fresh', keepOpen ? 'submitted' : 'spent', () =>
      withDeadline(this.#socket, options, async () => {
        const answer = nextFrame(this.#socket, this.#decoder);
        this.#socket.write(bytes);
        return checkAnswer(await answer, request.taskId);
      }),
    );
  }

  /**
   * Resolves to the next RESULT that the peer sends on the connection of a submission (F6), the legacy way to deliver
   * results. Rejects with a ClientError: 'closed' when the peer closes before, 'bad-answer' for any other frame.
   */
  async recvResult(options: CallOptions = {}): Promise<TaskResult> {
    return this.#call('submitted', 'submitted', () =>
      withDeadline(this.#socket, options, async () =>
        unmarshalTaskResult(await nextFrame(this.#socket, this.#decoder)),
      ),
    );
  }

  /**
   * Sends a status update. Resolves and rejects as `sendResults`, with a ValidationError for a justification over
   * MAX_JUSTIFICATION_BYTES (U4).
   */
  async sendStatusUpdate(update: TaskStatusUpdate, options: SendOptions = {}): Promise<void> {
    validateTaskStatusUpdate(update);
    await this.#send(marshalTaskStatusUpdate(update), options);
  }

  /**
   * Sends results. There is no answer (U1, R1). It resolves when the system has taken the whole frame and the peer
   * has then closed with FIN or kept the connection open for `closeWaitMs`. A reset rejects with 'closed', because it
   * shows that the peer did not read all bytes. Before a byte is sent it rejects with a ValidationError for a field
   * over its bound (R2) or a file without an allowed extension (R4), and with a ProtocolError 'frame-too-large' (F9).
   */
  async sendResults(message: TaskResultMessage, options: SendOptions = {}): Promise<void> {
    validateTaskResultMessage(message);
    if (isFile(message)) validateResultFilename(message.filename ?? '');
    await this.#send(marshalTaskResultMessage(message), options);
  }

  /** Ends the connection at once. A call in progress rejects with 'closed'. May be called again. */
  close(): void {
    this.#socket.destroy(new ClientError('closed', 'the client was closed'));
  }

  async #send(frame: Frame, { closeWaitMs = 1000, ...options }: SendOptions): Promise<void> {
    assertLimit('closeWaitMs', closeWaitMs);
    const bytes = encodeFrame(frame);
    const socket = this.#socket;
    await this.#call('fresh', 'spent', async () => {
      // Bytes of the peer are discarded. A socket must be read to see a FIN.
      socket.resume();
      await withDeadline(socket, options, () => writeBytes(socket, bytes));
      try {
        await withDeadline(socket, { ...options, timeoutMs: closeWaitMs }, () => peerClosed(socket));
      } catch (error) {
        if (!(error instanceof ClientError && error.code === 'timeout')) throw error;
      }
    });
  }

  /** Runs `exchange` on the connection, which must be in state `from`. Turns its errors into ClientErrors. */
  async #call<T>(
    from: 'fresh' | 'submitted',
    to: 'submitted' | 'spent',
    exchange: () => Promise<T>,
  ): Promise<T> {
    const isEnded = from === 'fresh' && this.#socket.readableEnded;
    if (this.#state !== from || this.#socket.destroyed || isEnded) {
      throw new ClientError('closed', 'the connection was used or closed; dial again');
    }
    this.#state = 'spent';
    try {
      const value = await exchange();
      this.#state = to;
      return value;
    } catch (error) {
      if (error instanceof ClientError || error instanceof RangeError) throw error;
      if (error instanceof ProtocolError) {
        throw new ClientError('bad-answer', 'the answer breaks the protocol', { cause: error });
      }
      throw new ClientError('closed', 'the connection failed', { cause: error });
    } finally {
      if (this.#state === 'spent') this.#socket.destroy();
    }
  }
}

/** Whether any field of the message makes its result a file. An empty name or no data is left out of the message (M12). */
function isFile({ resultType, filename = '', fileData }: TaskResultMessage): boolean {
  return resultType === 'file' || filename !== '' || (fileData !== undefined && fileData.length > 0);
}

/** The response in a frame. Throws a ProtocolError when it is not an answer to the task (S1, S2, S3). */
function checkAnswer(frame: Frame, taskId: string): SubmitResponse {
  const response = unmarshalSubmitResponse(frame);
  if (response.taskId !== taskId) {
    throw new ProtocolError('malformed-field', 'S3', 'the answer has another task id');
  }
  if (response.status !== STATUS_ACCEPTED && response.status !== STATUS_REJECTED) {
    throw new ProtocolError('malformed-field', 'S2', `${response.status} is not a status of an answer`);
  }
  return response;
}
