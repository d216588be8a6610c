/**
 * One connection with its socket: socket chunk → Session → message → handler → answer → frame → socket, one step at a
 * time. While an answer is pending, nothing is read from the socket, so TCP stops a peer that sends more.
 *
 * A connection ends in one of two ways. After a violation, a passed deadline or a socket error it is destroyed at
 * once, without an answer. Otherwise it sends FIN and then discards what the peer still sends, for a limited time.
 * Without that, a kernel that closes a socket with unread bytes sends RST, and an RST can destroy an answer that the
 * peer has not read yet (T5).
 */
import type { Socket } from 'node:net';
import { type Frame, writeFrame } from '../codec/frame.ts';
import { marshalSubmitResponse, marshalTaskResult } from '../codec/message.ts';
import {
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
  STATUS_ACCEPTED,
  STATUS_REJECTED,
} from '../protocol/constants.ts';
import type { SubmitResponse } from '../protocol/message-types.ts';
import type { Logger } from '../support/logger.ts';
import type { Answer, Handlers, Peer, ResultSender } from './handler.ts';
import { Session, type SessionMessage } from './session.ts';

/** Limits of one connection, with their defaults in a Server. Durations are in milliseconds. */
export interface ConnectionLimits {
  /** From the connection, or from the previous frame, until the 8 bytes of the header have arrived. Default 10 000. */
  readonly headerTimeoutMs: number;
  /** The longest pause between two chunks of a payload (T6). Default 30 000. */
  readonly idleTimeoutMs: number;
  /** To read a whole frame, and also to write one. Default 120 000. */
  readonly frameTimeoutMs: number;
  /** The number of frames that are served before the connection is closed (T2). Default 1. */
  readonly maxFramesPerConnection: number;
  /** For the peer to close after the last answer; 0 destroys the socket at once. Default 1000. */
  readonly lingerMs: number;
}

/** What a connection and its server know of each other. */
export interface ConnectionState {
  /** Set by the connection: it waits for a frame, and no byte of it has arrived. */
  isIdle: boolean;
  /** Set by the server: the connection ends instead of waiting for a further frame. */
  isClosing: boolean;
}

/** The most bytes that are discarded after the last answer: one whole frame, as a conforming peer may send. */
const LINGER_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

type Chunks = NodeJS.AsyncIterator<Uint8Array>;

/** Serves a connection until it ends. Never rejects. The socket is destroyed when it resolves. */
export async function serveConnection(
  socket: Socket,
  handlers: Handlers,
  limits: ConnectionLimits,
  logger: Logger,
  state: ConnectionState,
): Promise<void> {
  const peer: Peer = { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 };
  const deadlines = new Deadlines(limits, (code) => {
    logger.info({ peer, code }, 'deadline passed');
    socket.destroy();
  });
  const chunks: Chunks = socket[Symbol.asyncIterator]();
  const session = new Session(limits.maxFramesPerConnection);
  // The step that awaits the socket receives its error. Without a listener the event would be unhandled.
  socket.on('error', () => {});
  try {
    for (;;) {
      const event = session.next();
      if (event === undefined) {
        state.isIdle = session.isBetweenFrames;
        if (state.isIdle && state.isClosing) return;
        deadlines.reading(session.awaiting);
        const { done, value } = await chunks.next();
        state.isIdle = false;
        if (done) session.end();
        else session.push(value);
        continue;
      }
      deadlines.clear();
      switch (event.kind) {
        case 'violation':
          logger.info({ peer, code: event.error.code, clause: event.error.clause }, 'protocol violation');
          return;
        case 'end':
          await linger(socket, chunks, limits.lingerMs);
          return;
        default:
          await serve(event);
      }
    }
  } catch (err) {
    if (socket.destroyed) logger.debug({ peer, err }, 'connection lost');
    else logger.warn({ peer, err }, 'connection failed');
  } finally {
    deadlines.clear();
    socket.destroy();
  }

  async function serve(message: SessionMessage): Promise<void> {
    const response = await respond(handlers, message, peer, logger);
    logger.debug({ peer, message: message.kind, status: response?.answer.status }, 'message served');
    if (response === undefined) return;
    await write(marshalSubmitResponse(response.answer));
    try {
      await response.deliver?.((result) => write(marshalTaskResult(result)));
    } catch (err) {
      logger.warn({ peer, err }, 'results not delivered');
    }
  }

  async function write(frame: Frame): Promise<void> {
    deadlines.writing();
    await writeFrame(socket, frame);
    deadlines.clear();
  }
}

