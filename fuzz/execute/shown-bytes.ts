/** The bytes of a connection as text: headers in hex, payloads as text, cut to a length that fits a few lines. */

import { HEADER_BYTES } from '../../conformance/scenario/bytes.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printableBytes } from '../../conformance/util/printable.ts';
import { readHeader } from '../../conformance/wire/frames.ts';

/** Characters that are shown of one direction, after escaping. */
const SHOWN = 240;

/** `more`: bytes that follow and were not kept. Where bytes are left out, their number is at the end. */
export function shownBytes(bytes: Uint8Array, more = 0): string {
  let shown = '';
  let at = 0;
  while (at < bytes.length) {
    const header = bytes.subarray(at, at + HEADER_BYTES);
    if (shown.length + 4 * header.length > SHOWN) break;
    const { length } = readHeader(bytes, at) ?? { length: 0 };
    shown += hexEscaped(header);
    at += header.length;
    const payload = bytes.subarray(at, at + length);
    const [text, taken] = beginningOf(payload, SHOWN - shown.length);
    shown += text;
    at += taken;
    if (taken < payload.length) break;
  }
  const left = bytes.length - at + more;
  return left === 0 ? shown : `${shown}… (${counted(left, 'byte')} left out)`;
}

/** As much of the payload as fits, and the number of its bytes. No character is cut in half. */
function beginningOf(payload: Uint8Array, most: number): readonly [text: string, bytes: number] {
  for (let size = Math.min(payload.length, most); size > 0; size = Math.floor((size * 3) / 4)) {
    let end = size;
    while (end > 0 && isContinuation(payload[end])) end -= 1;
    const part = payload.subarray(0, end === 0 ? size : end);
    const text = printableBytes(part, part.length);
    if (text.length <= most) return [text, part.length];
  }
  return ['', 0];
}

function isContinuation(byte = 0): boolean {
  return byte >> 6 === 0b10;
}

function hexEscaped(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
