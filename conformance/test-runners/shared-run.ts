/** One run for all tests of a suite: it begins when the first test asks for a verdict, and each test gets the record of its scenario. */

import type { KnownFailureList } from '../report/known-failures.ts';
import type { Filters, PlanRecord, ReportRecord, ScenarioRecord } from '../report/record.ts';
import { Recorder } from '../report/recorder.ts';
import { type RunOptions, run } from '../run/runner.ts';
import type { Lack } from '../scenario/lacks.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { OpenTarget } from './target.ts';

/** What a run needs, and what its records say of it. */
export interface SharedRunOptions {
  readonly run: Omit<RunOptions, 'target' | 'signal' | 'selected'>;
  readonly selected: (scenario: Scenario) => boolean;
  readonly open: (signal: AbortSignal) => Promise<OpenTarget>;
  /** Milliseconds since any moment in the past. */
  readonly nowMs: () => number;
  /** RFC 3339, in UTC, of the moment at which it is called. */
  readonly startedAt: () => string;
  /** The version of the kit. */
  readonly kit: string;
  readonly strict: boolean;
  readonly filters: Filters;
  readonly require: readonly Lack[] | undefined;
  readonly maxSkipped: number | undefined;
  readonly knownFailures: KnownFailureList | undefined;
}

/** The verdict on a scenario, with the plan of the run. */
export interface Judged {
  readonly plan: PlanRecord;
  readonly record: ScenarioRecord;
}

export class SharedRun {
  readonly #options: SharedRunOptions;
  readonly #stopping = new AbortController();
  readonly #records: ReportRecord[] = [];
  readonly #judged = new Map<string, Judged>();
  readonly #awaited = new Map<string, () => void>();
  #plan: PlanRecord | undefined;
  #run: Promise<void> | undefined;

  constructor(options: SharedRunOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the scenario is judged; with undefined when the run has ended without that. Rejects when the target cannot be
   * started or observed.
   */
  async judged(id: string): Promise<Judged | undefined> {
    const ended = this.#started();
    if (!this.#judged.has(id))
      await Promise.race([ended, new Promise<void>((resolve) => this.#awaited.set(id, resolve))]);
    return this.#judged.get(id);
  }

  /** The records of the whole run, once it has ended and the target is closed. Rejects as `judged` does. */
  async records(): Promise<readonly ReportRecord[]> {
    await this.#started();
    return this.#records;
  }

  /** Ends a run that has begun, and the target that it started. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    // The tests have this error.
    await this.#run?.catch(() => {});
  }

  #started(): Promise<void> {
    this.#run ??= this.#toEnd();
    return this.#run;
  }

  async #toEnd(): Promise<void> {
    const { run: runOptions, selected, open, nowMs, startedAt, ...provenance } = this.#options;
    const { signal } = this.#stopping;
    const beganMs = nowMs();
    const target = await open(signal);
    try {
      const recorder = new Recorder({
        ...provenance,
        startedAt: startedAt(),
        elapsedMs: () => Math.round(nowMs() - beganMs),
        name: target.name,
        replay: target.replay,
      });
      for await (const event of run({ ...runOptions, ...target.options, selected, signal }))
        for (const record of recorder.take(event)) this.#take(record);
      this.#settleProvisional();
    } finally {
      await target.close();
    }
  }

  #take(record: ReportRecord): void {
    this.#records.push(record);
    if (record.record === 'plan') this.#plan = record;
    if (record.record === 'scenario' && !('provisional' in record)) this.#settle(record);
  }

  /** A first failure that a run does not come to repeat counts. */
  #settleProvisional(): void {
    for (const record of this.#records)
      if (record.record === 'scenario' && !this.#judged.has(record.id)) this.#settle(record);
  }

  #settle(record: ScenarioRecord): void {
    if (this.#plan === undefined) return;
    this.#judged.set(record.id, { plan: this.#plan, record });
    this.#awaited.get(record.id)?.();
  }
}
