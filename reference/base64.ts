/**
 * The standard padded base64 of `file_data` (M10). The platform's decoder is fast and forgives everything; this one
 * uses it and refuses what the protocol refuses.
 */

/** Standard alphabet, padded, in one line. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
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
