/** Bytes received so far, in one buffer that doubles in size when it is full. The first chunk is kept without a copy. */
export class ReceiveBuffer {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Number of bytes received. */
  get length(): number {
    return this.#length;
  }

  /** A view, valid until the next chunk. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The caller must not change the chunk afterwards. */
  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) {
      this.#buffer = chunk;
    } else {
      if (length > this.#buffer.length) {
        const grown = Buffer.alloc(Math.max(length, 2 * this.#buffer.length));
        grown.set(this.bytes);
        this.#buffer = grown;
      }
      this.#buffer.set(chunk, this.#length);
    }
    this.#length = length;
  }
}