/** The answer to the peer, and the work that follows it on the connection. */
interface Reply {
  readonly answer: SubmitResponse;
  readonly deliver?: (send: ResultSender) => Promise<void>;
}

/** Calls the handler for `message`. Never rejects. Undefined when the message has no answer (U1, R1). */
async function respond(
  handlers: Handlers,
  message: SessionMessage,
  peer: Peer,
  logger: Logger,
): Promise<Reply | undefined> {
  try {
    switch (message.kind) {
      case 'submit': {
        const { taskId } = message.request;
        const decision = await handlers.submit(message.request, peer);
        const answer: Answer = typeof decision === 'boolean' ? { accept: decision } : decision;
        if (!answer.accept) return rejection(taskId, answer.message ?? 'Task rejected');
        const { message: reason = 'Task accepted', deliver } = answer;
        return { answer: { taskId, status: STATUS_ACCEPTED, message: reason }, ...(deliver && { deliver }) };
      }
      case 'oversized-submit':
        return rejection(
          message.request.taskId,
          `task description exceeds ${MAX_TASK_DESCRIPTION_BYTES} bytes`,
        );
      case 'status-update':
        await handlers.statusUpdate?.(message.update, peer);
        return undefined;
      case 'results':
        await handlers.results?.(message.message, peer);
        return undefined;
    }
  } catch (err) {
    logger.warn({ peer, message: message.kind, err }, 'handler failed');
    return message.kind === 'submit' ? rejection(message.request.taskId, 'internal error') : undefined;
  }
}

function rejection(taskId: string, message: string): Reply {
  return { answer: { taskId, status: STATUS_REJECTED, message } };
}

/** Sends FIN and discards what arrives, until the peer closes, `lingerMs` pass or LINGER_BYTES have arrived. */
async function linger(socket: Socket, chunks: Chunks, lingerMs: number): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  try {
    socket.end();
    for (let budget = LINGER_BYTES; budget > 0; ) {
      const { done, value } = await chunks.next();
      if (done) return;
      budget -= value.length;
    }
  } catch {
    // The answer is written, so an error of the peer after it does not matter.
  } finally {
    clearTimeout(timer);
  }
}

type DeadlineCode = 'header-timeout' | 'idle-timeout' | 'frame-timeout';

/** The timers of one connection. None runs while a handler runs. */
class Deadlines {
  readonly #limits: ConnectionLimits;
  readonly #expire: (code: DeadlineCode) => void;
  #header: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #frame: NodeJS.Timeout | undefined;

  constructor(limits: ConnectionLimits, expire: (code: DeadlineCode) => void) {
    this.#limits = limits;
    this.#expire = expire;
  }

  /**
   * Call before every read. Bytes of a header do not extend its time; each read of a payload restarts the idle timer.
   */
  reading(part: 'header' | 'payload'): void {
    this.#frame ??= this.#start('frame-timeout', this.#limits.frameTimeoutMs);
    if (part === 'header') {
      this.#header ??= this.#start('header-timeout', this.#limits.headerTimeoutMs);
      return;
    }
    clearTimeout(this.#header);
    this.#idle = this.#idle?.refresh() ?? this.#start('idle-timeout', this.#limits.idleTimeoutMs);
  }

  writing(): void {
    this.#frame = this.#start('frame-timeout', this.#limits.frameTimeoutMs);
  }

  clear(): void {
    clearTimeout(this.#header);
    clearTimeout(this.#idle);
    clearTimeout(this.#frame);
    this.#header = undefined;
    this.#idle = undefined;
    this.#frame = undefined;
  }

  #start(code: DeadlineCode, delayMs: number): NodeJS.Timeout {
    return setTimeout(this.#expire, delayMs, code);
  }
}
