/** Listens, and relays each connection to the target. */

import { once } from 'node:events';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { Address } from '../wire/connection.ts';
import { Relay, type RelayListener, SOCKET } from './relay.ts';

/** A connection that passes through a proxy. */
export interface ProxiedConnection {
  /** Counts from 1. */
  readonly index: number;
  /** The address of the sender, and the one that the proxy listens on. */
  readonly from: Address;
  readonly to: Address;
  /** On the clock of `performance`. */
  readonly openedMs: number;
}

/** Options of `startProxy`. */
export interface ProxyOptions {
  /** Port 0 picks a free one. */
  readonly listen: Address;
  readonly target: Address;
  /** Called for each connection. What it returns is informed of the events of that connection. */
  readonly opened: (connection: ProxiedConnection) => RelayListener;
}

/** A proxy that runs. */
export interface Proxy {
  readonly address: Address;
  /** Takes no more connections. Resolves when all are closed, at the latest after this number of milliseconds. */
  readonly drain: (ms: number) => Promise<void>;
  /** Takes no more connections, resets those that are open, and resolves when all are closed. */
  readonly stop: () => Promise<void>;
}

/** Starts a proxy. Rejects with the error of the system if the port cannot be opened. */
export async function startProxy({ listen, target, opened }: ProxyOptions): Promise<Proxy> {
  const relays = new Set<Relay>();
  let index = 0;
  let allClosed = (): void => {};
  const server = net.createServer({ ...SOCKET, pauseOnConnect: true }, (sender) => {
    index += 1;
    const from = { host: sender.remoteAddress ?? '', port: sender.remotePort ?? 0 };
    const to = { host: sender.localAddress ?? '', port: sender.localPort ?? 0 };
    const listener = opened({ index, from, to, openedMs: performance.now() });
    const relay: Relay = new Relay(sender, target, {
      ...listener,
      closed: () => {
        relays.delete(relay);
        listener.closed();
        if (relays.size === 0) allClosed();
      },
    });
    relays.add(relay);
  });
  await once(server.listen(listen), 'listening');
  // A failure to accept, for want of descriptors, ends no connection.
  server.on('error', () => {});
  const { address: host, port } = server.address() as net.AddressInfo;
  const allClose = async (): Promise<void> => {
    if (relays.size === 0) return;
    await new Promise<void>((resolve) => {
      allClosed = resolve;
    });
  };
  return {
    address: { host, port },
    drain: async (ms) => {
      server.close();
      const over = new AbortController();
      const time = setTimeout(ms, undefined, { signal: over.signal }).catch(() => {});
      await Promise.race([time, allClose()]);
      over.abort();
    },
    stop: async () => {
      const isClosed = new Promise((resolve) => server.close(resolve));
      for (const relay of relays) relay.destroy();
      // The sockets to the target close apart from those of the server.
      await Promise.all([isClosed, allClose()]);
    },
  };
}
