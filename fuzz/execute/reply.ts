/** What came back on a connection, as answers: read once, for the signature and for every invariant. */

import { type ResponseView, viewAsResponse } from '../../conformance/judge/observe.ts';
import { readFrames } from '../../conformance/wire/frames.ts';
import type { Sent } from '../case/sent.ts';
import type { Reply } from './exchange.ts';

export interface Answer extends ResponseView {
  readonly type: number;
}

/** One connection of a case, played. */
export interface Execution {
  readonly sent: Sent;
  readonly reply: Reply;
  /** The complete frames that came back, looked at as answers. */
  readonly answers: readonly Answer[];
  /** Bytes behind them that form no frame. */
  readonly strayBytes: number;
}

export function readExecution(sent: Sent, reply: Reply): Execution {
  const { received } = reply;
  if (received.length === 0) return { sent, reply, answers: [], strayBytes: 0 };
  const { frames, end } = readFrames(received);
  const answers = frames.map(({ type, payload }): Answer => ({ type, ...viewAsResponse(payload) }));
  return { sent, reply, answers, strayBytes: received.length - end };
}
