/** A line of progress that each update replaces. */

import { ERASE_LINE } from '../../conformance/util/terminal.ts';

export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;

  /** Writes nothing where the output is not a terminal, because a log cannot replace a line. */
  constructor(write: (text: string) => void, isTerminal: boolean) {
    this.#write = write;
    this.#isTerminal = isTerminal;
  }

  show(text: string): void {
    if (this.#isTerminal) this.#write(`${ERASE_LINE}${text}`);
  }

  /** To be called before other output. */
  clear(): void {
    this.show('');
  }
}
