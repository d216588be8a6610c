/**
 * Markers: texts in a case that no other case has by chance, the random task ids and addresses of its messages. An answer with
 * a marker that its own connection did not send, but another one did, shows memory of the target that belongs to others.
 */

import type { Case } from '../case/case.ts';
import { encodeActions } from '../case/case.ts';
import type { Execution } from '../execute/execute.ts';

/** A task id in the documented form (S10), and an address with three groups of random digits. */
const MARKER =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|0:[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}(?![0-9A-F])/g;
/** A marker with fewer different digits is an extreme value, which several cases may have. */
const FEWEST_DIGITS = 6;
/** Bytes of an answer that are searched. */
const SEARCHED_BYTES = 64 * 1024;
/** Markers of one answer. */
const MOST = 16;

/** The markers in what came back on a connection that it did not send itself. */
export function foreignMarkersOf({ reply, sent }: Execution): readonly string[] {
  if (reply.received.length === 0) return NONE;
  const { buffer, byteOffset, length } = reply.received;
  const text = Buffer.from(buffer, byteOffset, Math.min(length, SEARCHED_BYTES)).toString('latin1');
  const foreign = [...text.matchAll(MARKER)]
    .map(([marker]) => marker)
    .filter((marker) => !sent.bytes.includes(marker));
  return foreign.length === 0 ? NONE : [...new Set(foreign)].filter(isRare).slice(0, MOST);
}

const NONE: readonly string[] = [];

function isRare(marker: string): boolean {
  return new Set(marker.replaceAll(/[^0-9a-fA-F]/g, '')).size >= FEWEST_DIGITS;
}

/** The first connection of the case that sends the marker. */
export function senderOf(marker: string, { connections }: Case): Case['connections'][number] | undefined {
  return connections.find((actions) => encodeActions(actions).includes(marker));
}
