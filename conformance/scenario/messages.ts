/** Builders for frames and messages, legal or malformed. */

import {
  type Bytes,
  concat,
  HEADER_BYTES,
  repeat,
  SEND_RESULTS,
  STATUS_UPDATE,
  SUBMIT,
  size,
  taskId,
  text,
} from './bytes.ts';

/** A frame header, both numbers big-endian (F1). The declared length can differ from the payload's. */
export function header(type: number, declaredLength: number): Bytes {
  const raw = new Uint8Array(HEADER_BYTES);
  const view = new DataView(raw.buffer);
  view.setUint32(0, type);
  view.setUint32(4, declaredLength);
  return { raw };
}

/** A frame header in the wrong byte order. */
export function littleEndianHeader(type: number, declaredLength: number): Bytes {
  const raw = new Uint8Array(HEADER_BYTES);
  const view = new DataView(raw.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, declaredLength, true);
  return { raw };
}

/** A frame; it declares the payload's length unless another is given. */
export function frame(type: number, payload: Bytes, declaredLength = size(payload)): Bytes {
  return concat(header(type, declaredLength), payload);
}

/** A JSON string token of bytes that need no escaping. */
export function quoted(bytes: Bytes): Bytes {
  return concat(text('"'), bytes, text('"'));
}

/** The JSON string token of a value, with no unnecessary escapes. */
export function string(value: string): Bytes {
  return text(JSON.stringify(value));
}

/** A JSON object; each value is a token, byte for byte as on the wire. */
export function object(fields: Readonly<Record<string, Bytes>>): Bytes {
  return members(Object.entries(fields).map(([name, value]) => [JSON.stringify(name), value]));
}

/** A JSON object whose names are tokens too, so that they can be repeated or escaped. */
export function members(pairs: readonly (readonly [name: string, value: Bytes])[]): Bytes {
  const parts = pairs.flatMap(([name, value], index) => [text(`${index === 0 ? '' : ','}${name}:`), value]);
  return concat(text('{'), ...parts, text('}'));
}

/** Nested arrays, `levels` deep. */
export function nestedArrays(levels: number): Bytes {
  return concat(repeat('[', levels), repeat(']', levels));
}

/** Nested objects, `levels` deep. */
export function nestedObjects(levels: number): Bytes {
  return concat(repeat('{"a":', levels - 1), text('{}'), repeat('}', levels - 1));
}

/** Tokens by field name. They replace fields of a legal message, or are added after them. */
type Overrides = Readonly<Record<string, Bytes>>;

/** The description of a legal SUBMIT. It contains the task id: a policy can refuse a description that it has seen (S7). */
export const DESCRIPTION: Bytes = concat(text('Summarise paper '), taskId());

/** The value of each field of a legal SUBMIT, in the documented order. */
export const SUBMIT_FIELDS = {
  task_id: quoted(taskId()),
  task_description: quoted(DESCRIPTION),
  from_addr: quoted({ address: 'from' }),
  to_addr: quoted({ address: 'to' }),
} as const satisfies Overrides;

/** The payload of a legal SUBMIT; `overrides` replaces or adds fields. */
export function submitPayload(overrides: Overrides = {}): Bytes {
  return object({ ...SUBMIT_FIELDS, ...overrides });
}

/** A SUBMIT frame, legal unless fields are replaced or added. */
export function submit(overrides: Overrides = {}): Bytes {
  return frame(SUBMIT, submitPayload(overrides));
}

/** A STATUS_UPDATE frame, legal unless fields are replaced or added. */
export function statusUpdate(overrides: Overrides = {}): Bytes {
  return frame(
    STATUS_UPDATE,
    object({
      task_id: quoted(taskId()),
      status: string('ACCEPTED'),
      justification: string('It will be done'),
      ...overrides,
    }),
  );
}

/** A SEND_RESULTS frame with a text, legal unless fields are replaced or added. */
export function textResult(overrides: Overrides = {}): Bytes {
  return result({ result_type: string('text'), result_text: string('Forty-two') }, overrides);
}

/** A SEND_RESULTS frame with a file of 9 bytes, legal unless fields are replaced or added. */
export function fileResult(overrides: Overrides = {}): Bytes {
  const file = { filename: string('result.txt'), file_data: string('Rm9ydHktdHdv') };
  return result({ result_type: string('file'), ...file }, overrides);
}

function result(fields: Overrides, overrides: Overrides): Bytes {
  return frame(
    SEND_RESULTS,
    object({
      task_id: quoted(taskId()),
      ...fields,
      completed_at: string('2025-06-01T12:00:00Z'),
      time_idle_ms: text('1500'),
      time_staged_ms: text('250'),
      time_cpu_ms: text('60000'),
      ...overrides,
    }),
  );
}
