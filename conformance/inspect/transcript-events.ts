/** A saved transcript as the events of a conversation. */

import type { WireRecord } from '../report/record.ts';
import type { Side, TrafficEvent } from '../traffic/conversation.ts';

/** What a transcript says of a conversation. */
export interface TranscriptEvents {
  /** In order. Where a record holds less than all bytes, the rest is a gap. */
  readonly events: readonly TrafficEvent[];
  /** When the transcript ended with the connection still open, in milliseconds of its clock. */
  readonly openUntilMs?: number;
}

/** `keeper`: the side that kept the transcript, and `sent` what it holds as sent. */
export function transcriptEvents(records: readonly WireRecord[], keeper: Side): TranscriptEvents {
  const peer: Side = keeper === 'sender' ? 'receiver' : 'sender';
  let lastMs = 0;
  // What came while a side was sending is recorded after it, with an earlier time.
  const at = (ms: number): number => {
    lastMs = Math.max(lastMs, ms);
    return lastMs;
  };
  let isOver = false;
  const events = records.flatMap((record): TrafficEvent[] => {
    switch (record.kind) {
      case 'sent':
        return bytesOf(keeper, record.hex, record.total, at(record.atMs + record.tookMs));
      case 'received':
        return bytesOf(peer, record.hex, record.total, at(record.atMs));
      case 'flood':
        return [{ kind: 'gap', from: peer, atMs: at(record.atMs) }];
      case 'sent-fin':
      case 'fin':
        isOver = true;
        return [{ kind: 'fin', from: record.kind === 'fin' ? peer : keeper, atMs: at(record.atMs) }];
      case 'sent-reset':
      case 'reset':
        isOver = true;
        return [{ kind: 'reset', from: record.kind === 'reset' ? peer : keeper, atMs: at(record.atMs) }];
      default:
        at(record.atMs);
        return [];
    }
  });
  return { events, ...(!isOver && { openUntilMs: lastMs }) };
}

function bytesOf(from: Side, hex: string, total: number, atMs: number): TrafficEvent[] {
  const bytes = Buffer.from(hex, 'hex');
  return [
    ...(bytes.length > 0 ? [{ kind: 'bytes', from, atMs, bytes } as const] : []),
    ...(bytes.length < total ? [{ kind: 'gap', from, atMs } as const] : []),
  ];
}
