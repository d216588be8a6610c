/**
 * Reads captures of packets, as tcpdump and Wireshark write them: bytes in chunks of any size → packets. The formats are pcap,
 * with times in microseconds or nanoseconds, and pcapng, in either byte order. Holds one packet at a time.
 */

import { CaptureError } from './capture-error.ts';

/** A packet as it was captured. */
export interface Packet {
  /** The type of its link-layer header, a LINKTYPE value of tcpdump.org. */
  readonly link: number;
  /** Milliseconds since 1970, with fractions. 0 where the capture has no times. */
  readonly atMs: number;
  /** From the link-layer header on. Fewer bytes than were on the wire if the capture cut it. A view that is valid until the next packet. */
  readonly bytes: Uint8Array;
  /** How many bytes at its end the capture cut off. */
  readonly cutBytes: number;
}

/** In bytes. Captures cut packets at 256 KiB; a block with more and no packet, such as one of keys, is passed over. */
const MAX_PACKET = 1024 * 1024;

type Endian = 'little' | 'big';

const PCAP_HEADER = 24;
const PCAP_RECORD_HEADER = 16;
/** Upper bits of the field hold the length of a checksum at the end of each packet. */
const LINK_BITS = 0x0fffffff;

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
/** Type, length at the beginning, and length at the end. */
const BLOCK_FRAME = 12;
/** Bytes of a block that is passed over which are needed: none but its frame. */
const PACKET_BLOCKS: readonly number[] = [OBSOLETE_PACKET, SIMPLE_PACKET, ENHANCED_PACKET];
const MAX_INTERFACES = 1024;

interface Interface {
  readonly link: number;
  /** Bytes that are kept of a packet; 0: all. */
  readonly snapLength: number;
  /** Units of its times in a second. */
  readonly unitsPerSecond: number;
}

type State =
  | { readonly format: 'unknown' }
  | {
      readonly format: 'pcap';
      readonly endian: Endian;
      readonly link: number;
      readonly unitsPerSecond: number;
    }
  | { readonly format: 'pcapng'; readonly endian: Endian; readonly interfaces: Interface[] };

export class CaptureReader {
  #state: State = { format: 'unknown' };
  /** What has arrived and is not read yet: `#bytes` from `#start` to `#end`. */
  #bytes = Buffer.alloc(64 * 1024);
  #start = 0;
  #end = 0;
  /** Bytes to pass over. */
  #skip = 0;

  /** The packets that the chunk completes. Throws a CaptureError; the reader is of no use then. */
  *push(chunk: Uint8Array): Generator<Packet, void> {
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      const part = chunk.subarray(at, at + MAX_PACKET);
      this.#add(part);
      at += part.length;
      for (;;) {
        const before = this.#start;
        const packet = this.#next();
        if (packet !== undefined) yield packet;
        if (this.#start === before && packet === undefined) break;
      }
    }
  }

  /** Whether the capture ended within a record, as when the program that wrote it was killed. Throws a CaptureError if it held none. */
  end(): boolean {
    if (this.#state.format === 'unknown') throw notACapture();
    return this.#skip > 0 || this.#start < this.#end;
  }

  #add(part: Uint8Array): void {
    const length = this.#end - this.#start;
    if (this.#end + part.length > this.#bytes.length) {
      const wanted = length + part.length;
      const room = wanted > this.#bytes.length ? Buffer.alloc(2 * wanted) : this.#bytes;
      this.#bytes.copy(room, 0, this.#start, this.#end);
      this.#bytes = room;
      this.#start = 0;
      this.#end = length;
    }
    this.#bytes.set(part, this.#end);
    this.#end += part.length;
  }

