/** Vectors that hold bytes, as rows of a table with simple values that every language has. */

import type {
  Common,
  DecodeVector,
  EncodeVector,
  FrameVector,
  GoldenFrame,
} from '../../conformance/vectors/build/vector.ts';
import {
  expandedSize,
  expandHex,
  payloadBytes,
  readFixture,
  type VectorByPath,
  type VectorPath,
} from '../../conformance/vectors/load.ts';
import type { Selected } from './select.ts';

/** One vector. `kind` says what its bytes are: a frame (encode, golden), a payload (decode) or a stream (frames). */
export interface Row {
  readonly id: string;
  readonly kind: 'encode' | 'decode' | 'frames' | 'golden';
  readonly clause: string;
  readonly level: string;
  readonly note: string;
  /** Its name in docs/protocol.md, such as 'SubmitRequest'; empty when the bytes are not one message. */
  readonly message: string;
  /** Whether a receiver accepts all of the bytes. */
  readonly accepted: boolean;
  /** accepted or refused; for a golden frame the layer that refuses it; for a stream how it ends. */
  readonly outcome: string;
  /** How many complete frames the bytes hold. */
  readonly frames: number;
  readonly size: number;
  readonly bytes: () => Buffer;
}

type Facts = Pick<Row, 'kind' | 'message' | 'accepted' | 'outcome' | 'frames' | 'size' | 'bytes'>;

const ROWS: { readonly [P in VectorPath]?: (vector: VectorByPath[P]) => Facts } = {
  'vectors/encode': encodeFacts,
  'vectors/decode': decodeFacts,
  'vectors/frames': frameFacts,
  'golden/index': goldenFacts,
};

/** Empty for vectors that hold no bytes. */
export function rowsOf<P extends VectorPath>({ path, vectors }: Selected<P>): readonly Row[] {
  const factsOf = ROWS[path];
  if (factsOf === undefined) return [];
  return vectors.map((vector) => {
    const { id, clause, level, note }: Common = vector;
    return { id, clause, level, note, ...factsOf(vector) };
  });
}

function encodeFacts(vector: EncodeVector): Facts {
  const frame = 'frame_hex' in vector ? vector.frame_hex : vector.frame_runs;
  return {
    kind: 'encode',
    message: vector.message,
    accepted: true,
    outcome: 'accepted',
    frames: 1,
    size: expandedSize(frame),
    bytes: () => expandHex(frame),
  };
}

function decodeFacts(vector: DecodeVector): Facts {
  return {
    kind: 'decode',
    message: vector.message,
    accepted: vector.valid,
    outcome: vector.valid ? 'accepted' : 'refused',
    frames: 0,
    size: expandedSize('payload_hex' in vector ? vector.payload_hex : vector.payload_runs),
    bytes: () => payloadBytes(vector),
  };
}

function frameFacts(vector: FrameVector): Facts {
  const stream = 'stream_hex' in vector ? vector.stream_hex : vector.stream_runs;
  return {
    kind: 'frames',
    message: '',
    accepted: vector.ending === 'clean',
    outcome: vector.ending,
    frames: vector.frames.length,
    size: expandedSize(stream),
    bytes: () => expandHex(stream),
  };
}

function goldenFacts(vector: GoldenFrame): Facts {
  return {
    kind: 'golden',
    message: vector.valid ? vector.message : '',
    accepted: vector.valid,
    outcome: vector.valid ? 'accepted' : vector.refused_by,
    frames: vector.valid || vector.refused_by !== 'frame' ? 1 : 0,
    size: vector.bytes,
    bytes: () => readFixture(`golden/${vector.file}`),
  };
}
