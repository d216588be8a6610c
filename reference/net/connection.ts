/**
 * One connection with its socket: socket chunk → Session → frame → message → handler → answer → frame → socket, one step
 * at a time. A thread (codec-threads.ts) reads frames over 32 KiB and writes answers over it; sender.ts sends. While an answer is
 * pending, nothing is read from the socket, so TCP stops a peer that sends more.
 *
 * A connection ends in one of two ways. After a violation, a passed deadline or a socket error it is destroyed at once, without an
 * answer. Otherwise it sends FIN and then discards what the peer still sends, for a limited time: a kernel that closes a socket
 * with unread bytes sends RST, and an RST can destroy an answer that the peer has not read yet (T5).
 *
 * A step that has its result at once continues at once: a SUBMIT that is decided without waiting costs no promise and no
 * timer. deadlines.ts has the timer of all connections, pace.ts the state that it checks.
 */
import type { Socket } from 'node:net';
import { encodeFrame, type Frame } from '../codec/frame.ts';
import { marshalSubmitResponse } from '../codec/message.ts';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import { ConnectionLog } from '../support/connection-log.ts';
import type { FaultLog } from '../support/fault-log.ts';
import type { Logger } from '../support/logger.ts';
import { answerSize, type CodecThreads, type Job, SMALL_PAYLOAD } from './codec-threads.ts';
import type { Timed, TimeLimits } from './deadlines.ts';
import type { FrameMemory, Holder } from './frame-memory.ts';
import type { Handlers, Peer } from './handler.ts';
import { readMessage, type SessionMessage, type Violation } from './messages.ts';
import { networkOf } from './networks.ts';
import { Pace } from './pace.ts';
import { type Reply, respond } from './respond.ts';
import { Sender } from './sender.ts';
import { Session } from './session.ts';

/** Limits of one connection, with their defaults in a Server. Durations are in milliseconds. */
export interface ConnectionLimits extends TimeLimits {
  /** The number of frames that are served before the connection is closed (T2). Default 1. */
  readonly maxFramesPerConnection: number;
  /** For the peer to close after the last answer; 0 destroys the socket at once. Default 1000. */
  readonly lingerMs: number;
}

/** What all connections of a server share. */
export interface Shared {
  readonly handlers: Handlers;
  readonly limits: ConnectionLimits;
  readonly logger: Logger;
  readonly faults: FaultLog;
  readonly memory: FrameMemory;
  readonly threads: CodecThreads;
}

/** The most bytes that are discarded after the last answer: one whole frame, as a conforming peer may send. */
const LINGER_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

/** Serves a connection until it ends. Nothing is thrown. */
export class Connection implements Holder, Timed {
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #shared: Shared;
  readonly #session: Session;
  readonly #sender: Sender;
  readonly #pace: Pace;
  readonly #log: ConnectionLog;
  #lingerBytesLeft = LINGER_BYTES;
  #isClosing = false;
  #job: Job | undefined;

