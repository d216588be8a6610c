/** Vectors that hold bytes, as rows of a table with simple values that every language has. */

import { MESSAGES } from '../../conformance/vectors/build/messages.ts';
import type {
  Common,
  DecodeVector,
  EncodeVector,
  ExpectedFrame,
  FieldValue,
  FrameVector,
  GoldenFrame,
  Value,
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

/** A field by its wire name. */
export type RowField =
  | { readonly name: string; readonly kind: 'int64'; readonly integer: bigint }
  /** `bytes`: of a string its UTF-8, of 'json' the text of the value. */
  | { readonly name: string; readonly kind: 'string' | 'bytes' | 'json'; readonly bytes: Buffer };

/** A whole frame of a stream, by the place of its payload. */
export interface RowFrame {
  readonly type: number;
  readonly start: number;
  readonly length: number;
}

const HEADER_BYTES = 8;

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
  /** The fields of the message, in the documented order; undefined when the bytes are not one legal message. */
  readonly value: readonly RowField[] | undefined;
  /** The whole frames of a stream; empty for other kinds. */
  readonly wholeFrames: readonly RowFrame[];
}

type Facts = Omit<Row, 'id' | 'clause' | 'level' | 'note'>;

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
    value: rowFields(vector.message, vector.value),
    wholeFrames: [],
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
    value: vector.valid ? rowFields(vector.message, vector.value) : undefined,
    wholeFrames: [],
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
    value: undefined,
    wholeFrames: rowFrames(vector.frames),
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
    value: vector.valid ? rowFields(vector.message, vector.value) : undefined,
    wholeFrames: [],
  };
}

/** The fields of a value of this message. */
function rowFields(message: string, value: Value): readonly RowField[] {
  const kinds = MESSAGES.find(({ name }) => name === message)?.fields ?? [];
  return Object.entries(value).map(([name, field]) => {
    const kind = kinds.find((one) => one.name === name)?.kind ?? 'string';
    if (kind === 'int64') return { name, kind, integer: integerOf(field) };
    return { name, kind, bytes: bytesOf(field) };
  });
}

function integerOf(field: FieldValue): bigint {
  return BigInt(typeof field === 'object' && 'int64' in field ? field.int64 : String(field));
}

function bytesOf(field: FieldValue): Buffer {
  if (typeof field !== 'object') return Buffer.from(String(field));
  if ('hex' in field) return expandHex([field]);
  if ('repeat' in field) return Buffer.from(field.repeat.repeat(field.times));
  if ('json' in field) return Buffer.from(field.json);
  return Buffer.from('utf8_hex' in field ? field.utf8_hex : '', 'hex');
}

/** The frames at the beginning of a stream. */
function rowFrames(frames: readonly ExpectedFrame[]): readonly RowFrame[] {
  let at = 0;
  return frames.map(({ type, length }) => {
    const start = at + HEADER_BYTES;
    at = start + length;
    return { type, start, length };
  });
}
