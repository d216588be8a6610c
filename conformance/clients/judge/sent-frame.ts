/** The frame that a client sent, and the JSON object in it, or why there is none. Pure. */

import { type Json, readJson } from '../../payload/json.ts';
import { HEADER_BYTES, PAYLOAD_CAP, TYPE_NAMES } from '../../scenario/bytes.ts';
import { counted } from '../../util/counted.ts';
import { type Frame, readFrames, readHeader } from '../../wire/frames.ts';
import type { SeenConnection } from '../serve/connection.ts';

/** A condition that does not hold: its cause in plain words without values, and a line with values. */
export interface Flaw {
  readonly cause: string;
  readonly text: string;
}

/** The first frame of the type; without one, the first frame. Whether it is the only one is a condition of its own (T2). */
export function frameOf({ bytes }: SeenConnection, type?: number): Frame | undefined {
  const { frames } = readFrames(bytes);
  return frames.find((one) => one.type === type) ?? frames[0];
}

/** Header, length and type. */
export function frameFlaw(connection: SeenConnection, type: number | undefined): Flaw | undefined {
  const { bytes, total } = connection;
  if (total === 0) return nothingSent([connection]);
  const frame = frameOf(connection, type);
  if (frame !== undefined)
    return type === undefined || frame.type === type
      ? undefined
      : flaw(
          'a frame has another type than that of its message',
          `the type is ${frame.type}, and that of ${TYPE_NAMES[type]} is ${type}`,
        );
  const header = readHeader(bytes);
  const cause = 'the client sends no complete frame';
  if (header === undefined)
    return flaw(cause, `the client sent ${counted(total, 'byte')}, and a header has ${HEADER_BYTES}`);
  const rest = total - HEADER_BYTES;
  const swapped = Buffer.from(bytes.subarray(4, HEADER_BYTES)).readUInt32LE();
  if (swapped === rest)
    return flaw(
      'the header is not big-endian',
      `the header is little-endian: its length is ${swapped} in that order`,
    );
  if (header.length > PAYLOAD_CAP)
    return flaw(
      cause,
      `the header declares ${counted(header.length, 'byte')}, more than the cap of ${PAYLOAD_CAP}`,
    );
  return flaw(cause, `the header declares ${counted(header.length, 'byte')}, and ${rest} followed`);
}

export function severalFrames(frames: readonly Frame[]): Flaw {
  const types = frames.slice(0, 3).map(({ type }) => type);
  return flaw(
    'several frames come on one connection',
    `${frames.length} frames came on one connection, the first ones of the types ${types.join(', ')}`,
  );
}

const objects = new WeakMap<SeenConnection, ReadonlyMap<string, Json> | Flaw>();

/** The payload as a JSON object, or why it is none. Read once for each connection. */
export function objectIn(connection: SeenConnection, type: number): ReadonlyMap<string, Json> | Flaw {
  const known = objects.get(connection);
  if (known !== undefined) return known;
  const read = readObject(connection, type);
  objects.set(connection, read);
  return read;
}

function readObject(connection: SeenConnection, type: number): ReadonlyMap<string, Json> | Flaw {
  const frame = frameOf(connection, type);
  if (frame === undefined)
    return frameFlaw(connection, undefined) ?? flaw('the client sends no complete frame', 'no frame came');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(frame.payload);
  } catch {
    return (
      cutFlaw(connection, frame) ??
      flaw('the payload is not UTF-8', 'the payload holds bytes that are no UTF-8')
    );
  }
  const reading = readJson(text);
  if ('problem' in reading)
    return (
      cutFlaw(connection, frame) ??
      flaw('the payload is not JSON', `the payload is no JSON from character ${reading.problem.at} on`)
    );
  if (reading.value.type !== 'object')
    return flaw('the payload is not a JSON object', `the payload is JSON of type ${reading.value.type}`);
  return reading.value.members;
}

/** Of a payload that is none: it goes on after its end by the header. */
function cutFlaw({ bytes, total }: SeenConnection, { payload }: Frame): Flaw | undefined {
  const sent = total - HEADER_BYTES;
  return sent === payload.length || readFrames(bytes).frames.length > 1
    ? undefined
    : flaw(
        'the length in the header is not that of the payload',
        `the header declares ${counted(payload.length, 'byte')}, and ${sent} followed`,
      );
}

export function memberOf(
  connection: SeenConnection,
  type: number,
  name: string,
): { readonly value: Json | undefined } | Flaw {
  const members = objectIn(connection, type);
  return members instanceof Map ? { value: members.get(name) } : (members as Flaw);
}

export function nothingSent(connections: readonly SeenConnection[]): Flaw {
  return flaw(
    'the client sends nothing',
    connections.length === 0 ? 'the client did not connect' : 'the client connected and sent no byte',
  );
}

export function flaw(cause: string, text: string): Flaw {
  return { cause, text };
}
