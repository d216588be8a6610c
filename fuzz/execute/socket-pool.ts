/**
 * Sockets that are used for one connection after another. Creating a socket costs a fifth of a short exchange, so a socket
 * whose connection ended in good order, with everything read and written, is connected again. Any other socket is left to
 * the garbage collector.
 */

import { Socket } from 'node:net';
import { reset } from '../../conformance/wire/reset.ts';
import type { Address } from '../../conformance/wire/transport.ts';

export interface SocketListener {
  onConnect(): void;
  onData(chunk: Buffer): void;
  /** The peer sent FIN. */
  onEnd(): void;
  /** With the system's code. */
  onError(code: string): void;
}

export class SocketPool {
  #idle: PooledSocket[] = [];
  #isReleased = false;

  /** Connects, on a used socket if one is idle. */
  connect({ host, port }: Address, listener: SocketListener): PooledSocket {
    const pooled = this.#idle.pop() ?? new PooledSocket((idle) => this.#keep(idle));
    pooled.attach(listener);
    pooled.socket.connect({ host, port });
    return pooled;
  }

  /** Drops the idle sockets. Sockets that close later are not kept. */
  release(): void {
    this.#isReleased = true;
    this.#idle = [];
  }

  #keep(pooled: PooledSocket): void {
    if (!this.#isReleased) this.#idle.push(pooled);
  }
}

export class PooledSocket {
  readonly socket = new Socket();
  #listener: SocketListener | undefined;
  #isReusable = false;

  /** `onIdle` is called whenever a connection has ended such that the socket can be connected again. */
  constructor(onIdle: (pooled: PooledSocket) => void) {
    this.socket
      .on('connect', () => this.#listener?.onConnect())
      .on('data', (chunk) => this.#listener?.onData(chunk))
      .on('end', () => this.#listener?.onEnd())
      .on('error', (error: NodeJS.ErrnoException) => this.#listener?.onError(error.code ?? 'unknown'))
      .on('close', () => {
        const { readableLength, writableLength } = this.socket;
        if (this.#isReusable && readableLength === 0 && writableLength === 0) onIdle(this);
      });
  }

  /** Reports the events of the next connection to this listener. */
  attach(listener: SocketListener): void {
    this.#listener = listener;
    this.#isReusable = false;
  }

  /** Ends the connection; the listener is not called again. `isReusable`: the peer sent FIN and every write was complete. */
  close(isReusable: boolean): void {
    this.#listener = undefined;
    this.#isReusable = isReusable;
    this.socket.destroy();
  }

  /** Resets the connection; the listener is not called again. */
  reset(): void {
    this.#listener = undefined;
    reset(this.socket);
  }
}
