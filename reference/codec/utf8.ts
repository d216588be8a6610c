/** Replaces invalid UTF-8 as the protocol does (M8). It runs before parsing, so a parser sees only valid UTF-8. */
import { isUtf8 } from 'node:buffer';

const REPLACEMENT = Buffer.from('\ufffd');

/**
 * The bytes as valid UTF-8. Each byte that is not part of a well-formed character becomes one U+FFFD, so a truncated
 * F0 9F 9A becomes three; the decoders of the platform would write one. Valid input is returned without a copy.
 */
export function toValidUtf8(bytes: Uint8Array): Buffer {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(input)) return input;
  const output = Buffer.allocUnsafe(input.length * REPLACEMENT.length);
  let end = 0;
  for (let at = 0; at < input.length; ) {
    const length = characterLength(input, at);
    if (length === 0) {
      output.set(REPLACEMENT, end);
      end += REPLACEMENT.length;
      at++;
    }
    for (const next = at + length; at < next; at++) output[end++] = input[at] ?? 0;
  }
  return output.subarray(0, end);
}

/** For each length in bytes: the smallest code point that needs this length. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/** The length in bytes of the well-formed character at `at`; 0 when there is none. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let codePoint = first & (0x7f >> length);
  for (let offset = 1; offset < length; offset++) {
    const byte = bytes[at + offset] ?? 0;
    if ((byte & 0xc0) !== 0x80) return 0;
    codePoint = (codePoint << 6) | (byte & 0x3f);
  }
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  const isTooLong = codePoint < (SMALLEST[length] ?? 0);
  return isSurrogate || isTooLong || codePoint > 0x10ffff ? 0 : length;
}
