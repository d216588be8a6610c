/**
 * The standard padded base64 of `file_data` (M10). It uses Node's decoder, which is fast and accepts any text, and
 * refuses the text that the protocol refuses.
 */

/** The number of letters of the encoding, with padding. */
export function base64Length(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / 3) * 4;
}

/** Bytes that are encoded at a time: a multiple of three, and few enough for the letters to stay in the cache. */
const CHUNK_BYTES = 3 * 8 * 1024;

/** Writes the letters to `target` from `at` on, padded and without line breaks. Returns the number of letters. */
export function writeBase64(bytes: Uint8Array, target: Buffer, at: number): number {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = at;
  for (let start = 0; start < source.length; start += CHUNK_BYTES) {
    end += target.write(source.toString('base64', start, start + CHUNK_BYTES), end, 'latin1');
  }
  return end - at;
}

/**
 * The bytes that the ASCII letters encode. Undefined when a letter is outside the standard alphabet, or when padding
 * is missing, surplus or in the middle. The unused bits of the last letter are ignored.
 */
export function decodeBase64(letters: Buffer): Uint8Array | undefined {
  if (letters.length % 4 !== 0) return undefined;
  // Latin-1 gives one letter per byte. For a wider string Node's decoder would use only the low byte of each letter.
  const text = letters.toString('latin1');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  // The decoder skips unknown letters, so the length reveals them. It also accepts - and _, which are checked apart.
  const written = Buffer.from(bytes.buffer).write(text, 'base64');
  return written === bytes.length && !text.includes('-') && !text.includes('_') ? bytes : undefined;
}
