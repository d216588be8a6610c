/**
 * The TCP server: accepts connections, bounds their number, and closes in order. What happens on a connection is in
 * connection.ts; connections share nothing, so a slow or broken peer delays no other (T3).
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { DEFAULT_PORT } from '../protocol/constants.ts';
import { assertLimit } from '../support/limits.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import { type ConnectionLimits, serveConnection } from './connection.ts';
import type { Handler, Handlers } from './handler.ts';

/** Durations are in milliseconds. Every number is whole; only `lingerMs` may be 0, and none may be infinite. */
export interface ServerOptions extends Partial<ConnectionLimits> {
  /** Open connections, inclusive; one more is closed at once. Default 1024. */
  readonly maxConnections?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}

export interface ListenOptions {
  /** 0 lets the system choose. Default DEFAULT_PORT (T1). */
  readonly port?: number;
  /** Default '127.0.0.1': to be reached from elsewhere is a decision. */
  readonly host?: string;
}

export interface CloseOptions {
  /** Milliseconds for connections to finish before they are destroyed. 0 destroys at once. Default 5000. */
  readonly graceMs?: number;
}

const DEFAULT_LIMITS: ConnectionLimits = {
  headerTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  frameTimeoutMs: 120_000,
  maxFramesPerConnection: 1,
  lingerMs: 1000,
};

/**
 * A receiver of tasks. Listens once: a closed server is not opened again.
 * Without a handler for them, status updates and results are read, checked and dropped.
 */
export class Server {
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true });
  readonly #sockets = new Set<Socket>();
  readonly #logger: Logger;
  #listening: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /** Throws a RangeError for a limit that would not hold. */
  constructor(handler: Handler | Handlers, options: ServerOptions = {}) {
    const { maxConnections = 1024, logger = silentLogger, ...given } = options;
    const limits = { ...DEFAULT_LIMITS, ...given };
    assertLimit('maxConnections', maxConnections);
    for (const [name, value] of Object.entries(limits)) {
      assertLimit(name, value, name === 'lingerMs' ? 0 : 1);
    }
    const handlers = typeof handler === 'function' ? { submit: handler } : handler;

    this.#server.maxConnections = maxConnections;
    this.#logger = logger;
    this.#server.on('drop', (peer) => logger.info({ peer }, 'connection refused: too many are open'));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      void serveConnection(socket, handlers, limits, logger);
    });
  }

  /** Resolves once connections are accepted, with the address in use. Rejects with the system's error if it is not free. */
  async listenAndServe({ port = DEFAULT_PORT, host = '127.0.0.1' }: ListenOptions = {}): Promise<{
    host: string;
    port: number;
  }> {
    if (this.#closed !== undefined) throw new Error('the server is closed');
    this.#listening = once(this.#server.listen({ port, host }), 'listening');
    await this.#listening;
    this.#server.on('error', (err) => this.#logger.warn({ err }, 'listener failed'));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return { host: address.address, port: address.port };
  }

  /**
   * Stops accepting, lets open connections finish for `graceMs`, then destroys the rest. Resolves when no socket is
   * left. May be called again, for instance with a shorter grace: the first grace to pass counts.
   */
  async close({ graceMs = 5000 }: CloseOptions = {}): Promise<void> {
    assertLimit('graceMs', graceMs, 0);
    this.#closed ??= this.#stop();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await this.#closed;
    clearTimeout(timer);
  }

  async #stop(): Promise<void> {
    // A listener whose host name is still being resolved cannot be closed yet.
    await this.#listening?.catch(() => {});
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
