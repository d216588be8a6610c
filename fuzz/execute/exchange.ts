/**
 * Performs the actions of one connection, and waits for the reaction. Built for speed: no log, and no wait that the case
 * does not need. After a complete frame the connection stays open until the reaction, because a target that closes on FIN
 * would lose its answer. After an incomplete frame the connection is reset, because FIN would leave a socket in TIME_WAIT
 * for every case.
 */

import { performance } from 'node:perf_hooks';
import { PAYLOAD_CAP } from '../../conformance/scenario/bytes.ts';
import { isOwnLimit, OwnLimitError } from '../../conformance/wire/own-limit.ts';
import { ReceivedBytes } from '../../conformance/wire/received-bytes.ts';
import type { Received } from '../../conformance/wire/transcript.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { type Action, type ConnectionActions, encodeAction } from '../case/case.ts';
import { mustReact, type Sent } from '../case/sent.ts';
import type { PooledSocket, SocketListener, SocketPool } from './socket-pool.ts';

/** Times in milliseconds. */
export interface Waits {
  /** For the connection, and then for an answer or a close where the target has to react; more after many bytes. */
  readonly reactionMs: number;
  /** For anything at all where the target need not react. */
  readonly quietMs: number;
  /** For more, on a connection that stays open after its answer. */
  readonly afterAnswerMs: number;
  /** Whether the target closes after each frame, so that it has to close where it does not answer. */
  readonly closes: boolean;
}

/** The state of the connection when the exchange ended. */
export type Ending =
  /** The target closed: FIN, or a reset. */
  | 'fin'
  | 'reset'
  /** Still open after the wait: with an answer, without a reaction that was due, or idle where none was due. */
  | 'open'
  | 'hung'
  | 'idle'
  /** Reset by this side, as the case says. */
  | 'own-reset'
  /** There was no connection. */
  | 'refused'
  /** More came back than `MAX_RECEIVED_BYTES`. */
  | 'flood';

export interface Reply {
  /** The bytes that came back; of many, only the first, and `more` says what all are. */
  readonly received: Uint8Array;
  readonly more?: Received['more'];
  readonly ending: Ending;
  /** Milliseconds from the beginning to the last byte that came back, or to the end if none came. */
  readonly afterMs: number;
  /** The system's error code, for 'refused' and 'reset'. */
  readonly code?: string | undefined;
}

/** One frame at the cap, and some more: an answer repeats the task id of its request, which may be that long. */
const MAX_RECEIVED_BYTES = PAYLOAD_CAP + 64 * 1024;
/** All pieces of a segmented frame may take this many times `reactionMs`. */
const SEND_FACTOR = 10;
/**
 * What comes back after everything was sent may take this many times `reactionMs`. Each byte begins a new wait, so a target
 * that sends a byte from time to time would keep the connection for ever.
 */
const LISTEN_FACTOR = 2;
/** A target may take a millisecond longer for this number of bytes: the deadline of S8 begins when it has read the frame. */
const BYTES_PER_MS = 1024;
/** This machine has no connection left. Says nothing about the target. */
export class ExhaustedError extends OwnLimitError {
  override readonly name = 'ExhaustedError';
}

export interface ExchangeOptions {
  readonly pool: SocketPool;
  readonly address: Address;
  readonly actions: ConnectionActions;
  /** What `actions` sends, as `readSent` reads it. */
  readonly sent: Sent;
  readonly waits: Waits;
}

/** Performs the actions on one connection and waits for the reaction. Rejects with an ExhaustedError only. */
export function exchange(options: ExchangeOptions): Promise<Reply> {
  return new Promise((resolve, reject) => new Exchange(options, { resolve, reject }));
}

/** The functions of the promise. */
interface Settle {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: ExhaustedError) => void;
}

/** Whether the action is a single write. */
export function isPlainWrite(action: Action): boolean {
  return (action.do === 'frame' && action.segmentBytes === undefined) || action.do === 'bytes';
}

