/**
 * Memory for encoded bytes. Small encodings share a block, because asking the system for memory costs more than
 * filling it. The returned bytes belong to the caller for good; a block is freed when all of its callers have dropped
 * their bytes.
 */

/** Bytes in a block. Node's own pool has an eighth of that, so it asks for a new one eight times as often. */
const BLOCK_BYTES = 64 * 1024;

/** Larger encodings get memory of their own, so a block never ends with more than this unused. */
const LARGEST_BYTES = 4 * 1024;

/** The most bytes of UTF-8 that one UTF-16 code unit needs. */
const BYTES_PER_UNIT = 3;

export class Slab {
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #used = 0;

  /** Bytes of any content, to be overwritten. Always the plain class, not Buffer. */
  allocate(length: number): Uint8Array {
    if (length > LARGEST_BYTES) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    this.#makeRoom(length);
    return this.#take(length);
  }

  /** The text, which is ASCII. */
  asciiBytes(text: string): Uint8Array {
    if (text.length > LARGEST_BYTES) return this.utf8Bytes(text);
    this.#makeRoom(text.length);
    return this.#take(this.#block.write(text, this.#used, 'latin1'));
  }

  /** The text as UTF-8, each lone surrogate as U+FFFD. */
  utf8Bytes(text: string): Uint8Array {
    if (text.length * BYTES_PER_UNIT > LARGEST_BYTES) {
      const bytes = Buffer.from(text);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#makeRoom(text.length * BYTES_PER_UNIT);
    return this.#take(this.#block.write(text, this.#used));
  }

  #makeRoom(length: number): void {
    if (this.#used + length <= BLOCK_BYTES) return;
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#used = 0;
  }

  #take(length: number): Uint8Array {
    const bytes = new Uint8Array(this.#block.buffer, this.#used, length);
    this.#used += length;
    return bytes;
  }
}
