/**
 * A case is a small program as data: for each of its connections a list of actions, such as to send a frame, to pause or to
 * reset. Generators make cases; cases are executed, minimised, saved, and replayed from a file of any age.
 *
 * A frame stores its payload apart from the length that its header declares. So a payload can be shortened and the header
 * stays true, and a wrong length stays wrong.
 */

/** The length that a header declares, relative to the payload that follows it. */
export type Declared =
  | { readonly kind: 'exact' }
  /** `by` bytes fewer, or more, than the payload has. */
  | { readonly kind: 'short'; readonly by: number }
  | { readonly kind: 'long'; readonly by: number }
  | { readonly kind: 'absolute'; readonly length: number };

/** One step on a connection. */
export type Action =
  | {
      readonly do: 'frame';
      readonly type: number;
      readonly declared: Declared;
      readonly payload: Uint8Array;
      /** Size in bytes of the pieces that are handed to the kernel, 1 or more. Default: one piece. */
      readonly segmentBytes?: number;
    }
  /** Any bytes, whether they form a frame or not. */
  | { readonly do: 'bytes'; readonly bytes: Uint8Array }
  | { readonly do: 'pause'; readonly ms: number }
  /** Shuts down the sending side; the reaction is still awaited. */
  | { readonly do: 'fin' }
  /** Resets the connection; no reaction is awaited. */
  | { readonly do: 'reset' };

/** What is done on one connection, in order. */
export type ConnectionActions = readonly Action[];

/** What is done on each connection. */
export interface Case {
  /** All connections concurrently, or each after the end of the one before. */
  readonly arrangement: 'at-once' | 'in-turn';
  readonly connections: readonly ConnectionActions[];
}

/** Declares the length of the payload. */
export const EXACT: Declared = { kind: 'exact' };

const UINT32_MAX = 0xffffffff;
const HEADER_BYTES = 8;

/** The length that a header declares for a payload of `payloadBytes` bytes; it always fits in 32 bits. */
export function declaredLength(declared: Declared, payloadBytes: number): number {
  switch (declared.kind) {
    case 'exact':
      return payloadBytes;
    case 'short':
      return Math.max(0, payloadBytes - declared.by);
    case 'long':
      return Math.min(UINT32_MAX, payloadBytes + declared.by);
    case 'absolute':
      return declared.length;
  }
}

/** The bytes that an action sends; empty for an action that sends nothing. */
export function encodeAction(action: Action): Buffer {
  switch (action.do) {
    case 'frame': {
      const bytes = Buffer.allocUnsafe(HEADER_BYTES + action.payload.length);
      bytes.writeUInt32BE(action.type, 0);
      bytes.writeUInt32BE(declaredLength(action.declared, action.payload.length), 4);
      bytes.set(action.payload, HEADER_BYTES);
      return bytes;
    }
    case 'bytes':
      return Buffer.from(action.bytes.buffer, action.bytes.byteOffset, action.bytes.byteLength);
    case 'pause':
    case 'fin':
    case 'reset':
      return Buffer.alloc(0);
  }
}

/** All bytes that the actions of one connection send. */
export function encodeActions(actions: ConnectionActions): Buffer {
  const [first, second] = actions;
  return first && second === undefined ? encodeAction(first) : Buffer.concat(actions.map(encodeAction));
}

/** Number of bytes that a case sends, on all of its connections together. */
export function caseSize({ connections }: Case): number {
  return connections.reduce(
    (sum, actions) => sum + actions.reduce((n, action) => n + actionSize(action), 0),
    0,
  );
}

function actionSize(action: Action): number {
  switch (action.do) {
    case 'frame':
      return HEADER_BYTES + action.payload.length;
    case 'bytes':
      return action.bytes.length;
    case 'pause':
    case 'fin':
    case 'reset':
      return 0;
  }
}
