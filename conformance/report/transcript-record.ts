/**
 * Converts a transcript to the records of a report, and back for display. The size is bounded, because the target
 * decides how much it sends and in how many pieces.
 */

import { KEPT_BYTES } from '../evidence/span.ts';
import type { Transcript } from '../wire/transcript.ts';
import type { Shown } from './annotate.ts';
import type { WireRecord } from './record.ts';

/** The transcript as records. Consecutive reads become one record. */
export function recordTranscript(transcript: Transcript): readonly WireRecord[] {
  const left = { sent: KEPT_BYTES, received: KEPT_BYTES };
  const keep = (way: keyof typeof left, bytes: Uint8Array): string => {
    const kept = bytes.subarray(0, left[way]);
    left[way] -= kept.length;
    return Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString('hex');
  };
  const records: WireRecord[] = [];
  for (const entry of transcript) {
    const last = records.at(-1);
    if (entry.kind === 'sent') {
      const { head, ...rest } = entry;
      records.push({
        ...rest,
        atMs: rounded(rest.atMs),
        tookMs: rounded(rest.tookMs),
        hex: keep('sent', head),
      });
    } else if (entry.kind !== 'received') {
      records.push({ ...entry, atMs: rounded(entry.atMs) });
    } else {
      const { bytes, more, pieces = 1, atMs } = entry;
      const hex = keep('received', bytes);
      const total = bytes.length + (more?.bytes ?? 0);
      if (last?.kind === 'received')
        records[records.length - 1] = {
          ...last,
          hex: last.hex + hex,
          total: last.total + total,
          pieces: last.pieces + pieces,
        };
      else records.push({ kind: 'received', hex, total, pieces, atMs: rounded(atMs) });
    }
  }
  return records;
}

/** The records as entries for `annotate`. */
export function readTranscript(records: readonly WireRecord[]): readonly Shown[] {
  return records.map((record): Shown => {
    if (record.kind === 'sent') {
      const { hex, ...rest } = record;
      return { ...rest, head: Buffer.from(hex, 'hex') };
    }
    if (record.kind !== 'received') return record;
    const { hex, ...rest } = record;
    return { ...rest, bytes: Buffer.from(hex, 'hex') };
  });
}

/** Rounded to a microsecond. More digits are noise, and make the file larger. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
