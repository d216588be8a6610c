/** The addresses that `from_addr` and `to_addr` carry over TCP: `host:port` ⇄ host and port. */

/** Where a peer listens. */
export interface Address {
  /** A host name or an IP address; an IPv6 address has no brackets. */
  readonly host: string;
  /** From 1 to 65535. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):([1-9]\d{0,4})$/;
/** The longest host name, two brackets, a colon and a port. */
const MAX_ADDRESS_LENGTH = 253 + 8;

/**
 * Reads `host:port`, or `[host]:port` for IPv6. Undefined for any other text, such as an address of an overlay
 * network, and for a port outside 1 to 65535.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_LENGTH) return undefined;
  const [, ipv6, name, port] = HOST_AND_PORT.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

/** Writes `host:port`, or `[host]:port` for IPv6. Does not check the address. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
