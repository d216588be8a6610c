/**
 * Builders for the bytes that a scenario sends, legal or lying. They describe bytes instead of holding them, so that
 * a catalogue with frames of 16 MiB costs nothing until one is played, and so that each play can use fresh task ids.
 *
 * Nothing here comes from the reference implementation: the judge has its own numbers.
 */

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** Bytes of a frame header (F1). */
export const HEADER_BYTES = 8;
/** Largest legal payload in bytes, inclusive (F2). */
export const PAYLOAD_CAP = 16 * MiB;
/** Most bytes of UTF-8 in a task description, inclusive (S5). */
export const DESCRIPTION_CAP = 16 * KiB;

/** Most bytes of UTF-8 in a justification, inclusive (U4). */
export const JUSTIFICATION_CAP = 4 * KiB;
/** Most bytes of UTF-8 in a result's text, inclusive (R2). */
export const RESULT_TEXT_CAP = 1024 * KiB;
/** Most bytes of UTF-8 in a result's file name, inclusive (R2). */
export const FILENAME_CAP = 256;

/** Frame types (F6). */
export const SUBMIT = 1;
export const RESULT = 2;
export const STATUS_UPDATE = 3;
export const SEND_RESULTS = 4;

/** The names of the frame types in docs/protocol.md. */
export const TYPE_NAMES: Readonly<Record<number, string>> = {
  [SUBMIT]: 'SUBMIT',
  [RESULT]: 'RESULT',
  [STATUS_UPDATE]: 'STATUS_UPDATE',
  [SEND_RESULTS]: 'SEND_RESULTS',
};

/** Bytes to be sent, as data. `slot` stands for the n-th task id of a play: 36 ASCII bytes, fresh each time (S10). */
export type Bytes =
  | { readonly raw: Uint8Array }
  | { readonly repeat: Uint8Array; readonly times: number }
  | { readonly slot: number }
  | { readonly parts: readonly Bytes[] }
  | { readonly sliceOf: Bytes; readonly from: number; readonly to: number };

/** A placeholder for a task id. */
export type IdSlot = Extract<Bytes, { slot: number }>;

/** Bytes of a task id (S10). */
const ID_BYTES = 36;

/** The UTF-8 bytes of a string. */
export function text(value: string): Bytes {
  return { raw: new TextEncoder().encode(value) };
}

/** The UTF-8 bytes of a string, many times over. */
export function repeat(value: string, times: number): Bytes {
  return { repeat: new TextEncoder().encode(value), times };
}

/** Bytes one after another. */
export function concat(...parts: readonly Bytes[]): Bytes {
  return { parts };
}

/** The bytes from offset `from` up to, not including, `to` (default: the end). */
export function slice(bytes: Bytes, from: number, to = size(bytes)): Bytes {
  return { sliceOf: bytes, from, to };
}

/** The n-th task id of a play; the same n is the same id within one play. */
export function taskId(n = 1): IdSlot {
  return { slot: n };
}

/** Number of bytes, without making them. */
export function size(bytes: Bytes): number {
  if ('raw' in bytes) return bytes.raw.length;
  if ('repeat' in bytes) return bytes.repeat.length * bytes.times;
  if ('slot' in bytes) return ID_BYTES;
  if ('parts' in bytes) return bytes.parts.reduce((sum, part) => sum + size(part), 0);
  return bytes.to - bytes.from;
}

/** The bytes themselves, with `idOf(n)` in the place of each slot. */
export function render(bytes: Bytes, idOf: (slot: number) => string): Uint8Array {
  const [first = new Uint8Array(0), ...others] = pieces(bytes, idOf);
  return others.length === 0 ? first : Buffer.concat([first, ...others]);
}

/**
 * The bytes in segments of `segmentBytes`, the last one shorter; none is longer than 256 KiB, so that a frame of 16 MiB
 * takes no such room. Each lies in the same buffer, and is to be used before the next is asked for.
 */
