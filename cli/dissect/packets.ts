/**
 * Reads the packets that `tcpdump -x`, `-X` or `-XX` prints: text → packets → TCP segments → one stream of bytes for each
 * direction of each connection.
 */

import { printable } from '../../conformance/util/printable.ts';
import { formatAddress } from '../../reference/index.ts';
import { UsageError } from '../core/errors.ts';
import { hexColumns } from './hex.ts';

/** What one side of a connection sent. */
export interface Stream {
  /** Such as `127.0.0.1:40000 > 127.0.0.1:1003`. */
  readonly name: string;
  readonly bytes: Buffer;
}

interface Segment {
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly isFirst: boolean;
  readonly bytes: Buffer;
}

/** The offset, and the columns after it. */
const LINE = /^\s*0x([0-9a-f]{4,8}):\s+(.*)$/i;
const ETHERNET_BYTES = 14;
const TCP = 6;
/** IPv6 headers between the fixed one and TCP: hop-by-hop, routing, fragment, destination. */
const EXTENSIONS = [0, 43, 44, 60];

/** The streams with any bytes. Undefined for a text that is no dump of packets. Throws a UsageError for one with gaps. */
export function readPackets(text: string): Stream[] | undefined {
  const packets = packetsIn(text);
  const segments = packets.flatMap((packet) => segmentOf(packet) ?? []);
  if (segments.length === 0) {
    if (packets.length < 2) return undefined;
    throw new UsageError(`none of the ${packets.length} packets is TCP over IP`);
  }
  const streams = directionsOf(segments).map(joined);
  const withBytes = streams.filter(({ bytes }) => bytes.length > 0);
  if (withBytes.length === 0) throw new UsageError('no packet of the dump carries data');
  return withBytes;
}

/** Lines that are no part of a dump, such as the one that describes a packet, are passed over. */
function packetsIn(text: string): Buffer[] {
  const packets: Buffer[][] = [];
  let length = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, offset = '', columns = ''] = LINE.exec(line) ?? [];
    if (offset === '') continue;
    const place = Number.parseInt(offset, 16);
    if (place === 0) {
      packets.push([]);
      length = 0;
    }
    if (place !== length)
      throw new UsageError(`line ${index + 1}: offset 0x${offset} does not count the bytes above it`);
    const part = hexColumns(columns);
    if (part.length === 0)
      throw new UsageError(`line ${index + 1}: no hex digits after the offset: ${printable(columns, 40)}`);
    packets.at(-1)?.push(part);
    length += part.length;
  }
  return packets.map((parts) => Buffer.concat(parts));
}

/** Undefined for what is not TCP over IP, or a later fragment of it. The packet may begin with an Ethernet header. */
function segmentOf(packet: Buffer): Segment | undefined {
  if (packet.length < 20) return undefined;
  const type = packet.readUInt16BE(12);
  const isEthernet = type === 0x0800 || type === 0x86dd;
  return fromIp(packet) ?? (isEthernet ? fromIp(packet.subarray(ETHERNET_BYTES)) : undefined);
}

function fromIp(packet: Buffer): Segment | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) {
    const headerBytes = 4 * ((packet[0] ?? 0) & 0xf);
    // Zero if the network card cuts the packet into smaller ones.
    const total = packet.readUInt16BE(2) || packet.length;
    const isLaterFragment = (packet.readUInt16BE(6) & 0x1fff) !== 0;
    if (packet[9] !== TCP || headerBytes < 20 || total < headerBytes || isLaterFragment) return undefined;
    const host = (at: number): string => [...packet.subarray(at, at + 4)].join('.');
    return fromTcp(packet.subarray(headerBytes, total), host(12), host(16));
  }
  if (version !== 6 || packet.length < 40) return undefined;
  const total = 40 + (packet.readUInt16BE(4) || packet.length - 40);
  let next = packet[6] ?? 0;
  let at = 40;
  while (EXTENSIONS.includes(next) && at + 8 <= packet.length) {
    const isFragment = next === 44;
    next = packet[at] ?? 0;
    at += isFragment ? 8 : 8 * ((packet[at + 1] ?? 0) + 1);
  }
  return next === TCP
    ? fromTcp(packet.subarray(at, total), ipv6At(packet, 8), ipv6At(packet, 24))
    : undefined;
}

function fromTcp(tcp: Buffer, from: string, to: string): Segment | undefined {
  const headerBytes = 4 * ((tcp[12] ?? 0) >> 4);
  if (tcp.length < 20 || headerBytes < 20) return undefined;
  return {
    from: formatAddress({ host: from, port: tcp.readUInt16BE(0) }),
    to: formatAddress({ host: to, port: tcp.readUInt16BE(2) }),
    sequence: tcp.readUInt32BE(4),
    isFirst: ((tcp[13] ?? 0) & SYN) !== 0,
    bytes: tcp.subarray(headerBytes),
  };
}

const SYN = 2;

/** As eight groups, the longest run of zeros shortened by the URL parser, as it is written. */
function ipv6At(packet: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => packet.readUInt16BE(at + 2 * index).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** The segments of each direction of each connection. A new connection may have the ports of an earlier one. */
function directionsOf(segments: readonly Segment[]): Segment[][] {
  const directions: Segment[][] = [];
  const current = new Map<string, Segment[]>();
  for (const segment of segments) {
    const name = nameOf(segment);
    const direction = current.get(name);
    const isNew = segment.isFirst && direction?.every(({ sequence }) => sequence !== segment.sequence);
    if (direction !== undefined && isNew !== true) direction.push(segment);
    else {
      const begun = [segment];
      directions.push(begun);
      current.set(name, begun);
    }
  }
  return directions;
}

function nameOf({ from, to }: Segment): string {
  return `${from} > ${to}`;
}

/** In the order of the sequence numbers, which are modulo 2^32. What was sent twice counts once. */
function joined(segments: readonly Segment[]): Stream {
  const [first] = segments as readonly [Segment];
  const name = nameOf(first);
  const placed = segments
    // A SYN takes one number itself.
    .map(({ sequence, isFirst, bytes }) => ({ at: (sequence + Number(isFirst) - first.sequence) | 0, bytes }))
    .filter(({ bytes }) => bytes.length > 0)
    .sort((a, b) => a.at - b.at);
  const parts: Buffer[] = [];
  let end = first.isFirst ? 1 : (placed[0]?.at ?? 0);
  const start = end;
  for (const { at, bytes } of placed) {
    if (at > end)
      throw new UsageError(
        `${name}: ${at - end} bytes at ${end - start} are not in the dump; tcpdump -s 0 prints whole packets`,
      );
    const part = bytes.subarray(end - at);
    parts.push(part);
    end += part.length;
  }
  return { name, bytes: Buffer.concat(parts) };
}
