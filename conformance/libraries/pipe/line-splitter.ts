/** Chunks of bytes → lines of bounded length. A line that is too long is cut off, so that memory stays bounded. */

import { isAscii } from 'node:buffer';

const LINE_FEED = 0x0a;

export type Line =
  | { readonly kind: 'line'; readonly text: string }
  /** The line is longer than permitted. Nothing after it is read. */
  | { readonly kind: 'too-long' };

export class LineSplitter {
  readonly #mostBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  #isOver = false;

  /** `mostBytes`: of one line, without its line feed, inclusive. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The bytes of a line that has begun. */
  get begun(): number {
    return this.#bytes;
  }

  /** The lines that the chunk completes, without their ends. */
  *push(chunk: Buffer): Generator<Line> {
    let from = 0;
    while (!this.#isOver) {
      const end = chunk.indexOf(LINE_FEED, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end);
      this.#bytes += part.length;
      if (this.#bytes > this.#mostBytes) {
        this.#isOver = true;
        this.#parts = [];
        yield { kind: 'too-long' };
        return;
      }
      if (end < 0) {
        if (part.length > 0) this.#parts.push(part);
        return;
      }
      const whole = this.#parts.length === 0 ? part : Buffer.concat([...this.#parts, part]);
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
      // Most lines are ASCII, and some have 22 MiB.
      yield { kind: 'line', text: whole.toString(isAscii(whole) ? 'latin1' : 'utf8') };
    }
  }
}
