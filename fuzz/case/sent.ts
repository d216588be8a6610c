/**
 * What a receiver finds in the bytes of a conversation: the frames that are complete, and what is behind them. Read from
 * the bytes alone, so that no judgement depends on how a case was put together.
 */

import { HEADER_BYTES, PAYLOAD_CAP, SUBMIT } from '../../conformance/scenario/bytes.ts';
import {
  type Action,
  type ConnectionActions,
  caseSize,
  type Declared,
  EXACT,
  encodeActions,
} from './case.ts';

export interface SentFrame {
  readonly type: number;
  readonly payload: Uint8Array;
}

export interface Sent {
  readonly frames: readonly SentFrame[];
  /** Behind the last frame: nothing, a header over the cap (F2), or the beginning of a frame (F4). */
  readonly tail: 'none' | 'over-cap' | 'incomplete';
  /** How the sending ended. */
  readonly end: 'open' | 'fin' | 'reset';
  /** Of the frames, those to which an answer may come (S1). */
  readonly submits: number;
  readonly bytes: Buffer;
}

export function readSent(conversation: ConnectionActions): Sent {
  const bytes = encodeActions(conversation);
  const frames: SentFrame[] = [];
  let at = 0;
  let tail: Sent['tail'] = 'none';
  let submits = 0;
  while (at < bytes.length && tail === 'none') {
    if (at + HEADER_BYTES > bytes.length) tail = 'incomplete';
    else {
      const type = bytes.readUInt32BE(at);
      const length = bytes.readUInt32BE(at + 4);
      const end = at + HEADER_BYTES + length;
      if (length > PAYLOAD_CAP) tail = 'over-cap';
      else if (end > bytes.length) tail = 'incomplete';
      else {
        frames.push({ type, payload: bytes.subarray(at + HEADER_BYTES, end) });
        if (type === SUBMIT) submits += 1;
        at = end;
      }
    }
  }
  const last = conversation.at(-1)?.do;
  return { frames, tail, end: last === 'fin' || last === 'reset' ? last : 'open', submits, bytes };
}

/**
 * Whether the target owes a reaction, an answer or a close: a SUBMIT is complete, a header over the cap, or the stream at
 * its end; and where the target closes after each frame, whatever is complete.
 */
export function mustReact({ frames, submits, tail, end }: Sent, closes: boolean): boolean {
  return submits > 0 || (closes && frames.length > 0) || tail === 'over-cap' || end === 'fin';
}

/** The same bytes as a conversation of frames, so that they can be mutated and made smaller without falling apart. */
export function actionsOf(bytes: Uint8Array): ConnectionActions {
  const { frames, tail } = readSent([{ do: 'bytes', bytes }]);
  const actions = frames.map(
    ({ type, payload }): Action => ({ do: 'frame', type, declared: EXACT, payload }),
  );
  const rest = bytes.subarray(caseSize({ arrangement: 'at-once', connections: [actions] }));
  if (tail === 'none') return actions;
  if (rest.length < HEADER_BYTES) return [...actions, { do: 'bytes', bytes: rest }];
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const length = view.getUint32(4);
  const payload = rest.subarray(HEADER_BYTES);
  const declared: Declared =
    tail === 'over-cap' ? { kind: 'absolute', length } : { kind: 'long', by: length - payload.length };
  return [...actions, { do: 'frame', type: view.getUint32(0), declared, payload }];
}
