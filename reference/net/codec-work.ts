/** The work that codec-threads.ts distributes, as plain data, because a class does not survive the way between threads. */

import { encodeFrame, type Frame } from '../codec/frame.ts';
import { marshalSubmitResponse } from '../codec/message.ts';
import { ProtocolError, type ProtocolErrorCode } from '../protocol/errors.ts';
import type { SubmitResponse } from '../protocol/message-types.ts';
import { readMessage, type SessionMessage } from './messages.ts';

/** What is to be done. */
export type Work =
  | { readonly kind: 'read'; readonly frame: Frame }
  | { readonly kind: 'write'; readonly answer: SubmitResponse };

/** The fields of a ProtocolError. */
export interface ErrorFields {
  readonly code: ProtocolErrorCode;
  readonly clause: string;
  readonly message: string;
}

/** What became of the work. */
export type Outcome =
  | { readonly kind: 'message'; readonly message: SessionMessage }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The frame breaks the protocol, or the answer does not fit a frame (F9). */
  | { readonly kind: 'error'; readonly error: ErrorFields };

/** Does the work, on any thread. */
export function outcomeOf(work: Work): Outcome {
  try {
    if (work.kind === 'write')
      return { kind: 'bytes', bytes: encodeFrame(marshalSubmitResponse(work.answer)) };
    const message = readMessage(work.frame);
    return message.kind === 'violation' ? failed(message.error) : { kind: 'message', message };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return failed(error);
  }
}

function failed({ code, clause, message }: ProtocolError): Outcome {
  return { kind: 'error', error: { code, clause, message } };
}
