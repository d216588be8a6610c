/** Bytes that claim to be text. */

import { isUtf8 } from 'node:buffer';

/** The text, a byte order mark and all; undefined if the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    : undefined;
}