  constructor(socket: Socket, peer: Peer, shared: Shared) {
    this.#socket = socket;
    this.#peer = peer;
    this.#shared = shared;
    this.#pace = new Pace(shared.limits);
    this.#log = new ConnectionLog({ network: networkOf(peer.address), peer }, shared);
    this.#session = new Session(shared.limits.maxFramesPerConnection);
    this.#sender = new Sender(socket, {
      writing: (bytes) => {
        this.#pace.enter('writing');
        this.#hold(bytes);
      },
      written: () => {
        this.#pace.enter('deciding');
        this.#hold(0);
      },
    });
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('end', () => this.#takeEnd());
    socket.on('error', (err) => this.#lose(err));
  }

  /** Call when the socket is closed. */
  release(): void {
    this.#job?.cancel();
    this.#hold(0);
    this.#log.end();
  }

  /** The connection ends instead of waiting for a further frame. */
  stop(): void {
    this.#isClosing = true;
    if (this.#pace.phase === 'reading' && this.#session.isBetweenFrames) this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  get isClosable(): boolean {
    const { phase } = this.#pace;
    return phase === 'reading' || phase === 'writing' || this.#job?.isBegun === false;
  }

  closeForMemory(bytes: number): void {
    this.#log.fault('memory-limit', 'closed to free memory', { bytes });
    this.#job?.cancel();
    this.#socket.destroy();
  }

  checkTime(nowMs: number): void {
    const code = this.#pace.overdue(nowMs);
    if (code === undefined || this.#socket.destroyed) return;
    // That a peer keeps its side open after its answer is no fault.
    if (code !== 'linger-timeout') this.#log.fault(code, 'deadline passed');
    this.#socket.destroy();
  }

  #hold(bytes: number): void {
    this.#pace.bytes = bytes;
    this.#shared.memory.hold(this, this.#socket.destroyed ? 0 : bytes);
  }

  #take(chunk: Uint8Array): void {
    if (this.#session.isOver) {
      this.#lingerBytesLeft -= chunk.byteLength;
      // Until the answer is sent, further bytes wait in the system.
      if (this.#pace.phase !== 'lingering') this.#socket.pause();
      else if (this.#lingerBytesLeft <= 0) this.#socket.destroy();
      return;
    }
    this.#session.push(chunk);
    if (this.#pace.phase !== 'reading') return;
    this.#pace.takeChunk();
    this.#advance();
  }

  #takeEnd(): void {
    if (this.#session.isOver) {
      if (this.#pace.phase === 'lingering') this.#socket.destroy();
      return;
    }
    this.#session.end();
    if (this.#pace.phase === 'reading') this.#advance();
  }

  /**
   * Continues with the result of what the connection waited for, and then with further frames. As all steps that return a
   * boolean, `step` returns whether the next frame is to be served now. Otherwise another step continues later.
   */
  #continue(step: () => boolean): void {
    if (this.#socket.destroyed) return;
    try {
      if (step()) this.#advance();
    } catch (err) {
      this.#lose(err);
    }
  }

  /** Serves the frames that have come, until it has to wait. */
  #advance(): void {
    try {
      for (;;) {
        const event = this.#session.nextFrame();
        if (event === undefined) {
          this.#awaitChunk();
          return;
        }
        this.#pace.takeFrame();
        if (event.kind !== 'frame') {
          if (event.kind === 'end') this.#finish();
          else this.#refuse(event);
          return;
        }
        if (!this.#read(event.frame, event.isSoleUse)) return;
      }
    } catch (err) {
      this.#lose(err);
    }
  }

  #awaitChunk(): void {
    if (this.#pace.phase !== 'reading' || this.#session.isBetweenFrames) {
      this.#pace.enter('reading');
      if (this.#socket.isPaused()) this.#socket.resume();
    }
    if (this.#isClosing && this.#session.isBetweenFrames) {
      this.#socket.destroy();
      return;
    }
    if (this.#session.awaiting === 'payload') this.#pace.takeHeader();
    this.#hold(this.#session.pendingBytes);
  }

  #read(frame: Frame, isSoleUse: boolean): boolean {
    const { byteLength } = frame.payload;
    if (byteLength <= SMALL_PAYLOAD) return this.#serve(readMessage(frame));
    const begin = (done: (read: SessionMessage | Violation | Error) => void): Job =>
      this.#shared.threads.read(frame, isSoleUse, done);
    return this.#awaitThread(byteLength, begin, (read) => this.#serve(read));
  }

  /** Holds `bytes` until a thread is done with the work that `begin` gives it. Then continues with `step`. */
  #awaitThread<Result>(
    bytes: number,
    begin: (done: (result: Result | Error) => void) => Job,
    step: (result: Result) => boolean,
  ): boolean {
    this.#wait();
    this.#job = begin((result) => {
      this.#job = undefined;
      if (result instanceof Error) this.#lose(result);
      else this.#continue(() => step(result));
    });
    // After the job exists, which decides whether this connection may be closed.
    this.#hold(bytes);
    return false;
  }

  /** Nothing is read from the socket while another step is to end. */
  #wait(): void {
    this.#pace.enter('deciding');
    this.#socket.pause();
  }

  #serve(message: SessionMessage | Violation): boolean {
    if (message.kind === 'violation') {
      this.#refuse(message);
      return false;
    }
    if (message.kind === 'oversized') {
      this.#log.fault(message.code, 'message over a bound dropped', { clause: message.clause });
      return this.#reply(message, undefined);
    }
    const reply = respond(this.#shared.handlers, message, this.#peer, this.#log);
    if (!(reply instanceof Promise)) return this.#reply(message, reply);
    this.#wait();
    void reply.then((decided) => this.#continue(() => this.#reply(message, decided)));
    return false;
  }

  #refuse({ error }: Violation): void {
    this.#log.fault(error.code, 'protocol violation', { clause: error.clause });
    this.#socket.destroy();
  }

  #reply(message: SessionMessage, reply: Reply | undefined): boolean {
    this.#log.served(message.kind, reply && Number(reply.answer.status));
    this.#hold(0);
    if (reply === undefined) return true;
    const { answer, deliver } = reply;
    const size = answerSize(answer);
    if (size <= SMALL_PAYLOAD) return this.#send(encodeFrame(marshalSubmitResponse(answer)), deliver);
    const begin = (done: (bytes: Uint8Array | Error) => void): Job =>
      this.#shared.threads.write(answer, done);
    return this.#awaitThread(size, begin, (bytes) => this.#send(bytes, deliver));
  }

  #send(bytes: Uint8Array, deliver: Reply['deliver']): boolean {
    if (deliver === undefined && this.#session.isOver) {
      this.#finish(bytes);
      return false;
    }
    this.#wait();
    this.#sender.send(bytes).then(
      () => {
        if (deliver === undefined) this.#continue(() => true);
        else void this.#deliver(deliver);
      },
      (err) => this.#lose(err),
    );
    return false;
  }

  async #deliver(deliver: NonNullable<Reply['deliver']>): Promise<void> {
    try {
      await this.#sender.deliver(deliver);
    } catch (err) {
      const message = 'results not delivered';
      if (this.#socket.destroyed) this.#log.fault('results-not-delivered', message, { err });
      else this.#log.failure(message, { err });
    }
    this.#continue(() => true);
  }

  /** Sends the last answer, if there is one, and FIN. Then the peer has `lingerMs` to close. */
  #finish(answer?: Uint8Array): void {
    this.#sender.finish(answer, () => {
      this.#pace.enter('lingering');
      if (this.#shared.limits.lingerMs === 0) this.#socket.destroy();
      else if (this.#socket.isPaused()) this.#socket.resume();
    });
  }

  #lose(err: unknown): void {
    // After the answer is sent, an error of the peer does not matter.
    if (this.#pace.phase !== 'lingering') {
      if (this.#socket.destroyed) this.#log.fault('connection-lost', 'connection lost', { err });
      else this.#log.fault('connection-failed', 'connection failed', { err }, 'warn');
    }
    this.#socket.destroy();
  }
}