  /** Reads one record. Undefined if it holds no packet, or is not complete: then nothing is taken. */
  #next(): Packet | undefined {
    switch (this.#state.format) {
      case 'unknown':
        return this.#begin();
      case 'pcap':
        return this.#record(this.#state);
      case 'pcapng':
        return this.#block(this.#state);
    }
  }

  get #length(): number {
    return this.#end - this.#start;
  }

  #take(count: number): Buffer {
    this.#start += count;
    return this.#bytes.subarray(this.#start - count, this.#start);
  }

  /** Passes over bytes, of which some may not have arrived. */
  #pass(count: number): void {
    const here = Math.min(count, this.#length);
    this.#start += here;
    this.#skip = count - here;
  }

  #uint32(endian: Endian, at: number): number {
    return uint32(this.#bytes, endian, this.#start + at);
  }

  #begin(): undefined {
    if (this.#length < 4) return;
    const first = this.#uint32('big', 0);
    if (first === SECTION) {
      this.#state = { format: 'pcapng', endian: 'little', interfaces: [] };
      return this.#block(this.#state) as undefined;
    }
    const { endian, unitsPerSecond } = PCAP_MAGIC[first] ?? {};
    if (endian === undefined || unitsPerSecond === undefined) throw notACapture();
    if (this.#length < PCAP_HEADER) return;
    this.#state = { format: 'pcap', endian, link: this.#uint32(endian, 20) & LINK_BITS, unitsPerSecond };
    this.#take(PCAP_HEADER);
  }

  #record({ endian, link, unitsPerSecond }: Extract<State, { format: 'pcap' }>): Packet | undefined {
    if (this.#length < PCAP_RECORD_HEADER) return undefined;
    const captured = this.#uint32(endian, 8);
    if (captured > MAX_PACKET) throw damaged(`a packet of ${captured} bytes`);
    if (this.#length < PCAP_RECORD_HEADER + captured) return undefined;
    const atMs = this.#uint32(endian, 0) * 1000 + (this.#uint32(endian, 4) / unitsPerSecond) * 1000;
    const cutBytes = Math.max(0, this.#uint32(endian, 12) - captured);
    const bytes = this.#take(PCAP_RECORD_HEADER + captured).subarray(PCAP_RECORD_HEADER);
    return { link, atMs, bytes, cutBytes };
  }

  #block(state: Extract<State, { format: 'pcapng' }>): Packet | undefined {
    if (this.#length < BLOCK_FRAME) return undefined;
    const isSection = this.#uint32('big', 0) === SECTION;
    const endian = isSection ? SECTION_ENDIAN[this.#uint32('big', 8)] : state.endian;
    if (endian === undefined) throw damaged('a section without a byte order');
    const type = this.#uint32(endian, 0);
    const length = this.#uint32(endian, 4);
    if (length < BLOCK_FRAME || length % 4 !== 0) throw damaged(`a block of ${length} bytes`);
    if (isSection) {
      this.#state = { format: 'pcapng', endian, interfaces: [] };
      this.#pass(length);
      return undefined;
    }
    if (type !== INTERFACE && !PACKET_BLOCKS.includes(type)) {
      this.#pass(length);
      return undefined;
    }
    if (length > MAX_PACKET) throw damaged(`a block of ${length} bytes`);
    if (this.#length < length) return undefined;
    const block = this.#take(length);
    if (uint32(block, endian, length - 4) !== length) throw damaged('a block with two lengths');
    const body = block.subarray(8, length - 4);
    if (type === INTERFACE) {
      addInterface(state.interfaces, body, endian);
      return undefined;
    }
    return packetIn(type, body, state);
  }
}

function addInterface(interfaces: Interface[], body: Buffer, endian: Endian): void {
  if (body.length < 8) throw damaged('an interface without a link type');
  if (interfaces.length >= MAX_INTERFACES) throw damaged(`more than ${MAX_INTERFACES} interfaces`);
  interfaces.push({
    link: uint16(body, endian, 0),
    snapLength: uint32(body, endian, 4),
    unitsPerSecond: unitsIn(body, endian),
  });
}

const RESOLUTION_OPTION = 9;
const MICROSECONDS = 1_000_000;

/** The unit of times: a negative power of 10, or of 2 if the highest bit is set. */
function unitsIn(body: Buffer, endian: Endian): number {
  for (let at = 8; at + 4 <= body.length; ) {
    const [code, length] = [uint16(body, endian, at), uint16(body, endian, at + 2)];
    const value = body[at + 4] ?? 0;
    if (code === 0) break;
    if (code === RESOLUTION_OPTION && length === 1) return (value & 0x80 ? 2 : 10) ** (value & 0x7f);
    at += 4 + length + (-length & 3);
  }
  return MICROSECONDS;
}

/** `body` is what a block of that type holds between its lengths. */
function packetIn(
  type: number,
  body: Buffer,
  { endian, interfaces }: Extract<State, { format: 'pcapng' }>,
): Packet {
  const header = type === SIMPLE_PACKET ? 4 : 20;
  if (body.length < header) throw damaged('a packet without its header');
  const index =
    type === SIMPLE_PACKET ? 0 : type === ENHANCED_PACKET ? uint32(body, endian, 0) : uint16(body, endian, 0);
  const source = interfaces[index];
  if (source === undefined) throw damaged(`a packet of interface ${index}, which is not described`);
  const original = uint32(body, endian, type === SIMPLE_PACKET ? 0 : 16);
  const captured =
    type === SIMPLE_PACKET ? Math.min(original, source.snapLength || original) : uint32(body, endian, 12);
  if (captured > body.length - header) throw damaged(`a packet of ${captured} bytes in a shorter block`);
  const units = type === SIMPLE_PACKET ? 0 : uint32(body, endian, 4) * 2 ** 32 + uint32(body, endian, 8);
  const atMs = (units / source.unitsPerSecond) * 1000;
  const cutBytes = Math.max(0, original - captured);
  return { link: source.link, atMs, bytes: body.subarray(header, header + captured), cutBytes };
}

function uint32(bytes: Buffer, endian: Endian, at: number): number {
  return endian === 'little' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

function uint16(bytes: Buffer, endian: Endian, at: number): number {
  return endian === 'little' ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

/** By the first four bytes as a big-endian number. */
const PCAP_MAGIC: Readonly<Record<number, { readonly endian: Endian; readonly unitsPerSecond: number }>> = {
  [0xa1b2c3d4]: { endian: 'big', unitsPerSecond: MICROSECONDS },
  [0xd4c3b2a1]: { endian: 'little', unitsPerSecond: MICROSECONDS },
  [0xa1b23c4d]: { endian: 'big', unitsPerSecond: 1e9 },
  [0x4d3cb2a1]: { endian: 'little', unitsPerSecond: 1e9 },
};
const SECTION_ENDIAN: Readonly<Record<number, Endian>> = { 439041101: 'big', 1295788826: 'little' };

function notACapture(): CaptureError {
  return new CaptureError('not-a-capture', 'it is no capture in the format pcap or pcapng');
}

function damaged(what: string): CaptureError {
  return new CaptureError('damaged', `the capture is damaged: ${what}`);
}
