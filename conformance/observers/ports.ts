/** The ports of this machine on which a target may listen. */

import { once } from 'node:events';
import net from 'node:net';
import type { Address } from '../wire/transport.ts';
import { ObserverError } from './observer-error.ts';

/** Where a target may listen. The first that accepts a connection is its address. */
export const HOSTS = ['127.0.0.1', '::1'] as const;
/** Ports that are looked at before none counts as free. */
const PORT_TRIES = 10;

/** On all hosts: a program that listens on one of them could be mistaken for the target. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const server = net.createServer();
    await once(server.listen(0, HOSTS[0]), 'listening');
    const address = server.address();
    server.close();
    if (address === null || typeof address === 'string') break;
    if ((await listeningAt(address.port)) === undefined) return address.port;
  }
  throw new ObserverError('no-port', 'no port is free');
}

/** Whether a program has the port on 127.0.0.1, to listen or as the port of its end of a connection. */
export async function isTaken(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    await once(server.listen(port, HOSTS[0]), 'listening');
    return false;
  } catch {
    return true;
  } finally {
    server.close();
  }
}

/** The first host that accepts a connection on the port. */
export async function listeningAt(port: number, signal?: AbortSignal): Promise<string | undefined> {
  for (const host of HOSTS) if (await accepts({ host, port }, signal)) return host;
  return undefined;
}

async function accepts(address: Address, signal?: AbortSignal): Promise<boolean> {
  const socket = net.connect(address);
  try {
    await once(socket, 'connect', { ...(signal && { signal }) });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
