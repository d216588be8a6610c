/** The kit's server for one start of a client: it listens on a port of its own and treats each connection alike. */

import { once } from 'node:events';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { combinedSignal } from '../../util/combined-signal.ts';
import type { Behaviour } from '../scenario/client-scenario.ts';
import { type SeenConnection, ServedConnection } from './connection.ts';

/** A server that plays a behaviour. */
export interface PlayedServer {
  readonly port: number;
  /** Resolves when the first byte has come. Never rejects. */
  readonly firstByte: Promise<void>;
  /**
   * Waits up to `arriveMs` milliseconds (default 0) until all has come that the client sent, and ends all connections and the
   * server. Resolves to what came, in the order of the connections.
   */
  readonly stop: (arriveMs?: number) => Promise<Seen>;
}

/** What came to a server. */
export interface Seen {
  /** The first connections; a client needs one, and may try once more. */
  readonly connections: readonly SeenConnection[];
  /** Connections that were reset, because there were too many. */
  readonly further: number;
}

/** Most connections that are served; those after them are reset. */
const MOST_CONNECTIONS = 4;
const HOST = '127.0.0.1';

/**
 * Listens on `port` of `host` (default: a free port of 127.0.0.1) and plays the behaviour on each connection. Rejects with
 * the error of the system if the port cannot be opened. `most`: connections that are served, default 4.
 */
export async function playServer(
  behaviour: Behaviour,
  { host = HOST, port = 0, most = MOST_CONNECTIONS, holdMs, onEnd }: ServerOptions = {},
): Promise<PlayedServer> {
  const beganMs = performance.now();
  const connections: ServedConnection[] = [];
  let further = 0;
  /** What comes while the server stops. */
  let late: net.Socket[] | undefined;
  const take = (socket: net.Socket): void => {
    if (connections.length >= most) {
      further += 1;
      socket.on('error', () => {}).resetAndDestroy();
      return;
    }
    const connection = new ServedConnection(socket, beganMs);
    connections.push(connection);
    socket.once('data', () => server.emit('byte'));
    const performed = connection.perform(behaviour);
    if (holdMs !== undefined)
      socket.once('end', () => {
        const timer = setTimeout(() => connection.release(), holdMs);
        socket.once('close', () => clearTimeout(timer));
      });
    if (onEnd) {
      const isClosed = new Promise((resolve) => socket.once('close', resolve));
      // A server that runs for long keeps nothing of what has ended.
      void isClosed.then(() => connections.splice(connections.indexOf(connection), 1));
      void (behaviour.holds ? performed : isClosed).then(() => onEnd(connection.seen));
    }
  };
  // A client that ends its side gets its answer all the same (T4).
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    if (late === undefined) return take(socket);
    late.push(socket.on('error', () => {}));
    server.emit('late');
  });
  const firstByte = new Promise<void>((resolve) => server.once('byte', resolve));
  await once(server.listen(port, host), 'listening');
  const address = server.address();
  const stop = async (arriveMs = 0): Promise<Seen> => {
    if (arriveMs > 0 && server.listening) {
      late = [];
      for (const socket of await acceptAll(server, late, arriveMs)) take(socket);
    }
    if (arriveMs > 0) await Promise.all(connections.map((connection) => connection.arrived(arriveMs)));
    const isClosed = new Promise((resolve) => server.close(resolve));
    const seen = { connections: connections.map(({ seen }) => seen), further };
    for (const connection of [...connections]) connection.release();
    await isClosed;
    return seen;
  };
  if (behaviour.isAbsent) await stop();
  return { port: typeof address === 'object' && address !== null ? address.port : port, firstByte, stop };
}

/**
 * Connects to the server, and waits until it has accepted that, at the most so long. Then it has accepted all that clients had
 * established before: one that waits for no answer can end earlier. `late` holds what it accepts meanwhile, which each event
 * 'late' announces. Resolves to the connections of clients among them.
 */
async function acceptAll(
  server: net.Server,
  late: readonly net.Socket[],
  withinMs: number,
): Promise<readonly net.Socket[]> {
  const { port, address } = server.address() as net.AddressInfo;
  const over = combinedSignal([], withinMs);
  const own = net.connect(port, address, () => server.emit('late')).on('error', () => {});
  const isOwn = ({ remotePort }: net.Socket): boolean => remotePort === own.localPort;
  try {
    while (!late.some(isOwn)) await once(server, 'late', { signal: over.signal });
  } catch {
    // The time is over.
  } finally {
    over.release();
  }
  const others = late.filter((socket) => !isOwn(socket));
  for (const socket of [own, ...late.filter(isOwn)]) socket.destroy();
  return others;
}

interface ServerOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly most?: number | undefined;
  /**
   * How long a connection is kept at the most after the client has ended its side, in milliseconds: that a client closes it
   * after a half-close is not seen while nothing is sent. Default: until the server stops.
   */
  readonly holdMs?: number | undefined;
  /**
   * Called with each connection that has ended, or is only held. One that has ended is forgotten. Default: `stop` returns them.
   */
  readonly onEnd?: ((seen: SeenConnection) => void) | undefined;
}
