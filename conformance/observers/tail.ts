/** The last lines of a program's output, for an error message: bounded in number and length, and escaped. */

import type { Readable } from 'node:stream';
import { printable } from '../util/printable.ts';

const LINE_CHARACTERS = 300;

export class Tail {
  readonly #maxLines: number;
  #lines: string[] = [];

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  follow(stream: Readable): void {
    let begun = '';
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => {
        const lines = (begun + text).split('\n');
        // One character more than the limit, so that a cut line is marked as cut.
        begun = (lines.pop() ?? '').slice(0, LINE_CHARACTERS + 1);
        for (const line of lines) this.#add(line);
      })
      .on('close', () => this.#add(begun));
  }

  #add(line: string): void {
    const text = line.trimEnd();
    if (text !== '') this.#lines = [...this.#lines, printable(text, LINE_CHARACTERS)].slice(-this.#maxLines);
  }
}
