/**
 * Reads the vectors under fixtures/: file → vectors → bytes and messages. The messages have the field names of the
 * reference implementation. `conform fixtures` checks an implementation against them.
 */

import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { parseJson } from '../payload/parse-json.ts';
import { packageFile } from '../util/package-file.ts';
import type {
  Common,
  DecodeVector,
  EncodeVector,
  ExtensionVector,
  FieldValue,
  FrameVector,
  GoldenFrame,
  Payload,
  PoloVector,
  Run,
  TaskFileVector,
  TaskIdVector,
  TimeVector,
  ValidationVector,
  Value,
} from './build/vector.ts';

/** The type of the vectors in each file. The key is the path below fixtures/ without its extension. */
export interface VectorByPath {
  readonly 'vectors/decode': DecodeVector;
  readonly 'vectors/encode': EncodeVector;
  readonly 'vectors/frames': FrameVector;
  readonly 'vectors/task-files': TaskFileVector;
  readonly 'vectors/times': TimeVector;
  readonly 'vectors/validation': ValidationVector;
  readonly 'vectors/extensions': ExtensionVector;
  readonly 'vectors/polo': PoloVector;
  readonly 'vectors/task-ids': TaskIdVector;
  readonly 'golden/index': GoldenFrame;
}

export type VectorPath = keyof VectorByPath;

export interface VectorFile<V extends Common = Common> {
  readonly $schema: string;
  readonly description: string;
  readonly count: number;
  readonly vectors: readonly V[];
}

/** The content of a file. The path is relative to fixtures/ and includes the extension. */
export function readFixture(path: string): Buffer {
  return readFileSync(packageFile(`fixtures/${path}`));
}

export function vectorFile<P extends VectorPath>(path: P): VectorFile<VectorByPath[P]> {
  return JSON.parse(readFixture(`${path}.json`).toString());
}

/** The bytes that hex or runs stand for. */
export function expandHex(runs: string | readonly Run[]): Buffer {
  if (typeof runs === 'string') return Buffer.from(runs, 'hex');
  const bytes = Buffer.allocUnsafe(expandedSize(runs));
  let at = 0;
  for (const { hex, times } of runs) {
    const end = at + (hex.length / 2) * times;
    if (end > at) bytes.fill(hex, at, end, 'hex');
    at = end;
  }
  return bytes;
}

/** The length in bytes of what `expandHex` returns. */
export function expandedSize(runs: string | readonly Run[]): number {
  if (typeof runs === 'string') return runs.length / 2;
  return runs.reduce((sum, { hex, times }) => sum + (hex.length / 2) * times, 0);
}

export function payloadBytes(vector: Payload): Buffer {
  return expandHex('payload_hex' in vector ? vector.payload_hex : vector.payload_runs);
}

/** The message that the value of a vector describes. A field that the value leaves out is absent. */
export function messageFromValue(value: Value): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      fieldOf(field),
    ]),
  );
}

function fieldOf(field: FieldValue): unknown {
  if (typeof field !== 'object') return field;
  if ('int64' in field) return BigInt(field.int64);
  if ('hex' in field) return new Uint8Array(expandHex([field]));
  if ('repeat' in field) return field.repeat.repeat(field.times);
  if ('json' in field) return parseJson(field.json);
  return textOf(Buffer.from(field.utf8_hex, 'hex'));
}

/** A JavaScript string cannot hold a byte of malformed UTF-8, so each such byte becomes a lone surrogate. */
function textOf(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => isUtf8(bytes.subarray(at, at + size)));
    text += length === undefined ? '\ud800' : bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

/** The segments of the stream of a vector. Throws an Error unless they add up to the stream. */
export function* segmentsOf(vector: FrameVector): Generator<Buffer> {
  const stream = expandHex('stream_hex' in vector ? vector.stream_hex : vector.stream_runs);
  let at = 0;
  for (const length of vector.segments ?? [stream.length]) {
    yield stream.subarray(at, at + length);
    at += length;
  }
  if (at !== stream.length) throw new Error('the segments do not add up to the stream');
}
