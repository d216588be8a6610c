/** The transcript of a conversation as a report shows it: the events from the side of the sender, and the first bytes. */

import { KEPT_BYTES } from '../evidence/span.ts';
import type { WireRecord } from '../report/record.ts';
import type { TrafficEvent } from '../traffic/conversation.ts';

/** Most records of a conversation that are kept. */
const KEPT_RECORDS = 64;

/** One event as a record of a transcript, with `hex` as its bytes. `beganMs` is the beginning of the connection. */
export function wireRecord(event: TrafficEvent, beganMs: number, kept?: Uint8Array): WireRecord {
  const atMs = Math.round((event.atMs - beganMs) * 1000) / 1000;
  const isSent = event.from === 'sender';
  switch (event.kind) {
    case 'bytes': {
      const { bytes } = event;
      const shown = kept ?? bytes;
      const hex = Buffer.from(shown.buffer, shown.byteOffset, shown.length).toString('hex');
      const total = bytes.length;
      return isSent
        ? { kind: 'sent', hex, total, asked: total, segments: 1, tookMs: 0, atMs }
        : { kind: 'received', hex, total, pieces: 1, atMs };
    }
    case 'fin':
      return { kind: isSent ? 'sent-fin' : 'fin', atMs };
    case 'reset':
      return isSent ? { kind: 'sent-reset', atMs } : { kind: 'reset', code: 'ECONNRESET', atMs };
    case 'gap':
      return { kind: 'aborted', atMs };
  }
}

export class KeptTranscript {
  readonly #beganMs: number;
  readonly #records: WireRecord[] = [{ kind: 'connected', atMs: 0 }];
  readonly #left = { sender: KEPT_BYTES, receiver: KEPT_BYTES };

  constructor(beganMs: number) {
    this.#beganMs = beganMs;
  }

  /** The records so far. */
  get records(): readonly WireRecord[] {
    return [...this.#records];
  }

  take(event: TrafficEvent): void {
    if (this.#records.length >= KEPT_RECORDS) return;
    if (event.kind !== 'bytes') {
      this.#records.push(wireRecord(event, this.#beganMs));
      return;
    }
    const kept = event.bytes.subarray(0, this.#left[event.from]);
    this.#left[event.from] -= kept.length;
    this.#records.push(wireRecord(event, this.#beganMs, kept));
  }
}
