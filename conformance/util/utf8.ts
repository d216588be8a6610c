import { isUtf8 } from 'node:buffer';

/** The text, including a byte order mark; undefined if the bytes are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    : undefined;
}

/** Whether both are the same text, where a lone surrogate, which UTF-8 cannot hold, may be kept or be read as U+FFFD (M8). */
export function isSameText(value: string, wanted: string): boolean {
  return value === wanted || value.replaceAll(/\p{Cs}/gu, '\ufffd') === wanted;
}
