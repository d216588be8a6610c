/** The address of a server that a command loads, or passes connections on to: only one of this machine, unless it is owned. */

import { connect } from 'node:net';
import { resolveHost } from '../../conformance/util/loopback.ts';
import { UsageError } from '../core/errors.ts';
import { type Address, NOT_OWNED } from './address.ts';

/** How long one of several addresses of a name may take to accept a connection. */
const CONNECT_MS = 1000;

/**
 * Looks the host up. Resolves to the first of its addresses that takes a connection; if none does, to the last, and to the
 * name itself if it has no address. Throws a UsageError for an address of another machine, unless `isOwned`.
 */
export async function ownTarget(named: Address, isOwned: boolean): Promise<Address> {
  const { addresses, isLoopback } = await resolveHost(named.host);
  if (addresses.length > 0 && !isLoopback && !isOwned) throw new UsageError(NOT_OWNED);
  for (const host of addresses.slice(0, -1)) {
    const socket = connect({ host, port: named.port, timeout: CONNECT_MS });
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('timeout', () => resolve(false)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return { ...named, host };
  }
  return { ...named, host: addresses.at(-1) ?? named.host };
}
