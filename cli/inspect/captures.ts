/** Captures of packets: the connections to the receivers, each judged as its packets come. */

import { CaptureReader, type Packet } from '../../conformance/capture/capture-reader.ts';
import { type CapturedEvent, ConnectionTracker } from '../../conformance/capture/connection-tracker.ts';
import { isKnownLink, segmentOf } from '../../conformance/capture/segment.ts';
import type { OpenConversation } from '../../conformance/inspect/inspection.ts';
import { counted } from '../../conformance/util/counted.ts';
import { UsageError } from '../core/errors.ts';
import type { Reading, Source } from './reading.ts';

/** The port of the protocol (T1). */
const DEFAULT_PORT = 1003;
/** Ports that are named where the capture has no connection to those that count. */
const MOST_PORTS = 100;
const SHOWN_PORTS = 5;
/** Connections to one receiver up to which a receiver should serve each (T3). */
const SERVED = 64;

interface Open {
  readonly conversation: OpenConversation;
  readonly receiver: string;
}

export class CaptureSource implements Source {
  readonly #reading: Pick<Reading, 'inspection' | 'onConversation'>;
  readonly #ports: ReadonlySet<number>;
  readonly #reader = new CaptureReader();
  readonly #tracker = new ConnectionTracker();
  /** By the index of the connection. */
  readonly #open = new Map<number, Open>();
  /** Connections to each receiver that are open. */
  readonly #receivers = new Map<string, number>();
  readonly #otherPorts = new Set<number>();
  #packets = 0;
  #segments = 0;
  #unknownLinks = 0;
  #conversations = 0;
  #lastMs = 0;

  constructor({
    inspection,
    onConversation,
    ports,
  }: Pick<Reading, 'inspection' | 'onConversation' | 'ports'>) {
    this.#reading = { inspection, onConversation };
    this.#ports = new Set(ports.length > 0 ? ports : [DEFAULT_PORT]);
  }

  push(bytes: Buffer): void {
    for (const packet of this.#reader.push(bytes)) this.#packet(packet);
  }

  end(): readonly string[] {
    const isCut = this.#reader.end();
    for (const event of this.#tracker.end(this.#lastMs)) this.#event(event, true);
    if (this.#conversations === 0) throw new UsageError(this.#emptiness(isCut));
    return [
      `${counted(this.#packets, 'packet')}, ${counted(this.#conversations, 'conversation')}`,
      ...(isCut ? ['the file ends within a packet; what precedes it was read'] : []),
    ];
  }

  /** The port of all connections, if they are to one that does not count. */
  get onlyPort(): number | undefined {
    const [only, ...others] = this.#otherPorts;
    return this.#conversations === 0 && others.length === 0 ? only : undefined;
  }

  #packet(packet: Packet): void {
    this.#packets += 1;
    if (!isKnownLink(packet.link)) this.#unknownLinks += 1;
    const segment = segmentOf(packet);
    if (segment === undefined) return;
    this.#segments += 1;
    if (!this.#ports.has(segment.toPort) && !this.#ports.has(segment.fromPort)) {
      if (segment.isClient && this.#otherPorts.size < MOST_PORTS) this.#otherPorts.add(segment.toPort);
      return;
    }
    // Clocks may be set back; times of a conversation do not decrease.
    this.#lastMs = Math.max(this.#lastMs, packet.atMs);
    for (const event of this.#tracker.push(segment, this.#lastMs)) this.#event(event, false);
  }

  #event(event: CapturedEvent, isAtEnd: boolean): void {
    const { index } = event.connection;
    if (event.kind === 'begin') {
      this.#begin(event.connection);
      return;
    }
    const open = this.#open.get(index);
    if (open === undefined) return;
    if (event.kind !== 'end') {
      open.conversation.push(event);
      return;
    }
    this.#open.delete(index);
    const left = (this.#receivers.get(open.receiver) ?? 1) - 1;
    if (left > 0) this.#receivers.set(open.receiver, left);
    else this.#receivers.delete(open.receiver);
    this.#reading.onConversation(open.conversation.end(isAtEnd && event.isOpen ? event.atMs : undefined));
  }

  #begin({ index, sender, receiver, beganMs }: CapturedEvent['connection']): void {
    this.#conversations += 1;
    const conversation = this.#reading.inspection.begin({ sender, receiver }, beganMs);
    this.#open.set(index, { conversation, receiver });
    const count = (this.#receivers.get(receiver) ?? 0) + 1;
    this.#receivers.set(receiver, count);
    if (count > SERVED)
      for (const open of this.#open.values())
        if (open.receiver === receiver) open.conversation.connections = count;
  }

  /** Why there is no conversation. */
  #emptiness(isCut: boolean): string {
    const ports = [...this.#ports].join(', ');
    if (this.#packets === 0) return isCut ? 'the file ends within its first packet' : 'it holds no packet';
    if (this.#unknownLinks === this.#packets)
      return 'its link-layer headers cannot be read; use Ethernet, loopback, Linux cooked or raw IP';
    if (this.#segments === 0) return `none of its ${this.#packets} packets is TCP over IP`;
    const others = [...this.#otherPorts].sort((one, other) => one - other).slice(0, SHOWN_PORTS);
    const hint = others.length === 0 ? '' : `; --port chooses another, such as ${others.join(', ')}`;
    return `it holds no connection to port ${ports}${hint}`;
  }
}
