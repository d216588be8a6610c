/** Limits the connections from one network: an IPv4 address, or a /64 of IPv6, of which one peer has every address. */
import { isIPv6 } from 'node:net';
import type { Logger } from '../support/logger.ts';

/** A network with open connections. */
export interface Network {
  readonly name: string;
  open: number;
  isRefusing: boolean;
}

export class Networks {
  readonly #most: number;
  readonly #logger: Logger;
  readonly #networks = new Map<string, Network>();

  /** `most`: the most open connections from one network, inclusive. */
  constructor(most: number, logger: Logger) {
    this.#most = most;
    this.#logger = logger;
  }

  /** The network of `address`, with one more connection until `release`. Undefined if it has as many as it may. */
  admit(address: string): Network | undefined {
    const name = networkOf(address);
    let network = this.#networks.get(name);
    if (network === undefined) {
      network = { name, open: 0, isRefusing: false };
      this.#networks.set(name, network);
    }
    if (network.open >= this.#most) {
      if (!network.isRefusing)
        this.#logger.warn(
          { network: name, most: this.#most },
          'too many connections of one peer: refusing more',
        );
      network.isRefusing = true;
      return undefined;
    }
    network.open += 1;
    return network;
  }

  /** A connection of the network is closed. */
  release(network: Network): void {
    network.open -= 1;
    if (network.open <= this.#most / 2) network.isRefusing = false;
    if (network.open === 0) this.#networks.delete(network.name);
  }
}

/** The first four groups of an IPv6 address; any other address as it is. An IPv4 address in IPv6 is that IPv4 address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => '0');
  return `${[...groups, ...(tail === undefined ? [] : zeros), ...last].slice(0, 4).join(':')}::/64`;
}
