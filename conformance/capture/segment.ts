/** Packets to TCP segments: the header of the link, IPv4 or IPv6, and TCP. What is anything else, or cut within these, is no segment. */

import type { Packet } from './capture-reader.ts';

/** A TCP segment. */
export interface Segment {
  /** As host:port, with an IPv6 host in brackets. */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** Of the first byte, or of the SYN. Modulo 2 to the power of 32. */
  readonly sequence: number;
  /** SYN: it begins this direction of the connection. */
  readonly isFirst: boolean;
  /** SYN without ACK: it is of the side that connects. */
  readonly isClient: boolean;
  /** FIN: nothing follows its bytes. */
  readonly isLast: boolean;
  /** RST: the connection is over. */
  readonly isReset: boolean;
  /** The sequence number of the next byte that its sender expects. Absent without ACK. */
  readonly acknowledged?: number;
  /** Its payload; a view of the packet. */
  readonly bytes: Uint8Array;
  /** Whether it had more bytes than the packet holds: the capture cut them off, or they are in a later fragment. */
  readonly isCut: boolean;
}

const TCP = 6;
/** IPv6 headers between the fixed one and TCP: hop-by-hop, routing, fragment, destination. */
const EXTENSIONS = [0, 43, 44, 60];
const FRAGMENT = 44;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
/** Tags of virtual networks, which stand before the type. */
const VLAN_TAGS = [0x8100, 0x88a8, 0x9100];
const MAX_TAGS = 4;

/** LINKTYPE values, and where the IP header begins. */
const LINKS: Readonly<Record<number, (bytes: Buffer) => Buffer | undefined>> = {
  0: (bytes) => bytes.subarray(4),
  1: fromEthernet,
  12: (bytes) => bytes,
  14: (bytes) => bytes,
  101: (bytes) => bytes,
  108: (bytes) => bytes.subarray(4),
  113: (bytes) => fromType(bytes, 14),
  228: (bytes) => bytes,
  229: (bytes) => bytes,
  276: (bytes) => (bytes.length < 20 || !isIp(bytes.readUInt16BE(0)) ? undefined : bytes.subarray(20)),
};

/** Whether packets of this LINKTYPE value can be read. */
export function isKnownLink(link: number): boolean {
  return LINKS[link] !== undefined;
}

/** Undefined for what is not TCP over IP, a later fragment of it, or cut within its headers. */
export function segmentOf({ link, bytes, cutBytes }: Omit<Packet, 'atMs'>): Segment | undefined {
  const ip = LINKS[link]?.(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return ip && segmentInIp(ip, cutBytes);
}

function isIp(type: number): boolean {
  return type === IPV4 || type === IPV6;
}

function fromEthernet(bytes: Buffer): Buffer | undefined {
  let at = 12;
  for (let tags = 0; tags < MAX_TAGS && at + 2 <= bytes.length; tags += 1) {
    if (!VLAN_TAGS.includes(bytes.readUInt16BE(at))) break;
    at += 4;
  }
  return fromType(bytes, at);
}

/** `at`: where the type of the protocol stands, right before the header of it. */
function fromType(bytes: Buffer, at: number): Buffer | undefined {
  return at + 2 <= bytes.length && isIp(bytes.readUInt16BE(at)) ? bytes.subarray(at + 2) : undefined;
}

/** The same for a packet that begins with its IP header. `cutBytes`: as in a Packet; default 0. */
export function segmentInIp(packet: Buffer, cutBytes = 0): Segment | undefined {
  const version = (packet[0] ?? 0) >> 4;
  const length = packet.length + cutBytes;
  if (version === 4 && packet.length >= 20) return fromIpv4(packet, length);
  return version === 6 && packet.length >= 40 ? fromIpv6(packet, length) : undefined;
}

/** `length`: of the packet before the capture cut it. */
function fromIpv4(packet: Buffer, length: number): Segment | undefined {
  const headerBytes = 4 * ((packet[0] ?? 0) & 0xf);
  // Zero if the network card cuts the packet into smaller ones.
  const total = packet.readUInt16BE(2) || length;
  const fragment = packet.readUInt16BE(6);
  const isLaterFragment = (fragment & 0x1fff) !== 0;
  if (packet[9] !== TCP || headerBytes < 20 || total < headerBytes || isLaterFragment) return undefined;
  const host = (at: number): string => [...packet.subarray(at, at + 4)].join('.');
  const isCut = total > packet.length || (fragment & 0x2000) !== 0;
  return fromTcp(packet.subarray(headerBytes, total), { from: host(12), to: host(16), isCut });
}

/** `length`: of the packet before the capture cut it. */
function fromIpv6(packet: Buffer, length: number): Segment | undefined {
  const total = 40 + (packet.readUInt16BE(4) || length - 40);
  let isCut = total > packet.length;
  let next = packet[6] ?? 0;
  let at = 40;
  while (EXTENSIONS.includes(next) && at + 8 <= packet.length) {
    const isFragment = next === FRAGMENT;
    if (isFragment && packet.readUInt16BE(at + 2) >> 3 !== 0) return undefined;
    isCut ||= isFragment && ((packet[at + 3] ?? 0) & 1) !== 0;
    next = packet[at] ?? 0;
    at += isFragment ? 8 : 8 * ((packet[at + 1] ?? 0) + 1);
  }
  if (next !== TCP) return undefined;
  const [from, to] = [`[${ipv6At(packet, 8)}]`, `[${ipv6At(packet, 24)}]`];
  return fromTcp(packet.subarray(at, total), { from, to, isCut });
}

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

function fromTcp(
  tcp: Buffer,
  { from, to, isCut }: { readonly from: string; readonly to: string; readonly isCut: boolean },
): Segment | undefined {
  const headerBytes = 4 * ((tcp[12] ?? 0) >> 4);
  if (tcp.length < 20 || headerBytes < 20) return undefined;
  const flags = tcp[13] ?? 0;
  const [fromPort, toPort] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
  return {
    from: `${from}:${fromPort}`,
    to: `${to}:${toPort}`,
    fromPort,
    toPort,
    sequence: tcp.readUInt32BE(4),
    isFirst: (flags & SYN) !== 0,
    isClient: (flags & (SYN | ACK)) === SYN,
    isLast: (flags & FIN) !== 0,
    isReset: (flags & RST) !== 0,
    ...((flags & ACK) !== 0 && { acknowledged: tcp.readUInt32BE(8) }),
    bytes: tcp.subarray(headerBytes),
    isCut,
  };
}

/** As eight groups, the longest run of zeros shortened by the URL parser, as it is written. */
function ipv6At(packet: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => packet.readUInt16BE(at + 2 * index).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
