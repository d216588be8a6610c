/** The addresses of a host: whether they are this machine, and which of them a run may connect to. */

import { lookup as lookupInSystem } from 'node:dns/promises';
import { BlockList } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** What a lookup found. */
export interface ResolvedHost {
  /** Numeric addresses, in the order of the system; empty if the name does not resolve. */
  readonly addresses: readonly string[];
  /**
   * Whether there are addresses, and all of them are loopback addresses: 127.0.0.0/8, ::1, or an IPv4-mapped
   * ::ffff:127.0.0.0/104. A name that leads to this machine and to another one is not on this machine.
   */
  readonly isLoopback: boolean;
  /** Why the name does not resolve: the code of the system. */
  readonly code?: string;
}

export type Lookup = (
  host: string,
  options: { readonly all: true },
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/**
 * Looks a host up: an address, IPv6 without brackets, or a name. Connect to one of `addresses` and not to the name, which
 * may lead elsewhere at the next lookup.
 */
export async function resolveHost(host: string, lookup: Lookup = lookupInSystem): Promise<ResolvedHost> {
  try {
    const found = await lookup(host, { all: true });
    const isLoopback = ({ address, family }: { address: string; family: number }): boolean =>
      LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
    return {
      addresses: found.map(({ address }) => address),
      isLoopback: found.length > 0 && found.every(isLoopback),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'ENOTFOUND';
    return { addresses: [], isLoopback: false, code };
  }
}
