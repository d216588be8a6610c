/** A line of progress: on a terminal each update replaces it, and a log gets one now and then. */

import { performance } from 'node:perf_hooks';
import { ERASE_LINE } from '../../conformance/util/terminal.ts';

interface Apart {
  /** The least milliseconds between two lines of a log. Default: a log gets none. */
  readonly logMs?: number;
  /** The same between two updates on a terminal. Default: 0. */
  readonly terminalMs?: number;
  /** The time in milliseconds. Default: that of the process. */
  readonly now?: () => number;
}

export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  readonly #apartMs: number;
  readonly #now: () => number;
  #shownAt: number;

  /** `isTerminal`: whether the output can replace a line. The time until the first line counts from now. */
  constructor(
    write: (text: string) => void,
    isTerminal: boolean,
    { logMs = Number.POSITIVE_INFINITY, terminalMs = 0, now = () => performance.now() }: Apart = {},
  ) {
    this.#write = write;
    this.#isTerminal = isTerminal;
    this.#apartMs = isTerminal ? terminalMs : logMs;
    this.#now = now;
    this.#shownAt = now();
  }

  show(text: string): void {
    const now = this.#now();
    if (now - this.#shownAt < this.#apartMs) return;
    this.#shownAt = now;
    this.#write(this.#isTerminal ? `${ERASE_LINE}${text}` : `${text}\n`);
  }

  /** To be called before other output. */
  clear(): void {
    if (this.#isTerminal) this.#write(ERASE_LINE);
  }
}
