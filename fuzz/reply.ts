/** What came back on a connection, as answers: read once, for the signature and for every invariant. */

import { countFrames, type ResponseView, viewAsResponse } from '../conformance/observe.ts';
import type { Reply } from './converse.ts';
import type { Sent } from './sent.ts';

export interface Answer extends ResponseView {
  readonly type: number;
}

/** One connection of a case, played. */
export interface Played {
  readonly sent: Sent;
  readonly reply: Reply;
  /** The complete frames that came back, looked at as answers. */
  readonly answers: readonly Answer[];
  /** Bytes behind them that form no frame. */
  readonly strayBytes: number;
}

export function readPlayed(sent: Sent, reply: Reply): Played {
  const { received } = reply;
  if (received.length === 0) return { sent, reply, answers: [], strayBytes: 0 };
  const { end } = countFrames(received, 0);
  const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
  const answers: Answer[] = [];
  for (let at = 0; at < end; ) {
    const next = at + 8 + view.getUint32(at + 4);
    answers.push({ type: view.getUint32(at), ...viewAsResponse(received.subarray(at + 8, next)) });
    at = next;
  }
  return { sent, reply, answers, strayBytes: received.length - end };
}
