/** A transcript as lines for a person: every byte that matters, field by field, and how the connection went. */

import { HEADER_BYTES, PAYLOAD_CAP } from './bytes.ts';
import { printable, printableBytes } from './printable.ts';
import type { Entry, Transcript } from './transcript.ts';

/** Frames shown of each direction of an entry. */
const SHOWN_FRAMES = 3;
const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'SUBMIT',
  2: 'RESULT',
  3: 'STATUS_UPDATE',
  4: 'SEND_RESULTS',
};

/** Lines without colour; `→` is what the kit sent, `←` what the target did. */
export function annotate(transcript: Transcript): string[] {
  return transcript.flatMap((entry) => {
    const at = `${entry.atMs.toFixed(1).padStart(8)} ms `;
    return annotateEntry(entry).map((line, index) => (index === 0 ? at : ' '.repeat(at.length)) + line);
  });
}

function annotateEntry(entry: Entry): string[] {
  switch (entry.kind) {
    case 'connected':
      return ['→ connected'];
    case 'connect-failed':
      return [`← no connection: ${printable(entry.code)}`];
    case 'sent': {
      const pieces = entry.segments > 1 ? ` in ${entry.segments} segments` : '';
      const short = entry.total < entry.asked ? ` of ${entry.asked}: the target took no more` : '';
      return [`→ sent ${entry.total} bytes${pieces}${short}`, ...annotateFrames(entry.head, entry.total)];
    }
    case 'sent-fin':
      return ['→ sent FIN, still listening'];
    case 'received':
      return [`← received ${entry.bytes.length} bytes`, ...annotateFrames(entry.bytes, entry.bytes.length)];
    case 'fin':
      return ['← FIN: the target closed'];
    case 'reset':
      return [`← reset: ${printable(entry.code)}`];
    case 'quiet':
      return [`  silence for ${entry.ms} ms, still open`];
    case 'deadline':
      return [`  gave up after ${Math.round(entry.ms)} ms, still open`];
    case 'flood':
      return [`← more than ${entry.keptBytes} bytes: stopped reading`];
    case 'aborted':
      return ['  interrupted'];
  }
}

/** The bytes as frames, one line a field: offset, hex, meaning. `total` may be more than the bytes at hand. */
function annotateFrames(bytes: Uint8Array, total: number): string[] {
  const lines: string[] = [];
  let at = 0;
  for (let frames = 0; at < bytes.length && frames < SHOWN_FRAMES; frames += 1) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    if (view.byteLength < HEADER_BYTES) {
      lines.push(line(at, bytes.subarray(at), `${view.byteLength} of the 8 bytes of a header`));
      return lines;
    }
    const type = view.getUint32(0);
    const length = view.getUint32(4);
    const overCap = length > PAYLOAD_CAP ? `, over the cap of ${PAYLOAD_CAP}` : '';
    lines.push(line(at, bytes.subarray(at, at + 4), `type    ${type} ${TYPE_NAMES[type] ?? 'UNKNOWN'}`));
    lines.push(line(at + 4, bytes.subarray(at + 4, at + 8), `length  ${length}${overCap}`));
    at += HEADER_BYTES;
    const present = Math.min(length, total - at);
    if (present > 0) {
      const payload = bytes.subarray(at, at + Math.min(present, bytes.length - at));
      lines.push(line(at, payload, `payload ${printableBytes(payload, 120)}`));
    }
    if (present < length)
      lines.push(`  ${' '.repeat(6)}${length - present} bytes of the payload are missing`);
    at += present;
  }
  if (at < total) lines.push(`  ${' '.repeat(6)}and ${total - at} bytes more`);
  return lines;
}

function line(offset: number, bytes: Uint8Array, meaning: string): string {
  const hex = Buffer.from(bytes.subarray(0, 8)).toString('hex').replace(/../g, '$& ').trimEnd();
  return `  ${offset.toString(16).padStart(6, '0')}  ${(hex + (bytes.length > 8 ? ' …' : '')).padEnd(26)} ${meaning}`;
}
