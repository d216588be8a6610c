/** A quick test for bytes within a JSON string: most bytes of large payloads are base64. */

import { isAscii } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether the bytes are ASCII without quotes, backslashes and controls, so that within a JSON string they stand for themselves.
 * False for bytes that cannot be tested quickly.
 */
export function isPlainAscii(bytes: Uint8Array): boolean {
  const words = bytes.length >>> 2;
  if (words === 0 || bytes.byteOffset % 4 !== 0 || !isAscii(bytes)) return false;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.includes(QUOTE) || buffer.includes(BACKSLASH)) return false;
  for (let at = 4 * words; at < bytes.length; at += 1) if ((bytes[at] ?? 0) < 0x20) return false;
  // Four bytes at a time, without a branch or an iterator: the subtraction sets the highest bit of a byte less than 0x20.
  const all = new Int32Array(bytes.buffer, bytes.byteOffset, words);
  let signs = 0;
  for (let at = 0; at < words; at += 1) signs |= (all[at] ?? 0) - 0x20202020;
  return (signs & 0x80808080) === 0;
}
