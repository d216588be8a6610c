/**
 * What a receiver finds in the bytes that the actions of a connection send: the complete frames, and what follows them. It
 * is read from the bytes alone, so that no evaluation depends on how the case was built.
 */

import { HEADER_BYTES, SUBMIT } from '../../conformance/scenario/bytes.ts';
import { type Frame, type FrameExtent, readFrames, readHeader } from '../../conformance/wire/frames.ts';
import {
  type Action,
  type ConnectionActions,
  caseSize,
  type Declared,
  EXACT,
  encodeActions,
} from './case.ts';

/** What the actions of a connection send. */
export interface Sent {
  readonly frames: readonly Frame[];
  /** After the last frame: nothing, a header that declares more than the cap (F2), or the beginning of a frame (F4). */
  readonly tail: FrameExtent['tail'];
  /** How the actions end: the connection stays open, or is ended by FIN or by reset. */
  readonly end: 'open' | 'fin' | 'reset';
  /** Number of complete SUBMIT frames: only these may be answered (S1). */
  readonly submits: number;
  readonly bytes: Buffer;
}

/** Reads what the actions of a connection send. */
export function readSent(actions: ConnectionActions): Sent {
  const bytes = encodeActions(actions);
  const { frames, tail } = readFrames(bytes);
  const submits = frames.reduce((count, { type }) => (type === SUBMIT ? count + 1 : count), 0);
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
  const header = readHeader(rest);
  if (header === undefined) return [...actions, { do: 'bytes', bytes: rest }];
  const { type, length } = header;
  const payload = rest.subarray(HEADER_BYTES);
  const declared: Declared =
    tail === 'over-cap' ? { kind: 'absolute', length } : { kind: 'long', by: length - payload.length };
  return [...actions, { do: 'frame', type, declared, payload }];
}
