/** What becomes of the targets that were judged: the reports about all of them, the progress, and the exit status. */

import { performance } from 'node:perf_hooks';
import type { ReportRecord } from '../../conformance/index.ts';
import {
  EXIT,
  type ExitStatus,
  type RunStatus,
  statusOfRuns,
  worst,
} from '../../conformance/report/exit-status.ts';
import type { Context } from '../core/context.ts';
import { reportLost } from '../core/output-files.ts';
import { Outputs, type Reporter } from '../terminal/outputs.ts';
import { Progress } from './progress.ts';

/** The part of the kit that is loaded only when something is judged. */
type Summing = Pick<typeof import('../../conformance/index.ts'), 'summariseRecords'>;

export class Results {
  readonly #context: Context;
  readonly #summing: Summing;
  readonly #outputs: Outputs;
  readonly #progress: Progress;
  readonly #targets: number;
  readonly #judged: RunStatus[] = [];
  #isLost = false;

  /** `targets`: how many there are. Throws a UsageError for a report that cannot be written. */
  static async open(
    reporters: readonly Reporter[],
    style: { readonly all: boolean; readonly trace: boolean },
    targets: number,
    context: Context,
  ): Promise<Results> {
    const { summariseRecords } = await import('../../conformance/index.ts');
    const began = performance.now();
    const { all, trace } = style;
    const outputs = new Outputs(
      reporters,
      { all, trace, elapsedMs: () => performance.now() - began },
      context,
    );
    return new Results(outputs, { summariseRecords }, targets, context);
  }

  private constructor(outputs: Outputs, summing: Summing, targets: number, context: Context) {
    this.#outputs = outputs;
    this.#summing = summing;
    this.#targets = targets;
    this.#context = context;
    this.#progress = new Progress(targets, context);
  }

  /** The records of a target that was judged, by this run if `isNew`. `isWritten`: whether its report could be written. */
  take(name: string, records: readonly ReportRecord[], isNew: boolean, isWritten = true): void {
    // At once, so that the records of two targets do not mix.
    for (const record of records) this.#outputs.take(record);
    const { exitStatus, reason } = this.#summing.summariseRecords(records);
    this.#judged.push({ exitStatus });
    if (!isWritten) this.#isLost = true;
    this.#progress.judged(name, exitStatus, reason, isNew);
  }

  /** Writes the reports about all targets. */
  end(): void {
    this.#progress.end();
    this.#outputs.end();
    const left = this.#targets - this.#judged.length;
    if (left > 0)
      this.#context.err(
        `conform: ${left} of ${this.#targets} targets are not judged yet; the same command continues\n`,
      );
  }

  /** To be called after `end`. */
  status(): ExitStatus {
    const statuses = [statusOfRuns(this.#judged)];
    if (this.#judged.length < this.#targets) statuses.push(EXIT.interrupted);
    if (this.#outputs.isLost || this.#isLost) statuses.push(reportLost(this.#context));
    return worst(statuses);
  }
}
