/**
 * Reads the packets that `tcpdump -x`, `-X` or `-XX` prints: text → packets → TCP segments → one stream of bytes for each
 * direction of each connection.
 */

import {
  type Segment,
  segmentInIp,
  segmentOf as segmentInPacket,
} from '../../conformance/capture/segment.ts';
import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';
import { hexColumns } from './hex.ts';

/** What one side of a connection sent. */
export interface Stream {
  /** Such as `127.0.0.1:40000 > 127.0.0.1:1003`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The offset, and the columns after it. */
const LINE = /^\s*0x([0-9a-f]{4,8}):\s+(.*)$/i;
/** A LINKTYPE value. */
const ETHERNET = 1;

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
  return segmentInIp(packet) ?? segmentInPacket({ link: ETHERNET, bytes: packet, cutBytes: 0 });
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
  const parts: Uint8Array[] = [];
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
