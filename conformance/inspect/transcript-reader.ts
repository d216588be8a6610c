/** The records of a saved transcript as the events of a conversation. */

import type { WireRecord } from '../report/record.ts';
import type { Side, TrafficEvent } from '../traffic/conversation.ts';

export class TranscriptReader {
  readonly #keeper: Side;
  readonly #peer: Side;
  #lastMs = 0;
  #isOver = false;

  /** `keeper`: the side that kept the transcript, and `sent` what it holds as sent. */
  constructor(keeper: Side) {
    this.#keeper = keeper;
    this.#peer = keeper === 'sender' ? 'receiver' : 'sender';
  }

  /** When the records ended with the connection still open, in milliseconds of their clock; undefined after an end. */
  get openUntilMs(): number | undefined {
    return this.#isOver ? undefined : this.#lastMs;
  }

  /** What the next record says. Where it holds less than all bytes, the rest is a gap. */
  read(record: WireRecord): readonly TrafficEvent[] {
    const atMs = this.#at(record.kind === 'sent' ? record.atMs + record.tookMs : record.atMs);
    const [keeper, peer] = [this.#keeper, this.#peer];
    switch (record.kind) {
      case 'sent':
        return bytesOf(keeper, record, atMs);
      case 'received':
        return bytesOf(peer, record, atMs);
      case 'flood':
        return [{ kind: 'gap', from: peer, atMs }];
      case 'aborted':
        return [
          { kind: 'gap', from: keeper, atMs },
          { kind: 'gap', from: peer, atMs },
        ];
      case 'sent-fin':
      case 'fin':
        return this.#end('fin', record.kind === 'fin' ? peer : keeper, atMs);
      case 'sent-reset':
      case 'reset':
        return this.#end('reset', record.kind === 'reset' ? peer : keeper, atMs);
      default:
        return [];
    }
  }

  #end(kind: 'fin' | 'reset', from: Side, atMs: number): readonly TrafficEvent[] {
    this.#isOver = true;
    return [{ kind, from, atMs }];
  }

  /** What came while a side was sending is recorded after it, with an earlier time. */
  #at(ms: number): number {
    this.#lastMs = Math.max(this.#lastMs, ms);
    return this.#lastMs;
  }
}

function bytesOf(
  from: Side,
  { hex, total }: { readonly hex: string; readonly total: number },
  atMs: number,
): readonly TrafficEvent[] {
  const bytes = Buffer.from(hex, 'hex');
  return [
    ...(bytes.length > 0 ? [{ kind: 'bytes', from, atMs, bytes } as const] : []),
    ...(bytes.length < total ? [{ kind: 'gap', from, atMs } as const] : []),
  ];
}
