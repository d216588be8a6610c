/** Small TCP servers for tests, on the loopback interface. */

import { once } from 'node:events';
import net from 'node:net';
import type { Address } from '../wire/transport.ts';

export interface Loopback {
  readonly address: Address;
  /** Stops listening and ends every connection. */
  readonly close: () => void;
}

/** Listens on the given port; default 0: a free port. Socket errors are ignored. */
export async function listen(onConnection: (socket: net.Socket) => void, port = 0): Promise<Loopback> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return {
    address: { host: '127.0.0.1', port: address.port },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A port on which no program listens. */
export async function closedPort(): Promise<Address> {
  const { address, close } = await listen(() => {});
  close();
  return address;
}
