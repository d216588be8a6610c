/** Addresses and ports on the command line. */

import { type Address, parseAddress as parse } from '../../reference/protocol/address.ts';
import { wrong } from './options.ts';

export { formatAddress, parseAddress as addressIn } from '../../reference/protocol/address.ts';
export type { Address };

/** What may stand before `=` and the address of a target. */
export const TARGET_NAME = /^[\w.-]{1,100}$/;

/** Reads `host:port`, with an IPv6 host in brackets and a port from 1 to 65535. Throws UsageError. */
export function parseAddress(text: string, option: string): Address {
  const address = parse(text);
  if (address !== undefined) return address;
  throw wrong(option, `${JSON.stringify(text)} ${whyNoAddress(text)}; for example ${option} 127.0.0.1:1003`);
}

/** Why the text is no address, as far as it can be seen. */
export function whyNoAddress(text: string): string {
  if (/^[a-z]+:\/\//i.test(text)) return 'begins like a URL; give only host:port';
  if (/^[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*$/i.test(text))
    return 'is an IPv6 address without brackets or port, as in [::1]:1003';
  if (/^:/.test(text)) return 'has no host before the colon';
  const [, port] = /:(-?\d+)$/.exec(text) ?? [];
  if (port === undefined) return 'has no port: it must be host:port';
  if (!(Number(port) >= 1 && Number(port) <= 65_535)) return `is not host:port with a port from 1 to 65535`;
  return 'is not host:port';
}

/** For a UsageError: the host of a target has an address that is no loopback address. */
export const NOT_OWNED =
  'the target is not on this machine, or not only; give --i-own-this-target if it is yours';

/** A port to listen on, from 0 to 65535, inclusive. Throws UsageError. */
export function checkPort(port: number, option: string): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw wrong(option, `${port} is out of range; a port is a whole number from 0 to 65535`);
}
