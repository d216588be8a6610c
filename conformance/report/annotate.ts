/**
 * A transcript as lines for people: the events of the connection, then the bytes of each direction, field by field. The
 * bytes of a direction are decoded as one stream, because the segments do not show where frames begin.
 */

import { annotateBytes, type Marked } from '../evidence/byte-lines.ts';
import type { Marks } from '../evidence/span.ts';
import { counted } from '../util/counted.ts';
import { printable } from '../util/printable.ts';
import type { TranscriptEntry } from '../wire/transcript.ts';

const INDENT = ' '.repeat(12);

/**
 * An entry of a transcript, or of a report. A report keeps only the first `bytes` of the `total` bytes that were
 * received, in `pieces` reads.
 */
export type Shown =
  | Exclude<TranscriptEntry, { readonly kind: 'received' }>
  | (Extract<TranscriptEntry, { readonly kind: 'received' }> & {
      readonly total?: number;
      readonly pieces?: number;
    });

/**
 * The transcript as lines without colours or line ends. `→` is the direction from the side that connects, which for a target
 * is the kit. Where a client connects to the kit, it is the client, and each line names its side. Everything that the peer sent is
 * escaped and cut to a bounded length. What the marks name is in ⟦brackets⟧. Empty for an empty transcript.
 */
export function annotate(
  transcript: readonly Shown[],
  marks: Marks = {},
  peer: 'target' | 'client' = 'target',
): string[] {
  const words = WORDS[peer];
  const sent = transcript.filter((entry) => entry.kind === 'sent');
  // Only the beginning of a long send is kept. The offsets of later sends are therefore unknown.
  const cut = sent.findIndex(({ head, total }) => head.length < total);
  const known = cut < 0 ? sent : sent.slice(0, cut + 1);
  const received = transcript.filter((entry) => entry.kind === 'received');
  const gap = received.findIndex(({ bytes, total }) => bytes.length < (total ?? bytes.length));
  const kept = gap < 0 ? received : received.slice(0, gap + 1);
  const streams = [
    annotateStream(
      `${words.kit} sent in total`,
      Buffer.concat(known.map(({ head, total }) => head.subarray(0, total))),
      sent.reduce((sum, { total }) => sum + total, 0),
      { name: 'differs', span: marks.sent },
    ),
    annotateStream(
      `${words.received} in total`,
      Buffer.concat(kept.map(({ bytes }) => bytes)),
      received.reduce((sum, { bytes, total = bytes.length }) => sum + total, 0),
      { name: 'fault', span: marks.received },
    ),
  ];
  // The side that connects speaks first.
  if (peer === 'client') streams.reverse();
  return [...annotateEvents(transcript, words), ...streams.flat()];
}

/** The beginnings of lines: what the kit and its peer did. */
interface Words {
  readonly name: string;
  readonly kit: string;
  readonly peer: string;
  readonly connected: string;
  readonly received: string;
}

const WORDS: Readonly<Record<'target' | 'client', Words>> = {
  target: {
    name: 'target',
    kit: '→',
    peer: '←',
    connected: '→ connected',
    received: '← received',
  },
  client: {
    name: 'client',
    kit: '← kit',
    peer: 'client →',
    connected: 'client → connected',
    received: 'client → sent',
  },
};

/** One line per event. Consecutive reads are one event, because a target can send any number of pieces. */
function annotateEvents(transcript: readonly Shown[], words: Words): string[] {
  const events: { readonly first: Shown; bytes: number; pieces: number }[] = [];
  for (const entry of transcript) {
    const last = events.at(-1);
    const { total: bytes, pieces } = entry.kind === 'received' ? sizeOf(entry) : { total: 0, pieces: 1 };
    if (last && entry.kind === 'received' && last.first.kind === 'received') {
      last.bytes += bytes;
      last.pieces += pieces;
    } else {
      events.push({ first: entry, bytes, pieces });
    }
  }
  return events.map(({ first, bytes, pieces }) => {
    const what =
      first.kind === 'received'
        ? `${words.received} ${counted(bytes, 'byte')}${inPieces(pieces)}`
        : describeEntry(first, words);
    return `${first.atMs.toFixed(1).padStart(8)} ms ${what}`;
  });
}

function sizeOf({ bytes, total = bytes.length, pieces = 1 }: Extract<Shown, { kind: 'received' }>) {
  return { total, pieces };
}

function describeEntry(
  entry: Exclude<TranscriptEntry, { kind: 'received' }>,
  { name, kit, peer, connected }: Words,
): string {
  switch (entry.kind) {
    case 'connected':
      return connected;
    case 'connect-failed':
      return `${peer} no connection: ${printable(entry.code)}`;
    case 'sent': {
      const short = entry.total < entry.asked ? ` of ${entry.asked}: the ${name} accepted no more` : '';
      return `${kit} sent ${counted(entry.total, 'byte')}${inPieces(entry.segments)}${short}`;
    }
    case 'sent-reset':
      return `${kit} reset the connection`;
    case 'sent-fin':
      return `${kit} sent FIN, still reading`;
    case 'fin':
      return `${peer} FIN: the ${name} closed the connection`;
    case 'reset':
      return `${peer} reset: ${printable(entry.code)}`;
    case 'quiet':
      return `  silence for ${entry.ms} ms, the connection is open`;
    case 'deadline':
      return `  stopped waiting after ${Math.round(entry.ms)} ms, the connection is open`;
    case 'flood':
      return `${peer} more than ${entry.keptBytes} bytes: stopped reading`;
    case 'aborted':
      return '  interrupted';
  }
}

function inPieces(count: number): string {
  return count > 1 ? ` in ${count} pieces` : '';
}

/** The bytes of one direction; no line when there are none. */
function annotateStream(title: string, bytes: Uint8Array, total: number, marked: Marked): string[] {
  if (total === 0) return [];
  return [`${title}: ${counted(total, 'byte')}`, ...annotateBytes(bytes, total, marked)].map(
    (line) => INDENT + line,
  );
}
