/** The time that one start of a client has. It can be moved while the client runs. */

import { performance } from 'node:perf_hooks';

export class Deadline {
  readonly #beganMs = performance.now();
  readonly #controller = new AbortController();
  #afterMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isReleased = false;

  /** Passes `afterMs` milliseconds after this call, unless it is moved or released. */
  constructor(afterMs: number) {
    this.move(afterMs);
  }

  /** Aborted when the deadline has passed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** When it passes, in milliseconds since it was made. */
  get afterMs(): number {
    return this.#afterMs;
  }

  /** Milliseconds since it was made. */
  get elapsedMs(): number {
    return performance.now() - this.#beganMs;
  }

  /** Lets it pass at `afterMs`, at once if that is over. One that has passed or was released stays so. */
  move(afterMs: number): void {
    if (this.signal.aborted || this.#isReleased) return;
    clearTimeout(this.#timer);
    this.#afterMs = afterMs;
    this.#timer = setTimeout(() => this.#controller.abort(), afterMs - this.elapsedMs);
  }

  /** Removes the timer: it does not pass any more. */
  release(): void {
    clearTimeout(this.#timer);
    this.#isReleased = true;
  }
}
