/**
 * Sockets that are used for one connection after another. To make one costs a fifth of a short conversation, so one that has
 * come to its end in good order, with all read and all written, is connected again; any other is left to the collector.
 */

import { Socket } from 'node:net';
import { reset } from '../../conformance/wire/reset.ts';
import type { Address } from '../../conformance/wire/transport.ts';

export interface Listener {
  onConnect(): void;
  onData(chunk: Buffer): void;
  /** The other side has ended. */
  onEnd(): void;
  /** With the system's code. */
  onError(code: string): void;
}

const idle: Link[] = [];

export class Link {
  readonly socket = new Socket();
  #listener: Listener | undefined;
  #isReusable = false;

  private constructor() {
    this.socket
      .on('connect', () => this.#listener?.onConnect())
      .on('data', (chunk) => this.#listener?.onData(chunk))
      .on('end', () => this.#listener?.onEnd())
      .on('error', (error: NodeJS.ErrnoException) => this.#listener?.onError(error.code ?? 'unknown'))
      .on('close', () => {
        const { readableLength, writableLength } = this.socket;
        if (this.#isReusable && readableLength === 0 && writableLength === 0) idle.push(this);
      });
  }

  /** Connects, on a socket that has been used before if there is one. */
  static open({ host, port }: Address, listener: Listener): Link {
    const link = idle.pop() ?? new Link();
    link.#listener = listener;
    link.#isReusable = false;
    link.socket.connect({ host, port });
    return link;
  }

  /** Nothing is told any more. After the other side's end, with only whole chunks written, the socket serves again. */
  close(isReusable: boolean): void {
    this.#listener = undefined;
    this.#isReusable = isReusable;
    this.socket.destroy();
  }

  /** The same, by a reset. */
  reset(): void {
    this.#listener = undefined;
    reset(this.socket);
  }
}
