/**
 * Plays one actions on one real connection, fast: no log, no wait that the case does not need. Complete frames are
 * written and their reaction awaited, because FIN right behind a frame loses the answer of targets that close on
 * half-close. A beginning of a frame is left standing for a moment and then reset, because FIN there would leave a socket
 * in TIME_WAIT behind every case.
 */

import { performance } from 'node:perf_hooks';
import { PAYLOAD_CAP } from '../../conformance/scenario/bytes.ts';
import { measureFrames } from '../../conformance/wire/frames.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { type Action, type ConnectionActions, encodeAction } from '../case/case.ts';
import { mustReact, type Sent } from '../case/sent.ts';
import type { PooledSocket, SocketListener, SocketPool } from './socket-pool.ts';

/** Times in milliseconds. */
export interface Waits {
  /** For the connection, and then for an answer or a close where one is owed. */
  readonly reactionMs: number;
  /** For anything at all where nothing is owed. */
  readonly quietMs: number;
  /** How long a connection that stays open after its answer is looked at for more. */
  readonly afterAnswerMs: number;
  /** Whether the target closes after each frame, so that a close is owed where no answer is. */
  readonly closes: boolean;
}

/** How the connection stood when nobody looked any more. */
export type Ending =
  /** The target closed: FIN, or a reset. */
  | 'fin'
  | 'reset'
  /** Still open after the wait that was due: with an answer, or with silence where a reaction was owed, or where none was. */
  | 'open'
  | 'hung'
  | 'idle'
  /** We reset it, as the case says. */
  | 'own-reset'
  /** No connection came about. */
  | 'refused'
  /** More came back than is kept. */
  | 'flood';

export interface Reply {
  readonly received: Uint8Array;
  readonly ending: Ending;
  /** Milliseconds from the beginning of the play to the last byte that came back, or to the end without one. */
  readonly afterMs: number;
  /** The system's code, of 'refused' and 'reset'. */
  readonly code?: string | undefined;
}

/** One frame at the cap and some more: an answer repeats the id of its request, which may be as long as that. */
export const MAX_RECEIVED_BYTES = PAYLOAD_CAP + 64 * 1024;
/** A target that takes the pieces of a frame slowly may take so many times its patience for all of them. */
const SEND_FACTOR = 10;
/** What only says that the kit's own machine has no connection left. */
const LOCAL_ERRORS: readonly unknown[] = ['EADDRNOTAVAIL', 'EMFILE', 'ENOBUFS', 'ENFILE'];

/** The kit's machine cannot go on at this rate; says nothing of the target. */
export class ExhaustedError extends Error {
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

interface Settle {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: ExhaustedError) => void;
}

/** Whether an action only hands bytes to the kernel. */
export function isPlainWrite(action: Action): boolean {
  return (action.do === 'frame' && action.segmentBytes === undefined) || action.do === 'bytes';
}

const EMPTY: Buffer = Buffer.alloc(0);

class Exchange implements SocketListener {
  readonly #actions: ConnectionActions;
  readonly #sent: Sent;
  readonly #waits: Waits;
  readonly #settle: Settle;
  readonly #isPlain: boolean;
  readonly #connection: PooledSocket;
  readonly #beganAt = performance.now();
  #buffer = EMPTY;
  #receivedBytes = 0;
  #lastByteAt: number | undefined;
  #isConnected = false;
  #isAllSent = false;
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

  /** Sends all at once where nothing says otherwise: most scripts are that plain. */
  #begin(): void {
    if (!this.#isPlain) {
      this.#perform(0);
      return;
    }
    this.#connection.socket.write(this.#sent.bytes);
    this.#isAllSent = true;
    this.#listen();
  }

  /** Takes the actions from this one on. */
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
    this.#isAllSent = true;
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
    if (this.#receivedBytes + chunk.length > MAX_RECEIVED_BYTES) {
      this.#finish('flood');
      return;
    }
    this.#keep(chunk);
    if (this.#isAllSent) this.#listen();
  }

  /** Nearly always all that comes is one chunk, and is kept as it is. */
  #keep(chunk: Buffer): void {
    const needed = this.#receivedBytes + chunk.length;
    if (this.#receivedBytes === 0) this.#buffer = chunk;
    else {
      if (needed > this.#buffer.length) {
        const grown = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length));
        grown.set(this.#received);
        this.#buffer = grown;
      }
      this.#buffer.set(chunk, this.#receivedBytes);
    }
    this.#receivedBytes = needed;
  }

  get #received(): Buffer {
    return this.#buffer.subarray(0, this.#receivedBytes);
  }

  /** Waits for what is due, from now on. */
  #listen(): void {
    if (this.#isOver) return;
    const length = this.#receivedBytes;
    if (length > 0 && measureFrames(this.#received).end === length)
      this.#await(this.#waits.afterAnswerMs, 'open');
    else if (mustReact(this.#sent, this.#waits.closes)) this.#await(this.#waits.reactionMs, 'hung');
    else this.#await(this.#waits.quietMs, 'idle');
  }

  #await(ms: number, ending: Ending, code?: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(ending, code), ms);
  }

  onError(code: string): void {
    if (!LOCAL_ERRORS.includes(code)) {
      this.#finish(this.#isConnected ? 'reset' : 'refused', code);
      return;
    }
    this.#end();
    this.#settle.reject(new ExhaustedError(`this machine has no connection left (${code})`));
  }

  #finish(ending: Ending, code?: string): void {
    if (this.#isOver) return;
    this.#end();
    // A reset would wait for the connection, for minutes where none comes about.
    if (ending === 'fin' || !this.#isConnected) this.#connection.close(ending === 'fin' && this.#isPlain);
    else this.#connection.reset();
    const afterMs = (this.#lastByteAt ?? performance.now()) - this.#beganAt;
    this.#settle.resolve({ received: this.#received, ending, afterMs, code });
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
