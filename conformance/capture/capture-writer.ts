/**
 * Writes TCP connections as a capture in the format pcapng: what each side sent, and when → packets with IP and TCP headers, as
 * a capture on the network holds them. Pure: each function returns the next bytes of the file.
 */

import { isIPv6 } from 'node:net';

/** One end of a connection. */
export interface Endpoint {
  /** An IPv4 or IPv6 address. */
  readonly host: string;
  readonly port: number;
}

export type WritingSide = 'client' | 'server';

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const COMMENT_OPTION = 1;
/** LINKTYPE value: a packet begins with its IP header. */
const RAW_IP = 101;
const SNAP_LENGTH = 262_144;
/** Payload of one segment, so that the packet fits the 16 bits of its length. */
const SEGMENT_BYTES = 61_440;
/** UTF-8 bytes of a comment, inclusive. */
const COMMENT_BYTES = 1024;

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;
const TCP = 6;

/** What a capture begins with. Times of packets are in microseconds. */
export function captureHeader(): Buffer {
  const section = Buffer.alloc(16, 0xff);
  section.writeUInt32LE(BYTE_ORDER, 0);
  section.writeUInt16LE(1, 4);
  section.writeUInt16LE(0, 6);
  const link = Buffer.alloc(8);
  link.writeUInt16LE(RAW_IP, 0);
  link.writeUInt32LE(SNAP_LENGTH, 4);
  return Buffer.concat([block(SECTION, section), block(INTERFACE, link)]);
}

/** Writes the packets of one connection. Times are milliseconds since 1970, with fractions, and do not decrease. */
export class ConnectionPackets {
  readonly #ends: Readonly<Record<WritingSide, Buffer>>;
  readonly #ports: Readonly<Record<WritingSide, number>>;
  readonly #isIpv6: boolean;
  /** The sequence number of the next byte of each side. */
  readonly #next = { client: 0, server: 0 };

  /** If one address is IPv6, an IPv4 address is written as an IPv4-mapped one. */
  constructor(client: Endpoint, server: Endpoint) {
    this.#isIpv6 = isIPv6(client.host) || isIPv6(server.host);
    this.#ends = { client: this.#address(client.host), server: this.#address(server.host) };
    this.#ports = { client: client.port, server: server.port };
  }

  /** The handshake. The comment, if there is one, stands at its first packet. */
  open(atMs: number, comment?: string): Buffer {
    return Buffer.concat([
      this.#packet('client', SYN, atMs, { comment }),
      this.#packet('server', SYN | ACK, atMs),
      this.acknowledge('client', atMs),
    ]);
  }

  /** The side acknowledges what it has received, without bytes of its own. */
  acknowledge(side: WritingSide, atMs: number): Buffer {
    return this.#packet(side, ACK, atMs);
  }

  /** Bytes that a side sent. Without bytes, no packet. */
  data(side: WritingSide, bytes: Uint8Array, atMs: number): Buffer {
    const packets: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const part = bytes.subarray(at, at + SEGMENT_BYTES);
      packets.push(this.#packet(side, PSH | ACK, atMs, { bytes: part }));
    }
    return Buffer.concat(packets);
  }

  /** The side ends its direction. */
  fin(side: WritingSide, atMs: number): Buffer {
    return this.#packet(side, FIN | ACK, atMs);
  }

  /** The side resets the connection. */
  reset(side: WritingSide, atMs: number): Buffer {
    return this.#packet(side, RST | ACK, atMs);
  }

  #address(host: string): Buffer {
    if (isIPv6(host)) return ipv6Bytes(host);
    const bytes = Buffer.from(host.split('.').map(Number));
    return this.#isIpv6 ? Buffer.concat([Buffer.alloc(10), Buffer.alloc(2, 0xff), bytes]) : bytes;
  }

  #packet(
    side: WritingSide,
    flags: number,
    atMs: number,
    { bytes = new Uint8Array(), comment }: { bytes?: Uint8Array; comment?: string | undefined } = {},
  ): Buffer {
    const other = side === 'client' ? 'server' : 'client';
    const tcp = Buffer.alloc(20 + bytes.length);
    tcp.writeUInt16BE(this.#ports[side], 0);
    tcp.writeUInt16BE(this.#ports[other], 2);
    tcp.writeUInt32BE(this.#next[side], 4);
    tcp.writeUInt32BE((flags & ACK) === 0 ? 0 : this.#next[other], 8);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    tcp.writeUInt16BE(0xffff, 14);
    tcp.set(bytes, 20);
    // A SYN and a FIN take one number each.
    const taken = bytes.length + Number((flags & (SYN | FIN)) !== 0);
    this.#next[side] = (this.#next[side] + taken) >>> 0;
    const ends = [this.#ends[side], this.#ends[other]];
    const pseudo = Buffer.alloc(8);
    pseudo.writeUInt32BE(tcp.length, 0);
    pseudo.writeUInt32BE(TCP, 4);
    tcp.writeUInt16BE(checksum([...ends, pseudo, tcp]), 16);
    return packetBlock(Buffer.concat([this.#ipHeader(ends, tcp.length), tcp]), atMs, comment);
  }

  #ipHeader(ends: readonly Buffer[], length: number): Buffer {
    const header = Buffer.alloc(this.#isIpv6 ? 8 : 12);
    if (this.#isIpv6) {
      header[0] = 0x60;
      header.writeUInt16BE(length, 4);
      header[6] = TCP;
      header[7] = 64;
      return Buffer.concat([header, ...ends]);
    }
    header[0] = 0x45;
    header.writeUInt16BE(20 + length, 2);
    header[8] = 64;
    header[9] = TCP;
    header.writeUInt16BE(checksum([header, ...ends]), 10);
    return Buffer.concat([header, ...ends]);
  }
}

/** The sum of RFC 1071. Each part but the last has an even number of bytes. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    const even = part.length & ~1;
    for (let at = 0; at < even; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
    if (even < part.length) sum += (part[even] ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** An IPv6 address; a zone such as `%eth0` is left out. */
function ipv6Bytes(host: string): Buffer {
  const [plain = ''] = host.split('%');
  // The URL parser writes an IPv4 address at the end as two groups.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = (text = ''): string[] => text.split(':').filter((group) => group !== '');
  const before = groups(head);
  const after = groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * at);
  return bytes;
}

function packetBlock(packet: Buffer, atMs: number, comment: string | undefined): Buffer {
  const microseconds = BigInt(Math.max(0, Math.round(atMs * 1000)));
  const header = Buffer.alloc(20);
  header.writeUInt32LE(Number(microseconds >> 32n), 4);
  header.writeUInt32LE(Number(microseconds & 0xffffffffn), 8);
  header.writeUInt32LE(packet.length, 12);
  header.writeUInt32LE(packet.length, 16);
  return block(ENHANCED_PACKET, Buffer.concat([header, padded(packet), options(comment)]));
}

function options(comment: string | undefined): Buffer {
  if (comment === undefined) return Buffer.alloc(0);
  const text = Buffer.from(comment).subarray(0, COMMENT_BYTES);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(COMMENT_OPTION, 0);
  head.writeUInt16LE(text.length, 2);
  // An empty option is the last one.
  return Buffer.concat([head, padded(text), Buffer.alloc(4)]);
}

function block(type: number, body: Buffer): Buffer {
  const content = padded(body);
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.set(content, 8);
  bytes.writeUInt32LE(bytes.length, bytes.length - 4);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
