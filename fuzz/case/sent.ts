/**
 * What a receiver finds in the bytes that the actions of a connection send: the complete frames, and what follows them. It
 * is read from the bytes alone, so that no evaluation depends on how the case was built.
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
  /** After the last frame: nothing, a header that declares more than the cap (F2), or the beginning of a frame (F4). */
  readonly tail: 'none' | 'over-cap' | 'incomplete';
  /** How the actions end: the connection stays open, or is ended by FIN or by reset. */
  readonly end: 'open' | 'fin' | 'reset';
  /** Number of complete SUBMIT frames: only these may be answered (S1). */
  readonly submits: number;
  readonly bytes: Buffer;
}

export function readSent(actions: ConnectionActions): Sent {
  const bytes = encodeActions(actions);
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
  const last = actions.at(-1)?.do;
  return { frames, tail, end: last === 'fin' || last === 'reset' ? last : 'open', submits, bytes };
}

/**
 * Whether the target has to react, by an answer or a close: to a complete SUBMIT, to a header over the cap, and to FIN.
 * Where the target closes after each frame (`closes`), it has to react to any complete frame.
 */
export function mustReact({ frames, submits, tail, end }: Sent, closes: boolean): boolean {
  return submits > 0 || (closes && frames.length > 0) || tail === 'over-cap' || end === 'fin';
}

/** Actions that send these bytes, as frames where possible, so that mutations and reductions keep the frames intact. */
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
