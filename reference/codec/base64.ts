/**
 * The standard padded base64 of `file_data` (M10). The platform's decoder is fast and forgives everything; this one
 * uses it and refuses what the protocol refuses.
 */

/** How many letters encoding gives, padding included. */
export function base64Length(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / 3) * 4;
}

/** Bytes encoded at a time: few enough for the letters to stay in the processor's cache, and whole groups of three. */
const CHUNK_BYTES = 3 * 8 * 1024;

/** Writes the letters, of the standard alphabet, padded and in one line, to `target` from `at` on; returns how many. */
export function writeBase64(bytes: Uint8Array, target: Buffer, at: number): number {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = at;
  for (let start = 0; start < source.length; start += CHUNK_BYTES) {
    end += target.write(source.toString('base64', start, start + CHUNK_BYTES), end, 'latin1');
  }
  return end - at;
}

/**
 * The bytes that the ASCII letters stand for, or undefined when they are malformed: one outside the standard alphabet,
 * or padding that is missing, surplus or in the middle. The unused bits of the last letter may be anything.
 */
export function decodeBase64(letters: Buffer): Uint8Array | undefined {
  if (letters.length % 4 !== 0) return undefined;
  // One letter a byte: given a wider string, the platform's decoder would look at the low byte of each letter only.
  const text = letters.toString('latin1');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  // The decoder skips what it does not know, so that a stray letter shows in the length; but it knows - and _ as well.
  const written = Buffer.from(bytes.buffer).write(text, 'base64');
  return written === bytes.length && !text.includes('-') && !text.includes('_') ? bytes : undefined;
}
