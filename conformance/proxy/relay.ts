/**
 * Passes the bytes of one connection on, unchanged and in time: what one side sends goes to the other, and so do its end (FIN)
 * and its reset. A side that does not read makes the other one wait, so that little is kept. Each event is reported after it was passed
 * on.
 */

import net from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Side, TrafficEvent } from '../traffic/conversation.ts';
import type { Address } from '../wire/connection.ts';
import { reset } from '../wire/reset.ts';

/** Bytes in each direction that wait for a side that does not read, at the most, apart from the buffers of the system. */
const WAITING_BYTES = 512 * 1024;

/** How often a side that waits for the other one is asked whether it has reset. */
const PROBE_MS = 100;

/** Options of every socket of a relay. */
export const SOCKET = { allowHalfOpen: true, noDelay: true, highWaterMark: WAITING_BYTES } as const;

/** Who is informed of what a relay does. */
export interface RelayListener {
  /** Times are those of the clock of `performance`. */
  readonly event: (event: TrafficEvent) => void;
  /** The receiver could not be reached: the code of the system. The sender was reset. */
  readonly failed: (code: string) => void;
  /** Both sides are closed. The last call. */
  readonly closed: () => void;
}

export class Relay {
  readonly #sockets: Readonly<Record<Side, net.Socket>>;
  readonly #listener: RelayListener;
  /** Sides that have reset, or were reset. */
  #isReset = false;
  #isConnected = false;
  #open = 2;

  /** `sender` is paused, and has the options of `SOCKET`. */
  constructor(sender: net.Socket, target: Address, listener: RelayListener) {
    this.#listener = listener;
    const receiver = net.connect({ ...SOCKET, ...target });
    this.#sockets = { sender, receiver };
    receiver.once('connect', () => {
      this.#isConnected = true;
      sender.resume();
    });
    this.#pass('sender', sender, receiver);
    this.#pass('receiver', receiver, sender);
  }

  /** Resets both sides. */
  destroy(): void {
    this.#isReset = true;
    reset(this.#sockets.sender);
    reset(this.#sockets.receiver);
  }

  #pass(from: Side, source: net.Socket, sink: net.Socket): void {
    let probe: NodeJS.Timeout | undefined;
    source.on('data', (bytes) => {
      if (sink.writable && !sink.write(bytes)) {
        source.pause();
        probe ??= setInterval(() => probeReset(source), PROBE_MS);
      }
      this.#listener.event({ kind: 'bytes', from, bytes, atMs: performance.now() });
    });
    const resume = (): void => {
      clearInterval(probe);
      probe = undefined;
      source.resume();
    };
    sink.on('drain', resume);
    source.on('end', () => {
      sink.end();
      this.#listener.event({ kind: 'fin', from, atMs: performance.now() });
    });
    source.on('error', (error: NodeJS.ErrnoException) => this.#fail(from, sink, error.code ?? 'UNKNOWN'));
    source.on('close', () => {
      clearInterval(probe);
      this.#open -= 1;
      if (this.#open === 0) this.#listener.closed();
    });
  }

  #fail(from: Side, other: net.Socket, code: string): void {
    if (this.#isReset) return;
    this.#isReset = true;
    reset(other);
    if (from === 'receiver' && !this.#isConnected && code !== 'ECONNRESET') this.#listener.failed(code);
    else this.#listener.event({ kind: 'reset', from, atMs: performance.now() });
  }
}

const NO_BYTES = new Uint8Array();

/** The system reports the reset of a side that is not read when something is written to it. Nothing is sent. */
function probeReset(socket: net.Socket): void {
  if (socket.writable && socket.writableLength === 0) socket.write(NO_BYTES);
}