class Exchange implements SocketListener {
  readonly #actions: ConnectionActions;
  readonly #sent: Sent;
  readonly #waits: Waits;
  readonly #settle: Settle;
  /** Whether all actions are single writes. */
  readonly #isPlain: boolean;
  readonly #connection: PooledSocket;
  readonly #beganAt = performance.now();
  readonly #received = new ReceivedBytes();
  #lastByteAt: number | undefined;
  #isConnected = false;
  /** When everything was sent; undefined before. */
  #sentAt: number | undefined;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ pool, address, actions, sent, waits }: ExchangeOptions, settle: Settle) {
    this.#actions = actions;
    this.#sent = sent;
    this.#waits = waits;
    this.#settle = settle;
    this.#isPlain = actions.every(isPlainWrite);
    this.#await(waits.reactionMs, 'refused', 'ETIMEDOUT');
    this.#connection = pool.connect(address, this);
  }

  onConnect(): void {
    this.#isConnected = true;
    this.#begin();
  }

  onEnd(): void {
    this.#finish('fin');
  }

  /** Sends everything in one write where that is possible, as for most cases. */
  #begin(): void {
    if (!this.#isPlain) {
      this.#perform(0);
      return;
    }
    this.#connection.socket.write(this.#sent.bytes);
    this.#sentAt = performance.now();
    this.#listen();
  }

  /** Performs the actions from this index on. */
  #perform(from: number): void {
    for (let at = from; at < this.#actions.length && !this.#isOver; at += 1) {
      const action = this.#actions[at];
      switch (action?.do) {
        case 'frame':
          if (action.segmentBytes === undefined) break;
          this.#await(SEND_FACTOR * this.#waits.reactionMs, 'hung');
          this.#connection.socket.setNoDelay(true);
          this.#sendSegments(encodeAction(action), action.segmentBytes, () => this.#perform(at + 1));
          return;
        case 'pause':
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => this.#perform(at + 1), action.ms);
          return;
        case 'reset':
          this.#finish('own-reset');
          return;
        case 'fin':
          this.#connection.socket.end();
          continue;
      }
      if (action !== undefined) this.#connection.socket.write(encodeAction(action));
    }
    this.#sentAt = performance.now();
    this.#listen();
  }

  #sendSegments(bytes: Buffer, segmentBytes: number, then: () => void): void {
    if (this.#isOver) return;
    if (bytes.length === 0) {
      then();
      return;
    }
    this.#connection.socket.write(bytes.subarray(0, segmentBytes), () =>
      setImmediate(() => this.#sendSegments(bytes.subarray(segmentBytes), segmentBytes, then)),
    );
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#lastByteAt = performance.now();
    if (this.#received.length + chunk.length > MAX_RECEIVED_BYTES) {
      this.#finish('flood');
      return;
    }
    this.#received.append(chunk);
    if (this.#sentAt !== undefined) this.#listen();
  }

  /** Starts the wait that is due in the present state. */
  #listen(): void {
    if (this.#isOver) return;
    if (this.#received.endsWithFrame) this.#await(this.#waits.afterAnswerMs, 'open');
    // The rest of an answer that has begun is due as well.
    else if (mustReact(this.#sent, this.#waits.closes) || this.#received.length > 0)
      this.#await(this.#reactionMs, 'hung');
    else this.#await(this.#waits.quietMs, 'idle');
  }

  get #reactionMs(): number {
    return this.#waits.reactionMs + Math.floor(this.#sent.bytes.length / BYTES_PER_MS);
  }

  #await(ms: number, ending: Ending, code?: string): void {
    clearTimeout(this.#timer);
    const endsAt = (this.#sentAt ?? Number.POSITIVE_INFINITY) + LISTEN_FACTOR * this.#reactionMs;
    const leftMs = Math.max(0, endsAt - performance.now());
    this.#timer = setTimeout(() => this.#finish(ending, code), Math.min(ms, leftMs));
  }

  onError(code: string): void {
    if (!isOwnLimit(code)) {
      this.#finish(this.#isConnected ? 'reset' : 'refused', code);
      return;
    }
    this.#end();
    this.#settle.reject(new ExhaustedError(code));
  }

  #finish(ending: Ending, code?: string): void {
    if (this.#isOver) return;
    this.#end();
    // Without a connection, a reset would wait for one, perhaps for minutes.
    if (ending === 'fin' || !this.#isConnected) this.#connection.close(ending === 'fin' && this.#isPlain);
    else this.#connection.reset();
    const afterMs = (this.#lastByteAt ?? performance.now()) - this.#beganAt;
    const { bytes, length, read } = this.#received;
    const more = read && { bytes: length - bytes.length, read };
    this.#settle.resolve({ received: bytes, ...(more && { more }), ending, afterMs, code });
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
