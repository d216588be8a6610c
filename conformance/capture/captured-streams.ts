/** From the bytes of a capture to what each side of each TCP connection sent. */

import { CaptureReader } from './capture-reader.ts';
import { isKnownLink, type Segment, segmentOf } from './segment.ts';
import { type AssemblerLimits, type CapturedStream, StreamAssembler } from './stream-assembler.ts';

/** What a capture held. */
export interface CaptureCounts {
  packets: number;
  /** Packets with TCP over IP. */
  segments: number;
  /** Packets whose link-layer header is of a kind that cannot be read. */
  unknownLinks: number;
  /** Ports that clients connected to, the first hundred. */
  readonly ports: Set<number>;
  /** Streams whose beginning is not in the capture; they are left out. */
  headless: number;
  /** Whether the capture ended within a record. */
  isCut: boolean;
}

const MAX_PORTS = 100;

export interface StreamOptions extends AssemblerLimits {
  /** Which segments count. Default: all. */
  readonly select?: (segment: Segment) => boolean;
}

/** Reads a capture in chunks of any size, in constant memory. */
export class CapturedStreams {
  readonly counts: CaptureCounts = {
    packets: 0,
    segments: 0,
    unknownLinks: 0,
    ports: new Set(),
    headless: 0,
    isCut: false,
  };
  readonly #reader = new CaptureReader();
  readonly #assembler: StreamAssembler;
  readonly #select: (segment: Segment) => boolean;

  constructor({ select = () => true, ...limits }: StreamOptions = {}) {
    this.#select = select;
    this.#assembler = new StreamAssembler(limits);
  }

  /** The streams that end in the chunk. Throws a CaptureError for what is no capture, or damaged. */
  *push(chunk: Uint8Array): Generator<CapturedStream, void> {
    const { counts } = this;
    for (const packet of this.#reader.push(chunk)) {
      counts.packets += 1;
      if (!isKnownLink(packet.link)) counts.unknownLinks += 1;
      const segment = segmentOf(packet);
      if (segment === undefined) continue;
      counts.segments += 1;
      if (segment.isClient && counts.ports.size < MAX_PORTS) counts.ports.add(segment.toPort);
      if (this.#select(segment)) yield* this.#assembler.push(segment);
    }
  }

  /** The streams that had not ended. Throws a CaptureError if there was no capture. */
  *end(): Generator<CapturedStream, void> {
    this.counts.isCut = this.#reader.end();
    yield* this.#assembler.end();
    this.counts.headless = this.#assembler.headless;
  }
}
