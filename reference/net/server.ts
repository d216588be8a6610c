/**
 * The TCP server: accepts connections, limits their number, and closes them in order. connection.ts serves each
 * connection. Connections share no state, so a slow or broken peer does not delay another one (T3).
 *
 * A SUBMIT takes this way: socket → connection.ts → session.ts (chunk → frame → message) → `submit` of the Handlers,
 * for instance that of roles/receiver.ts (policy → task → store) → answer → connection.ts (message → frame) → socket.
 */
import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEFAULT_PORT, HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../protocol/constants.ts';
import { FaultLog } from '../support/fault-log.ts';
import { assertLimit } from '../support/limits.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import { CodecThreads } from './codec-threads.ts';
import { Connection, type ConnectionLimits, type Shared } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import { FrameMemory } from './frame-memory.ts';
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
  /**
   * The most bytes that all connections hold of frames that are not served yet, and of answers and results that are not
   * sent yet, inclusive; of each connection the first 64 KiB do not count. When they hold more, the connection that holds the most
   * is closed, except those whose frame is being read by a thread or whose handler runs. At least 16 MiB and 8 bytes, which is one frame. Default 256 MiB.
   */
  readonly maxBufferedBytes?: number;
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

/** The limits of a connection of a Server without options. */
export const DEFAULT_LIMITS: ConnectionLimits = {
  headerTimeoutMs: 10_000,
  idleTimeoutMs: 30_000,
  minBytesPerSecond: 1024,
  frameTimeoutMs: 600_000,
  maxFramesPerConnection: 1,
  lingerMs: 1000,
};

const DEFAULT_BUFFERED_BYTES = 256 * 1024 * 1024;

function defaultPerAddress(maxConnections: number): number {
  return Math.max(1, maxConnections - Math.ceil(maxConnections / 64));
}

/**
 * A server for the frames of the protocol. It calls a handler for each legal message (S1, U1, R1), and closes a
 * connection that breaks the protocol without an answer (F2, F4, F7, S6). A closed server cannot listen again.
 */
export class Server {
  readonly #server: NetServer;
  readonly #connections = new Set<Connection>();
  readonly #deadlines: Deadlines;
  readonly #networks: Networks;
  readonly #shared: Shared;
  readonly #maxConnections: number;
  readonly #logger: Logger;
  #isRefusing = false;
  #listening: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /** A function is the handler for SUBMIT. Throws a RangeError for a number outside its range. */
  constructor(handler: Handler | Handlers, options: ServerOptions = {}) {
    const { maxConnections = 1024, logger = silentLogger, ...others } = options;
    const { maxConnectionsPerAddress = defaultPerAddress(maxConnections), ...rest } = others;
    const { maxBufferedBytes = DEFAULT_BUFFERED_BYTES, ...given } = rest;
    const limits = { ...DEFAULT_LIMITS, ...given };
    assertLimit('maxConnections', maxConnections);
    assertLimit('maxConnectionsPerAddress', maxConnectionsPerAddress);
    assertLimit('maxBufferedBytes', maxBufferedBytes, HEADER_BYTES + MAX_PAYLOAD_BYTES);
    for (const [name, value] of Object.entries(limits)) {
      assertLimit(name, value, name === 'lingerMs' ? 0 : 1);
    }
    const handlers = typeof handler === 'function' ? { submit: handler } : handler;
    const memory = new FrameMemory(maxBufferedBytes, logger);
    const faults = new FaultLog(logger);
    this.#shared = { handlers, limits, logger, faults, memory, threads: new CodecThreads(logger) };
    this.#maxConnections = maxConnections;
    this.#logger = logger;
    this.#networks = new Networks(maxConnectionsPerAddress, logger);
    const { headerTimeoutMs, idleTimeoutMs, frameTimeoutMs, lingerMs } = limits;
    this.#deadlines = new Deadlines(
      this.#connections,
      Math.min(headerTimeoutMs, idleTimeoutMs, frameTimeoutMs, lingerMs || Number.POSITIVE_INFINITY),
    );

    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = maxConnections;
    this.#server.on('drop', (peer) => {
      // Logged once, until half of the connections have ended: a peer that repeats it must not fill the log.
      if (!this.#isRefusing)
        logger.warn({ peer, maxConnections }, 'too many open connections: refusing more');
      this.#isRefusing = true;
    });
  }

  #accept(socket: Socket): void {
    const { remoteAddress: address = 'unknown', remotePort: port = 0 } = socket;
    const network = this.#networks.admit(address);
    if (network === undefined) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, { address, port }, this.#shared);
    this.#connections.add(connection);
    this.#deadlines.start();
    socket.on('close', () => {
      connection.release();
      this.#connections.delete(connection);
      this.#networks.release(network);
      if (this.#connections.size <= this.#maxConnections / 2) this.#isRefusing = false;
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
      for (const connection of this.#connections) connection.destroy();
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
    for (const connection of this.#connections) connection.stop();
    await closed;
    this.#shared.faults.close();
    await this.#shared.threads.close();
  }
}
