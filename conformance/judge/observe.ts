/**
 * Reads a transcript into facts: frames, rest, ending. Never throws and loses no byte; bytes that form no frame are
 * counted.
 */

import { HEADER_BYTES } from '../scenario/bytes.ts';
import { type FramesRead, readStream } from '../wire/frame-reader.ts';
import { type Frame, payloadBytes } from '../wire/frames.ts';
import type { Transcript } from '../wire/transcript.ts';

/** The state of the connection when the kit stopped listening. */
export type Ending =
  /** The target ended its side (FIN), or reset the connection. */
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset'; readonly code: string }
  /** Still open: after an expected silence, or after an expected event did not come. */
  | { readonly kind: 'quiet'; readonly ms: number }
  | { readonly kind: 'deadline'; readonly ms: number }
  /** The target sent more than the kit keeps. */
  | { readonly kind: 'flood'; readonly keptBytes: number }
  /** No connection was established. */
  | { readonly kind: 'connect-failed'; readonly code: string }
  /** The kit reset the connection. */
  | { readonly kind: 'sent-reset' }
  | { readonly kind: 'aborted' };

export interface Observation {
  /** Complete frames that came back, in order. */
  readonly frames: readonly Frame[];
  /** The number of bytes after them that form no complete frame. */
  readonly restBytes: number;
  readonly ending: Ending;
  /** Milliseconds from the last byte sent to the last byte of the first frame; at least 0. Absent without a frame. */
  readonly answeredAfterMs?: number;
}

/** Reads a transcript. A transcript without an end counts as aborted. */
export function observe(transcript: Transcript): Observation {
  const received: Uint8Array[] = [];
  let read: FramesRead | undefined;
  let receivedBytes = 0;
  let lastSentMs = 0;
  let ending: Ending = { kind: 'aborted' };
  const arrivals: { readonly upTo: number; readonly atMs: number }[] = [];
  for (const entry of transcript) {
    switch (entry.kind) {
      case 'connected':
      case 'sent-fin':
        break;
      case 'sent':
        lastSentMs = entry.atMs + entry.tookMs;
        break;
      case 'received':
        received.push(entry.bytes);
        read = entry.more?.read;
        receivedBytes += entry.bytes.length + (entry.more?.bytes ?? 0);
        arrivals.push({ upTo: receivedBytes, atMs: entry.atMs });
        break;
      default:
        ending = entry;
    }
  }
  const { frames, restBytes } = read ?? readStream(Buffer.concat(received));
  const first = frames[0];
  const answered = first && arrivals.find(({ upTo }) => upTo >= HEADER_BYTES + payloadBytes(first));
  return {
    frames,
    restBytes,
    ending,
    ...(answered && { answeredAfterMs: Math.max(0, answered.atMs - lastSentMs) }),
  };
}
