/** Addresses and ports on the command line. */

import { type Address, parseAddress as parse } from '../../reference/protocol/address.ts';
import { UsageError } from '../core/errors.ts';

export { formatAddress } from '../../reference/protocol/address.ts';
export type { Address };

/** Reads `host:port`, with an IPv6 host in brackets and a port from 1 to 65535. Throws UsageError. */
export function parseAddress(text: string, option: string): Address {
  const address = parse(text);
  if (address !== undefined) return address;
  const shown = JSON.stringify(text);
  throw new UsageError(
    `${option} ${shown} is not host:port with a port from 1 to 65535; for example ${option} 127.0.0.1:1003`,
  );
}

/** For a UsageError: the host of a target has an address that is no loopback address. */
export const NOT_OWNED =
  'the target is not on this machine, or not only; give --i-own-this-target if it is yours';

/** A port to listen on, from 0 to 65535, inclusive. Throws UsageError. */
export function checkPort(port: number, option: string): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new UsageError(`${option} ${port} is out of range; a port is a whole number from 0 to 65535`);
}
