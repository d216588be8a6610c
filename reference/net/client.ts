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
import { encodeFrame, type Frame, FrameDecoder, writeBytes } from '../codec/frame.ts';
import {
  marshalSubmitRequest,
  marshalTaskResultMessage,
  marshalTaskStatusUpdate,
  unmarshalSubmitResponse,
  unmarshalTaskResult,
} from '../codec/message.ts';
import {
  DEFAULT_PORT,
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  STATUS_ACCEPTED,
  STATUS_REJECTED,
  TYPE_RESULT,
  TYPE_SUBMIT,
  typeName,
} from '../protocol/constants.ts';
import { ClientError, ProtocolError } from '../protocol/errors.ts';
import type {
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';
import { validateResultFilename } from '../protocol/result-extensions.ts';
import { validateTaskResultMessage, validateTaskStatusUpdate } from '../protocol/validation.ts';
import { assertLimit } from '../support/limits.ts';
import { type CallOptions, nextFrame, peerClosed, withDeadline } from './exchange.ts';

export interface SubmitOptions extends CallOptions {
  /** Keeps the connection for `recvResult`, and leaves it to you to `close` it. Default false. */
  readonly keepOpen?: boolean;
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
    await withDeadline(socket, options, () => once(socket.connect({ host, port }), 'connect'));
  } catch (error) {
    socket.destroy();
    if (error instanceof ClientError || error instanceof RangeError) throw error;
    throw new ClientError('unreachable', `no connection to ${host}:${port}`, { cause: error });
  }
  return new Client(socket);
}

/** One connection, good for one call; and for `recvResult` behind a submission that keeps it open. Comes from `dial`. */
export class Client {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  #state: 'fresh' | 'submitted' | 'spent' = 'fresh';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Submits a task and resolves to the peer's answer, be it 200 or 400. Rejects with a ClientError; 'bad-answer' also
   * for an answer about another task (S3), with another status (S2) or of a size that no answer needs.
   * Throws a ProtocolError 'frame-too-large' before a byte is sent (F9).
   */
  async submitTask(
    request: SubmitRequest,
    { keepOpen = false, ...options }: SubmitOptions = {},
  ): Promise<SubmitResponse> {
    const bytes = encodeFrame(marshalSubmitRequest(request));
    const limit = ANSWER_OVERHEAD_BYTES + JSON_BYTES_PER_CODE_UNIT * request.taskId.length;
    return this.#call('fresh', keepOpen ? 'submitted' : 'spent', () =>
      withDeadline(this.#socket, options, async () => {
        const answer = nextFrame(this.#socket, this.#decoder, limit);
        this.#socket.write(bytes);
        return checkAnswer(await answer, request.taskId);
      }),
    );
  }

  /**
   * Resolves to the next RESULT that the peer sends on the connection of a submission (F6), the older way to hand over
   * results. Rejects with a ClientError: 'closed' when the peer closes instead, 'bad-answer' for anything but a RESULT.
   */
  async recvResult(options: CallOptions = {}): Promise<TaskResult> {
    return this.#call('submitted', 'submitted', () =>
      withDeadline(this.#socket, options, async () =>
        unmarshalTaskResult(await nextFrame(this.#socket, this.#decoder, HEADER_BYTES + MAX_PAYLOAD_BYTES)),
      ),
    );
  }

  /** Sends a status update; see `sendResults`. Throws a ValidationError for a justification over its bound (U4). */
  async sendStatusUpdate(update: TaskStatusUpdate, options: SendOptions = {}): Promise<void> {
    validateTaskStatusUpdate(update);
    await this.#send(marshalTaskStatusUpdate(update), options);
  }

  /**
   * Sends results. There is no answer (U1, R1), so resolving means only this: the whole frame was handed to the system,
   * and the peer then closed in order or kept the connection open for `closeWaitMs`. A reset rejects with 'closed': it
   * shows that the peer left bytes unread. Before a byte is sent it throws a ValidationError for what is over a bound (R2)
   * or a file of a kind that is not allowed (R4), and a ProtocolError 'frame-too-large' (F9).
   */
  async sendResults(message: TaskResultMessage, options: SendOptions = {}): Promise<void> {
    validateTaskResultMessage(message);
    if (message.filename !== undefined) validateResultFilename(message.filename);
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
    await this.#call('fresh', 'spent', async () => {
      // Whatever the peer says is discarded; flowing is what lets its FIN show.
      socket.resume();
      await withDeadline(socket, options, () => writeBytes(socket, bytes));
      try {
        await withDeadline(socket, { ...options, timeoutMs: closeWaitMs }, () => peerClosed(socket));
      } catch (error) {
        if (!(error instanceof ClientError && error.code === 'timeout')) throw error;
      }
    });
  }

  /** Runs `exchange` on the connection, which must be in state `from`; whatever that throws becomes a ClientError. */
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
        throw new ClientError('bad-answer', 'the answer is illegal', { cause: error });
      }
      throw new ClientError('closed', 'the connection broke', { cause: error });
    } finally {
      if (this.#state === 'spent') this.#socket.destroy();
    }
  }
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
