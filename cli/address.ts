/** Addresses as they stand on the command line. */

import { UsageError } from './io.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, with an IPv6 host in brackets. Throws UsageError. */
export function parseAddress(text: string, option: string): Address {
  const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:[\]]+)):(?<port>\d+)$/.exec(text);
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  if (host === undefined) {
    throw new UsageError(
      `${option} ${JSON.stringify(text)} is not host:port; for example ${option} 127.0.0.1:1003`,
    );
  }
  return { host, port: checkPort(Number(match?.groups?.['port']), option, 1) };
}

/** A port from `lowest` to 65535, inclusive. Throws UsageError. */
export function checkPort(port: number, option: string, lowest: 0 | 1): number {
  if (Number.isInteger(port) && port >= lowest && port <= 65535) return port;
  throw new UsageError(
    `${option}: port ${port} is out of range; a port is a whole number from ${lowest} to 65535`,
  );
}

/** The address as `parseAddress` reads it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
