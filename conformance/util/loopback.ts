/** Whether a host is this machine. */

import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Whether every address of the host is a loopback address: 127.0.0.0/8, ::1, or an IPv4-mapped ::ffff:127.0.0.0/104. The
 * host is an address, IPv6 without brackets, or a name, which is resolved. False for a name that does not resolve.
 */
export async function isLoopbackHost(host: string): Promise<boolean> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return (
    found.length > 0 &&
    found.every(({ address, family }) => LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4'))
  );
}
