/** How far a run against many targets is: on a terminal a line that changes, in a log a line now and then. */

import { performance } from 'node:perf_hooks';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { colorsFor, replacesLines } from '../terminal/colors.ts';
import { ProgressLine } from '../terminal/progress.ts';

/** The least time between two lines of a log, in milliseconds. */
const LOG_APART_MS = 30_000;

export class Progress {
  readonly #targets: number;
  readonly #context: Context;
  readonly #line: ProgressLine;
  #done = 0;
  #earlier = 0;
  #loggedAt = performance.now();

  constructor(targets: number, context: Context) {
    this.#targets = targets;
    this.#context = context;
    this.#line = new ProgressLine(context.err, replacesLines(context));
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
    this.#line.show(this.#text());
    if (replacesLines(this.#context) || performance.now() - this.#loggedAt < LOG_APART_MS) return;
    this.#loggedAt = performance.now();
    this.#context.err(`conform: ${this.#text()}\n`);
  }

  /** To be called before the report. */
  end(): void {
    this.#line.clear();
    if (this.#earlier > 0)
      this.#context.err(
        `conform: ${this.#earlier} of ${this.#targets} targets were judged by an earlier run\n`,
      );
  }

  #text(): string {
    return `${this.#done} of ${this.#targets} targets judged`;
  }
}
