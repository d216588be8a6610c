/**
 * Room for what is encoded. Small encodings share a block of memory, because to ask the system for each costs more than
 * to fill it. What was handed out is its owner's for ever; a block goes when the last of its owners has gone.
 */

/** Bytes in a block. Node's own pool has an eighth of that, and asks for a new one as much more often. */
const BLOCK_BYTES = 64 * 1024;

/** What is larger gets memory of its own, so that no more than this much of a block is ever left over. */
const LARGEST_BYTES = 4 * 1024;

/** UTF-8 needs at most so many bytes for one UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
let used = 0;

/** Bytes of any content, to be written over. Always the plain class, not Buffer. */
export function allocate(length: number): Uint8Array {
  if (length > LARGEST_BYTES) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  makeRoom(length);
  return take(length);
}

/** The text as UTF-8, lone surrogates as U+FFFD. */
export function utf8Bytes(text: string): Uint8Array {
  if (text.length * BYTES_PER_UNIT > LARGEST_BYTES) {
    const bytes = Buffer.from(text);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  makeRoom(text.length * BYTES_PER_UNIT);
  return take(block.write(text, used));
}

function makeRoom(length: number): void {
  if (used + length <= BLOCK_BYTES) return;
  block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  used = 0;
}

function take(length: number): Uint8Array {
  const bytes = new Uint8Array(block.buffer, used, length);
  used += length;
  return bytes;
}
