/** How far a run against many targets is: on a terminal a line that changes, in a log a line now and then. */

import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { colorsFor, replacesLines } from '../terminal/colors.ts';
import { ProgressLine } from '../terminal/progress.ts';

/** The least time between two lines of a log, in milliseconds. */
const LOG_MS = 30_000;

export class Progress {
  readonly #targets: number;
  readonly #context: Context;
  readonly #line: ProgressLine;
  #done = 0;
  #earlier = 0;

  constructor(targets: number, context: Context) {
    this.#targets = targets;
    this.#context = context;
    const isTerminal = replacesLines(context);
    const write = (text: string): void => context.err(isTerminal ? text : `conform: ${text}`);
    this.#line = new ProgressLine(write, isTerminal, { logMs: LOG_MS });
  }

  /** A target was judged, by this run or by an earlier one. One that does not conform is named at once. */
  judged(name: string, exitStatus: ExitStatus, reason: string, isNew: boolean): void {
    this.#done += 1;
    if (!isNew) this.#earlier += 1;
    if (isNew && exitStatus !== EXIT.success) {
      const { bad, warn } = colorsFor(this.#context);
      const color = exitStatus === EXIT.failed ? bad : warn;
      this.#line.clear();
      this.#context.err(`${color(name)}  ${printable(reason)}\n`);
    }
    this.#line.show(`${this.#done} of ${this.#targets} targets judged`);
  }

  /** To be called before the report. */
  end(): void {
    this.#line.clear();
    if (this.#earlier > 0)
      this.#context.err(
        `conform: ${this.#earlier} of ${this.#targets} targets were judged by an earlier run\n`,
      );
  }
}
