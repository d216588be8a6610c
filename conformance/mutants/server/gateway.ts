/** A TCP gateway in front of a server: connection → queue → a connection of its own to the server → bytes both ways. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Running } from './server.ts';

export interface Gateway {
  /** What the gateway does when the client has ended its stream: it ends that to the server, does nothing, or closes both. */
  readonly onClientEnd: 'end' | 'nothing' | 'close';
  /** The same when the server has ended its stream. */
  readonly onServerEnd: 'end' | 'nothing';
  /** The most connections that wait until the gateway accepts them. Default: as many as Node.js allows, 511. */
  readonly backlog?: number;
  /** Milliseconds for which the gateway stops its process after each connection that it accepts. Default 0. */
  readonly acceptMs?: number;
}

/** Starts the gateway in front of a running server. `port` 0 selects a free port. `close` closes the server, too. */
export async function serveThrough(gateway: Gateway, server: Running, port = 0): Promise<Running> {
  const { onClientEnd, onServerEnd, backlog = 511, acceptMs = 0 } = gateway;
  const sockets = new Set<Socket>();
  const forward = (from: Socket, to: Socket, onEnd: Gateway['onClientEnd']): void => {
    sockets.add(from);
    from.pipe(to, { end: onEnd === 'end' });
    if (onEnd === 'close') from.on('end', () => to.destroy());
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroySoon();
    });
  };
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    stopProcess(acceptMs);
    const onward = connect({ ...server.address, allowHalfOpen: true, noDelay: true });
    forward(client, onward, onClientEnd);
    forward(onward, client, onServerEnd);
  });
  await once(listener.listen({ port, host: '127.0.0.1', backlog }), 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    address: { host: '127.0.0.1', port: address.port },
    close: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await server.close();
    },
  };
}

/** Stops the whole process, without use of the CPU. */
function stopProcess(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