export function* segments(
  bytes: Bytes,
  idOf: (slot: number) => string,
  segmentBytes: number,
): Generator<Uint8Array, void> {
  const buffer = Buffer.allocUnsafe(Math.min(segmentBytes, SEGMENT_BYTES, size(bytes)));
  let filled = 0;
  for (const piece of pieces(bytes, idOf)) {
    for (let taken = 0; taken < piece.length; ) {
      const some = piece.subarray(taken, taken + buffer.length - filled);
      buffer.set(some, filled);
      taken += some.length;
      filled += some.length;
      if (filled < buffer.length) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

const SEGMENT_BYTES = 256 * KiB;
/** What is repeated is laid out so often that it comes near this. */
const BLOCK_BYTES = 64 * KiB;

/** The bytes from offset `from` up to, not including, `to`, as they come: views, wherever there is something to view. */
function* pieces(
  bytes: Bytes,
  idOf: (slot: number) => string,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): Generator<Uint8Array, void> {
  if (from >= to) return;
  if ('raw' in bytes) yield bytes.raw.subarray(from, to);
  else if ('slot' in bytes) yield new TextEncoder().encode(idOf(bytes.slot)).subarray(from, to);
  else if ('sliceOf' in bytes)
    yield* pieces(bytes.sliceOf, idOf, bytes.from + from, Math.min(bytes.from + to, bytes.to));
  else if ('repeat' in bytes) {
    const { repeat, times } = bytes;
    const perBlock = Math.max(1, Math.min(times, Math.floor(BLOCK_BYTES / repeat.length)));
    const block = Buffer.alloc(perBlock * repeat.length, repeat);
    const end = Math.min(to, repeat.length * times);
    for (let at = from; at < end; ) {
      const some = block.subarray(at % repeat.length, (at % repeat.length) + end - at);
      yield some;
      at += some.length;
    }
  } else {
    let start = 0;
    for (const part of bytes.parts) {
      if (start >= to) return;
      const length = size(part);
      if (from === 0 && to === Number.POSITIVE_INFINITY) yield* pieces(part, idOf);
      else if (start + length > from)
        yield* pieces(part, idOf, Math.max(0, from - start), Math.min(to - start, length));
      start += length;
    }
  }
}

/** A header as the protocol has it: both numbers big-endian (F1). The length may lie. */
export function header(type: number, declaredLength: number): Bytes {
  const raw = new Uint8Array(HEADER_BYTES);
  const view = new DataView(raw.buffer);
  view.setUint32(0, type);
  view.setUint32(4, declaredLength);
  return { raw };
}

/** A header in the wrong byte order. */
export function littleEndianHeader(type: number, declaredLength: number): Bytes {
  const raw = new Uint8Array(HEADER_BYTES);
  const view = new DataView(raw.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, declaredLength, true);
  return { raw };
}

/** A whole frame; its header tells the truth unless another length is given. */
export function frame(type: number, payload: Bytes, declaredLength = size(payload)): Bytes {
  return concat(header(type, declaredLength), payload);
}

/** A JSON string token around bytes that need no escaping. */
export function quoted(bytes: Bytes): Bytes {
  return concat(text('"'), bytes, text('"'));
}

/** The JSON string token of a value, with nothing escaped that need not be. */
export function string(value: string): Bytes {
  return text(JSON.stringify(value));
}

/** A JSON object; each value is the token that stands on the wire, byte for byte. */
export function object(fields: Readonly<Record<string, Bytes>>): Bytes {
  return members(Object.entries(fields).map(([name, value]) => [JSON.stringify(name), value]));
}

/** A JSON object of the given members, whose names are tokens too, so that they can be repeated or escaped. */
export function members(pairs: readonly (readonly [name: string, value: Bytes])[]): Bytes {
  const parts = pairs.flatMap(([name, value], index) => [text(`${index === 0 ? '' : ','}${name}:`), value]);
  return concat(text('{'), ...parts, text('}'));
}

/** Arrays in arrays, `levels` deep. */
export function nestedArrays(levels: number): Bytes {
  return concat(repeat('[', levels), repeat(']', levels));
}

/** Objects in objects, `levels` deep. */
export function nestedObjects(levels: number): Bytes {
  return concat(repeat('{"a":', levels - 1), text('{}'), repeat('}', levels - 1));
}

/** Tokens by the names of their fields, to replace those of a legal message or to stand behind them. */
type Overrides = Readonly<Record<string, Bytes>>;

/** The payload of a legal SUBMIT with its fields in the documented order; `overrides` replaces tokens or adds fields. */
export function submitPayload(overrides: Overrides = {}): Bytes {
  return object({
    task_id: quoted(taskId()),
    task_description: string('Summarise the attached paper'),
    from_addr: string('0:0000.0000.0001'),
    to_addr: string('0:0000.0000.0002'),
    ...overrides,
  });
}

/** A legal SUBMIT frame, or one with some tokens replaced. */
export function submit(overrides: Overrides = {}): Bytes {
  return frame(SUBMIT, submitPayload(overrides));
}

/** A legal STATUS_UPDATE frame, or one with some tokens replaced. */
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

/** A legal SEND_RESULTS frame with a text, or one with some tokens replaced or added. */
export function textResult(overrides: Overrides = {}): Bytes {
  return result({ result_type: string('text'), result_text: string('Forty-two') }, overrides);
}

/** A legal SEND_RESULTS frame with a file of 9 bytes, or one with some tokens replaced or added. */
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
