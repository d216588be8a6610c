/** Messages, written and read: the vectors of encode.json and decode.json as cases. */

import { inBytes, PAYLOAD_CAP } from '../../scenario/bytes.ts';
import { MESSAGES, type Message } from '../../vectors/build/messages.ts';
import type { DecodeVector, EncodeVector, Value } from '../../vectors/build/vector.ts';
import { expandHex, payloadBytes, vectorFile } from '../../vectors/load.ts';
import { plainOf, type Repeat, requestValue, zeroOf } from '../pipe/field.ts';
import { type ExpectedField, type LibraryCase, levelOf } from './case.ts';

const HEADER_BYTES = 8;

/** A text in a vector that a request cannot hold: readers of JSON in several languages lose it. */
const LONE_SURROGATE =
  /\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]/;

export function decodeCases(): readonly LibraryCase[] {
  return vectorFile('vectors/decode').vectors.map(decodeCase);
}

export function encodeCases(): readonly LibraryCase[] {
  return vectorFile('vectors/encode').vectors.flatMap((vector) => {
    const isCarried = !LONE_SURROGATE.test(JSON.stringify(vector.value));
    return isCarried ? [encodeCase(vector)] : [];
  });
}

const OVER_CAP = 12_600_000;

/** A message that no frame of 16 MiB can hold. */
export function overCapCases(): readonly LibraryCase[] {
  const repeat: Repeat = { field: 'file_data', text: 'x', count: OVER_CAP };
  return [
    {
      id: 'library-encode/over-cap',
      clause: 'F9',
      level: 'MUST',
      requirement: `A library refuses to write a payload of more than ${inBytes(PAYLOAD_CAP)}: here ${OVER_CAP} bytes of file_data, in base64.`,
      op: 'encode',
      message: 'TaskResultMessage',
      args: () => ({ message: 'TaskResultMessage', value: { task_id: 'a', result_type: 'file' }, repeat }),
      input: `${OVER_CAP} bytes of file_data`,
      expect: { kind: 'no-frame' },
    },
  ];
}

/** The message of this name. Throws an Error for a name that no message has. */
export function messageOf(name: string): Message {
  const message = MESSAGES.find((one) => one.name === name);
  if (message === undefined) throw new Error(`no message is named ${name}`);
  return message;
}

/** All fields of a message; those that the value leaves out are zero. */
export function expectedFields(message: Message, value: Value, repeat?: Repeat): readonly ExpectedField[] {
  return message.fields.map((field) => {
    const given = value[field.name];
    return { ...field, value: given === undefined ? zeroOf(field.kind) : plainOf(field.name, given, repeat) };
  });
}

function decodeCase(vector: DecodeVector): LibraryCase {
  const message = messageOf(vector.message);
  const payload = () => payloadBytes(vector);
  const isFile = vector.message === 'TaskFile';
  const what = isFile ? 'task file' : vector.message;
  return {
    id: `library-decode/${vector.id.slice('decode-'.length)}`,
    clause: vector.clause,
    level: levelOf(vector.level),
    requirement: vector.valid
      ? `A library reads this ${what}, with the values that it holds: ${vector.note}`
      : `A library refuses this ${what}: ${vector.note}`,
    op: isFile ? 'unmarshal_task_file' : 'decode',
    message: vector.message,
    args: () => ({
      ...(isFile ? {} : { message: vector.message }),
      [isFile ? 'text_base64' : 'payload_base64']: payload().toString('base64'),
    }),
    input: vector.payload ?? vector.note,
    expect: vector.valid
      ? { kind: 'message', fields: () => expectedFields(message, vector.value), payload }
      : { kind: 'malformed', fields: message.fields, payload },
  };
}

function encodeCase(vector: EncodeVector): LibraryCase {
  const message = messageOf(vector.message);
  const { value, repeat } = requestValue(vector.value);
  const frame = 'frame_hex' in vector ? vector.frame_hex : vector.frame_runs;
  return {
    id: `library-encode/${vector.id.slice('encode-'.length)}`,
    clause: vector.clause,
    level: levelOf(vector.level),
    requirement: `A library writes a frame of this ${vector.message}, with every required field and the exact values: ${vector.note}`,
    op: 'encode',
    message: vector.message,
    args: () => ({ message: vector.message, value, ...(repeat && { repeat }) }),
    input: JSON.stringify(value),
    expect: {
      kind: 'frame',
      type: message.type ?? 0,
      fields: () => expectedFields(message, vector.value, repeat),
      // With `repeat`, other bytes of a file may be sent than those of the vector.
      canonical: () =>
        repeat?.field === 'file_data' ? Buffer.alloc(0) : expandHex(frame).subarray(HEADER_BYTES),
    },
  };
}
