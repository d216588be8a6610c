/** The vectors under fixtures/ as the tests use them: bytes for hex and runs, and messages with our names for their fields. */
import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { Common, FieldValue, FrameVector, Run, Value } from '../conformance/vectors/vector.ts';
import { toValidUtf8 } from './utf8.ts';

/** The vectors of a file of fixtures/, named without its extension. */
export function vectors<V extends Common>(path: string): readonly V[] {
  const file: { readonly vectors: readonly V[] } = JSON.parse(
    readFileSync(new URL(`../fixtures/${path}.json`, import.meta.url), 'utf8'),
  );
  return file.vectors;
}

export function bytesOf(runs: string | readonly Run[]): Buffer {
  if (typeof runs === 'string') return Buffer.from(runs, 'hex');
  return Buffer.concat(runs.map(({ hex, times }) => Buffer.alloc((hex.length / 2) * times, hex, 'hex')));
}

export function payloadOf(
  vector: { readonly payload_hex: string } | { readonly payload_runs: readonly Run[] },
): Buffer {
  return bytesOf('payload_hex' in vector ? vector.payload_hex : vector.payload_runs);
}

/** The message that a vector's value describes; a field that it leaves out is absent. */
export function messageOf(value: Value): Record<string, unknown> {
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
  if ('hex' in field) return new Uint8Array(bytesOf([field]));
  if ('repeat' in field) return field.repeat.repeat(field.times);
  if ('json' in field) return JSON.parse(field.json);
  // The nearest that a JavaScript string comes to a byte that is no UTF-8 is a lone surrogate.
  return toValidUtf8(Buffer.from(field.utf8_hex, 'hex')).toString().replaceAll('\ufffd', '\ud800');
}

/** One assertion for a file: names every vector whose check throws, and says why. */
export function all<V extends { readonly id: string }>(
  t: Test,
  path: string,
  check: (vector: V) => void,
): void {
  const given = vectors<V & Common>(path);
  const failed = given.flatMap((vector) => {
    try {
      check(vector);
      return [];
    } catch (error) {
      return [`${vector.id}: ${String(error)}`];
    }
  });
  t.ok(given.length > 0, `${path} holds vectors`);
  t.strictSame(failed, [], `all of the ${given.length} vectors of ${path}`);
  t.end();
}

/** The stream of a vector in its segments. */
export function* segmentsOf(vector: FrameVector): Generator<Buffer> {
  const stream = bytesOf('stream_hex' in vector ? vector.stream_hex : vector.stream_runs);
  let at = 0;
  for (const length of vector.segments ?? [stream.length]) {
    yield stream.subarray(at, at + length);
    at += length;
  }
  equal(at, stream.length, 'the segments are the stream');
}
