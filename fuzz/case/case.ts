/**
 * A case is a little program as data: on each of some connections, send these frames and bytes, pause, end this way. It is
 * what generators make, what is played, shrunk, written into a file and played again years later; nothing in it is code.
 *
 * A frame keeps its payload and what its header declares apart, so that a payload can get shorter without turning into a
 * lie, and a lie stays one.
 */

/** What a header declares, in relation to the payload behind it. */
export type Declared =
  | { readonly kind: 'exact' }
  /** So many bytes fewer, or more, than there are. */
  | { readonly kind: 'short'; readonly by: number }
  | { readonly kind: 'long'; readonly by: number }
  | { readonly kind: 'absolute'; readonly length: number };

export type Action =
  | {
      readonly do: 'frame';
      readonly type: number;
      readonly declared: Declared;
      readonly payload: Uint8Array;
      /** Bytes of the pieces in which it is handed to the kernel. Default: all in one. */
      readonly segmentBytes?: number;
    }
  /** Bytes that need be no frame. */
  | { readonly do: 'bytes'; readonly bytes: Uint8Array }
  | { readonly do: 'pause'; readonly ms: number }
  /** Shuts down the sending side, and goes on listening. */
  | { readonly do: 'fin' }
  /** Resets the connection; nothing is listened for any more. */
  | { readonly do: 'reset' };

/** What is done on one connection, in order. */
export type ConnectionActions = readonly Action[];

export interface Case {
  /** All connections side by side, or each when the one before is over. */
  readonly arrangement: 'at-once' | 'in-turn';
  readonly connections: readonly ConnectionActions[];
}

export const EXACT: Declared = { kind: 'exact' };

const UINT32_MAX = 0xffffffff;
const HEADER_BYTES = 8;

/** The length that the header of a frame with so many bytes of payload declares: always one that 32 bits can hold. */
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

/** The bytes that an action sends; none if it does not send. */
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

/** All bytes that a conversation sends, if the target takes them. */
export function encodeActions(conversation: ConnectionActions): Buffer {
  const [first, second] = conversation;
  return first && second === undefined ? encodeAction(first) : Buffer.concat(conversation.map(encodeAction));
}

/** Bytes that a case sends on all of its connections together. */
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
