/**
 * The bytes that a scenario sends, as a description. A catalogue with frames of 16 MiB then takes no memory until one is
 * sent, and each attempt can use fresh task ids.
 *
 * The judge has its own constants of the protocol and imports none from the reference implementation.
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
/** Most bytes of a result's file, inclusive (R2). */
export const FILE_CAP = 15 * MiB;

/** A number of bytes in the words of requirements: '16 MiB', '16 384 bytes'. */
export function inBytes(count: number): string {
  return count % MiB === 0
    ? `${count / MiB} MiB`
    : `${count.toLocaleString('en').replaceAll(',', ' ')} bytes`;
}

/** The extensions that the file name of a result may have (R4). */
export const ALLOWED_EXTENSIONS =
  '.md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls .jpg .jpeg .png .svg .gif .webp'.split(
    ' ',
  );

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

/** The states of a task (L1). */
export const TASK_STATES = [
  'NEW',
  'ACCEPTED',
  'DECLINED',
  'EXECUTING',
  'COMPLETED',
  'SUCCEEDED',
  'CANCELLED',
  'EXPIRED',
] as const;

/**
 * `slot` is a placeholder for the n-th task id of an attempt: 36 ASCII bytes, fresh for each attempt (S10). `address` is the
 * address of the submitter or of the receiver: 16 ASCII bytes.
 */
export type Bytes =
  | { readonly raw: Uint8Array }
  | { readonly repeat: Uint8Array; readonly times: number }
  | { readonly slot: number }
  | { readonly address: keyof Addresses }
  | { readonly parts: readonly Bytes[] }
  | { readonly base64Of: Bytes }
  | { readonly sliceOf: Bytes; readonly from: number; readonly to: number };

/** The addresses that a SUBMIT names. Each is ADDRESS_BYTES long, so that every length and offset stays the same. */
export interface Addresses {
  readonly from: string;
  readonly to: string;
}

/** The addresses, unless a run sets others. */
export const DEFAULT_ADDRESSES: Addresses = { from: '0:0000.0000.0001', to: '0:0000.0000.0002' };
/** Bytes of an address, all of them ASCII. */
export const ADDRESS_BYTES = 16;

/** A placeholder for a task id. */
export type IdSlot = Extract<Bytes, { slot: number }>;

/** Bytes of a task id (S10). */
export const ID_BYTES = 36;

/** The UTF-8 bytes of a string. */
export function text(value: string): Bytes {
  return { raw: new TextEncoder().encode(value) };
}

/** The UTF-8 bytes of a string, `times` times. */
export function repeat(value: string, times: number): Bytes {
  return { repeat: new TextEncoder().encode(value), times };
}

/** Bytes one after another. */
export function concat(...parts: readonly Bytes[]): Bytes {
  return { parts };
}

/** The padded base64 form of bytes. They are rendered at once, so they should be few. */
export function base64(bytes: Bytes): Bytes {
  return { base64Of: bytes };
}

/** The bytes from offset `from` up to, not including, `to` (default: the end). */
export function slice(bytes: Bytes, from: number, to = size(bytes)): Bytes {
  return { sliceOf: bytes, from, to };
}

/** The n-th task id of an attempt; the same n gives the same id within one attempt. */
export function taskId(n = 1): IdSlot {
  return { slot: n };
}

/** The number of bytes, without rendering them. */
export function size(bytes: Bytes): number {
  if ('raw' in bytes) return bytes.raw.length;
  if ('repeat' in bytes) return bytes.repeat.length * bytes.times;
  if ('slot' in bytes) return ID_BYTES;
  if ('address' in bytes) return ADDRESS_BYTES;
  if ('parts' in bytes) return bytes.parts.reduce((sum, part) => sum + size(part), 0);
  if ('base64Of' in bytes) return 4 * Math.ceil(size(bytes.base64Of) / 3);
  return bytes.to - bytes.from;
}

/** The same bytes with other addresses. */
export function withAddresses(bytes: Bytes, addresses: Addresses): Bytes {
  if ('address' in bytes) return text(addresses[bytes.address]);
  if ('parts' in bytes) return { parts: bytes.parts.map((part) => withAddresses(part, addresses)) };
  return 'sliceOf' in bytes ? { ...bytes, sliceOf: withAddresses(bytes.sliceOf, addresses) } : bytes;
}

/** The rendered bytes, with `idOf(n)` in place of each slot. */
export function render(bytes: Bytes, idOf: (slot: number) => string): Uint8Array {
  const [first = new Uint8Array(0), ...others] = pieces(bytes, idOf);
  return others.length === 0 ? first : Buffer.concat([first, ...others]);
}

/**
 * The rendered bytes in segments of `segmentBytes`, at most 256 KiB; the last one can be shorter. All segments share one
 * buffer, so use each before you take the next.
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
/** A repeated sequence is rendered in blocks of about this size. */
const BLOCK_BYTES = 64 * KiB;

/** The rendered bytes from offset `from` up to, not including, `to`; views of existing arrays where possible. */
function* pieces(
  bytes: Bytes,
  idOf: (slot: number) => string,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): Generator<Uint8Array, void> {
  if (from >= to) return;
  if ('raw' in bytes) yield bytes.raw.subarray(from, to);
  else if ('slot' in bytes) yield new TextEncoder().encode(idOf(bytes.slot)).subarray(from, to);
  else if ('address' in bytes)
    yield new TextEncoder().encode(DEFAULT_ADDRESSES[bytes.address]).subarray(from, to);
  else if ('base64Of' in bytes)
    yield Buffer.from(Buffer.from(render(bytes.base64Of, idOf)).toString('base64')).subarray(from, to);
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
