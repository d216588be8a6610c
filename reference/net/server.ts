/**
 * The TCP server: accepts connections, limits their number, and closes them in order. connection.ts serves each
 * connection. Connections share no state, so a slow or broken peer does not delay another one (T3).
 *
 * A SUBMIT takes this way: socket → connection.ts → session.ts (chunk → frame → message) → `submit` of the Handlers,
 * for instance that of roles/receiver.ts (policy → task → store) → answer → connection.ts (message → frame) → socket.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEFAULT_PORT } from '../protocol/constants.ts';
import { assertLimit } from '../support/limits.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import { type ConnectionLimits, type ConnectionState, serveConnection } from './connection.ts';
import type { Handler, Handlers } from './handler.ts';
import { Networks } from './networks.ts';

/**
 * Options of a Server. Every number is whole and from 1 to 2^31 − 1, inclusive; only `lingerMs` may be 0. Durations
 * are in milliseconds.
 */
export interface ServerOptions extends Partial<ConnectionLimits> {
  /** The most open connections, inclusive. A further one is closed at once. Default 1024. */
  readonly maxConnections?: number;
  /**
   * The most open connections from one IPv4 address or one /64 network of IPv6, inclusive. A further one is closed at
   * once. Default: all but one in 64 of `maxConnections`, so 1008 of 1024, and at least 1: one peer leaves room for others,
   * and a gateway, which is one address for many peers, has nearly all.
   */
  readonly maxConnectionsPerAddress?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** Options of `Server.listenAndServe`. */
export interface ListenOptions {
  /** From 0 to 65535; 0 lets the system choose a free port. Default DEFAULT_PORT (T1). */
  readonly port?: number;
  /** The address to listen on. Default '127.0.0.1', so that only this machine can connect. */
  readonly host?: string;
}

/** Options of `Server.close`. */
export interface CloseOptions {
  /** Milliseconds until connections that are still open are destroyed; 0 destroys them at once. Default 5000. */
  readonly graceMs?: number;
}

const DEFAULT_LIMITS: ConnectionLimits = {
  headerTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  frameTimeoutMs: 120_000,
  maxFramesPerConnection: 1,
  lingerMs: 1000,
};

function defaultPerAddress(maxConnections: number): number {
  return Math.max(1, maxConnections - Math.ceil(maxConnections / 64));
}

/**
 * A server for the frames of the protocol. It calls a handler for each legal message (S1, U1, R1), and closes a
 * connection that breaks the protocol without an answer (F2, F4, F7, S6). A closed server cannot listen again.
 */
export class Server {
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true });
  readonly #connections = new Map<Socket, ConnectionState>();
  readonly #logger: Logger;
  #isRefusing = false;
  #listening: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /** A function is the handler for SUBMIT. Throws a RangeError for a number outside its range. */
  constructor(handler: Handler | Handlers, options: ServerOptions = {}) {
    const { maxConnections = 1024, logger = silentLogger, ...others } = options;
    const { maxConnectionsPerAddress = defaultPerAddress(maxConnections), ...given } = others;
    const limits = { ...DEFAULT_LIMITS, ...given };
    assertLimit('maxConnections', maxConnections);
    assertLimit('maxConnectionsPerAddress', maxConnectionsPerAddress);
    for (const [name, value] of Object.entries(limits)) {
      assertLimit(name, value, name === 'lingerMs' ? 0 : 1);
    }
    const handlers = typeof handler === 'function' ? { submit: handler } : handler;

    this.#server.maxConnections = maxConnections;
    this.#logger = logger;
    this.#server.on('drop', (peer) => {
      // Logged once, until half of the connections have ended: a peer that repeats it must not fill the log.
      if (!this.#isRefusing)
        logger.warn({ peer, maxConnections }, 'too many open connections: refusing more');
      this.#isRefusing = true;
    });
    const perNetwork = new Networks(maxConnectionsPerAddress, logger);
    this.#server.on('connection', (socket) => {
      if (!perNetwork.admit(socket)) {
        socket.destroy();
        return;
      }
      const state: ConnectionState = { isIdle: false, isClosing: false };
      this.#connections.set(socket, state);
      socket.once('close', () => {
        this.#connections.delete(socket);
        if (this.#connections.size <= maxConnections / 2) this.#isRefusing = false;
      });
      void serveConnection(socket, handlers, limits, logger, state);
    });
  }

  /**
   * Resolves to the address in use once connections are accepted. Rejects with the error of the system, such as
   * EADDRINUSE. Call it once.
   */
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
   * Accepts no more connections, closes those that wait for a frame of which no byte has arrived, waits `graceMs` for
   * the others to finish, then destroys the rest. Resolves when no socket is open. A second call may shorten the time: the first `graceMs` to pass counts. Throws a RangeError for a
   * `graceMs` that is not a whole number from 0 to 2^31 − 1.
   */
  async close({ graceMs = 5000 }: CloseOptions = {}): Promise<void> {
    assertLimit('graceMs', graceMs, 0);
    this.#closed ??= this.#stop();
    const timer = setTimeout(() => {
      for (const socket of this.#connections.keys()) socket.destroy();
    }, graceMs);
    await this.#closed;
    clearTimeout(timer);
  }

  async #stop(): Promise<void> {
    // A listener cannot be closed while its host name is being resolved.
    await this.#listening?.catch(() => {});
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Bytes that have arrived are read in these turns, so a connection that has begun a frame does not count as idle.
    await nextTurn();
    await nextTurn();
    for (const [socket, state] of this.#connections) {
      state.isClosing = true;
      if (state.isIdle) socket.destroy();
    }
    await closed;
  }
}
