/**
 * Cases as JSON, for files that people read and keep. A payload is text where all of it is readable text, and hex otherwise.
 * Everything that is read from a file is checked, because it may have been written by hand or by a later version.
 */

import type { Action, Case, Declared } from './case.ts';

/** A file or a value does not have the expected form. The message is for a person and names the place. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

type JsonObject = Readonly<Record<string, unknown>>;

const READABLE = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u058f]*$/;
const LARGEST_UINT32 = 0xffffffff;
/** The longest that all pauses of a case last together, in milliseconds, inclusive: ten minutes. A replay waits for them. */
const LONGEST_PAUSES_MS = 600_000;

/** A plain value for `JSON.stringify`; `readCase` reads it back. */
export function writeCase(value: Case): JsonObject {
  return {
    arrangement: value.arrangement,
    connections: value.connections.map((actions) => actions.map(writeAction)),
  };
}

function writeAction(action: Action): JsonObject {
  switch (action.do) {
    case 'frame': {
      const { type, declared, payload, segmentBytes } = action;
      const segments = segmentBytes === undefined ? {} : { segment_bytes: segmentBytes };
      return {
        do: 'frame',
        type,
        declared: writeDeclared(declared),
        ...writeBytes('payload', payload),
        ...segments,
      };
    }
    case 'bytes':
      return { do: 'bytes', ...writeBytes('bytes', action.bytes) };
    case 'pause':
    case 'fin':
    case 'reset':
      return { ...action };
  }
}

function writeDeclared(declared: Declared): unknown {
  switch (declared.kind) {
    case 'exact':
      return 'exact';
    case 'short':
      return { short_by: declared.by };
    case 'long':
      return { long_by: declared.by };
    case 'absolute':
      return { absolute: declared.length };
  }
}

function writeBytes(name: string, bytes: Uint8Array): JsonObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return READABLE.test(text) ? { [name]: text } : { [`${name}_hex`]: buffer.toString('hex') };
}

/** Reads what `writeCase` has written. Throws a CaseError for a value that is not a case. */
export function readCase(json: unknown): Case {
  const { arrangement, connections } = objectAt(json, 'case');
  if (arrangement !== 'at-once' && arrangement !== 'in-turn')
    fail('case.arrangement', "'at-once' or 'in-turn'");
  const read = listAt(connections, 'case.connections').map((actions, index) => {
    const place = `case.connections[${index}]`;
    return listAt(actions, place).map((action, at) => readAction(action, `${place}[${at}]`));
  });
  const pausesMs = read.flat().reduce((ms, action) => ms + (action.do === 'pause' ? action.ms : 0), 0);
  if (pausesMs > LONGEST_PAUSES_MS)
    throw new CaseError(`the pauses last ${pausesMs} ms together; ${LONGEST_PAUSES_MS} are permitted`);
  return { arrangement, connections: read };
}

function readAction(json: unknown, place: string): Action {
  const action = objectAt(json, place);
  switch (action['do']) {
    case 'frame': {
      const segments = action['segment_bytes'];
      return {
        do: 'frame',
        type: uint32At(action['type'], `${place}.type`),
        declared: readDeclared(action['declared'], `${place}.declared`),
        payload: readBytes(action, 'payload', place),
        ...(segments !== undefined && {
          segmentBytes: Math.max(1, uint32At(segments, `${place}.segment_bytes`)),
        }),
      };
    }
    case 'bytes':
      return { do: 'bytes', bytes: readBytes(action, 'bytes', place) };
    case 'pause':
      return { do: 'pause', ms: uint32At(action['ms'], `${place}.ms`) };
    case 'fin':
      return { do: 'fin' };
    case 'reset':
      return { do: 'reset' };
    default:
      return fail(`${place}.do`, 'frame, bytes, pause, fin or reset');
  }
}

function readDeclared(json: unknown, place: string): Declared {
  if (json === 'exact') return { kind: 'exact' };
  const { short_by: short, long_by: long, absolute } = objectAt(json, place);
  if (short !== undefined) return { kind: 'short', by: uint32At(short, `${place}.short_by`) };
  if (long !== undefined) return { kind: 'long', by: uint32At(long, `${place}.long_by`) };
  return { kind: 'absolute', length: uint32At(absolute, `${place}.absolute`) };
}

function readBytes(action: JsonObject, name: string, place: string): Uint8Array {
  const text = action[name];
  if (typeof text === 'string') return new TextEncoder().encode(text);
  const hex = action[`${name}_hex`];
  if (typeof hex === 'string' && /^(?:[0-9a-f]{2})*$/i.test(hex))
    return Uint8Array.from(Buffer.from(hex, 'hex'));
  return fail(`${place}.${name}`, `text, or hex as ${name}_hex`);
}

function objectAt(json: unknown, place: string): JsonObject {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject;
  return fail(place, 'an object');
}

function listAt(json: unknown, place: string): readonly unknown[] {
  return Array.isArray(json) ? json : fail(place, 'a list');
}

function uint32At(json: unknown, place: string): number {
  if (typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= LARGEST_UINT32) return json;
  return fail(place, 'a whole number of 32 bits');
}

function fail(place: string, wanted: string): never {
  throw new CaseError(`${place} is not ${wanted}`);
}
