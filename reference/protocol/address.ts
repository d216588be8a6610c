/** Addresses as `from_addr` and `to_addr` carry them over TCP: `host:port` ⇄ host and port. */

export interface Address {
  /** A host name or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):([1-9]\d{0,4})$/;
/** The longest host name, brackets and a port. */
const MAX_ADDRESS_LENGTH = 253 + 8;

/** Undefined for whatever is not `host:port` with a port from 1 to 65535, such as an address of an overlay network. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_LENGTH) return undefined;
  const [, ipv6, name, port] = HOST_AND_PORT.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
