/**
 * Reports the events of a campaign: to the terminal, the folder of findings, the state file and the corpus. At the end it
 * makes the records from which the reports and the exit status follow.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExitStatus, printable, summariseRecords } from '../../conformance/index.ts';
import { atExit } from '../../conformance/util/at-exit.ts';
import {
  type CampaignEvent,
  type EndReason,
  type Finding,
  findingFiles,
  type Progress,
} from '../../fuzz/index.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';
import type { Outputs } from '../terminal/outputs.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { writeCorpus } from './corpus.ts';
import { findingLines, statusLine, tableLines } from './lines.ts';
import { type ReportContext, recordsOf } from './records.ts';
import { saveState } from './state.ts';
import { NOT_LOOPBACK, unreachableLine } from './target.ts';

export interface ReportOptions {
  /** The duration of the campaign; undefined: no limit. */
  readonly timeMs: number | undefined;
  /** The folder that the corpus is written into. */
  readonly corpus: string | undefined;
  /** The state file. */
  readonly resume: string | undefined;
  /** The folder of findings. */
  readonly findings: string;
}

/** Between two lines of progress: in a log, and on a terminal, where each replaces the last. */
const LOG_PROGRESS_MS = 10_000;
const LIVE_PROGRESS_MS = 200;
/** Between two writes of the state file. */
const STATE_MS = 1000;

export class FuzzReporter {
  readonly #options: ReportOptions;
  readonly #campaign: ReportContext;
  readonly #outputs: Outputs;
  readonly #context: Context;
  readonly #line: ProgressLine;
  readonly #forget: () => void;
  #last: Progress | undefined;
  #shownAt = 0;
  #savedAt = 0;

  constructor(options: ReportOptions, campaign: ReportContext, outputs: Outputs, context: Context) {
    this.#options = options;
    this.#campaign = campaign;
    this.#outputs = outputs;
    this.#context = context;
    this.#line = new ProgressLine(context.out, context.isTerminal);
    // If the process ends at once, the reports say what the campaign had found by its last batch.
    this.#forget = atExit(() => {
      if (context.interrupted.aborted)
        this.#finish(
          this.#last === undefined
            ? { kind: 'interrupted' }
            : { kind: 'end', because: 'interrupted', progress: this.#last },
        );
    });
  }

  /** Reports an event. Returns the exit status for the last one. Throws a UsageError for a target on another machine. */
  async take(event: CampaignEvent): Promise<ExitStatus | undefined> {
    switch (event.kind) {
      case 'start':
        this.#context.out(
          `fuzzing ${this.#campaign.name} on ${this.#campaign.address}, seed ${this.#campaign.seed}\n`,
        );
        return undefined;
      case 'not-loopback':
        throw new UsageError(NOT_LOOPBACK);
      case 'interrupted':
        return this.#finish(event);
      case 'progress':
        this.#last = event.progress;
        this.#show(event.progress);
        await this.#save(event.progress, STATE_MS);
        return undefined;
      case 'candidate': {
        const at = (event.progress.elapsedMs / 1000).toFixed(1);
        this.#line.clear();
        this.#context.out(
          `investigating a case of ${event.bytes} bytes, found after ${at} s: ${printable(event.detail, 300)}\n`,
        );
        return undefined;
      }
      case 'finding':
        await this.#keep(event.finding);
        return undefined;
      case 'unreachable':
        this.#context.err(unreachableLine(event));
        return this.#finish(event);
      case 'end':
        await this.#save(event.progress, 0);
        if (this.#options.corpus !== undefined)
          await writeCorpus(this.#options.corpus, event.progress.corpus);
        this.#close(event);
        return this.#finish(event);
    }
  }

  #finish(event: Parameters<typeof recordsOf>[0]): ExitStatus {
    this.#forget();
    const records = recordsOf(event, this.#campaign);
    for (const record of records) this.#outputs.take(record);
    this.#outputs.end();
    return summariseRecords(records).exitStatus;
  }

  #show(progress: Progress): void {
    const { isTerminal, out } = this.#context;
    if (progress.elapsedMs - this.#shownAt < (isTerminal ? LIVE_PROGRESS_MS : LOG_PROGRESS_MS)) return;
    this.#shownAt = progress.elapsedMs;
    const line = statusLine(progress, this.#options.timeMs);
    if (isTerminal) this.#line.show(line);
    else out(`${line}\n`);
  }

  /** Writes the state file, if there is one and its last write is `intervalMs` ago. */
  async #save(progress: Progress, intervalMs: number): Promise<void> {
    const { resume } = this.#options;
    if (resume === undefined || progress.elapsedMs - this.#savedAt < intervalMs) return;
    this.#savedAt = progress.elapsedMs;
    await saveState(resume, progress.state());
  }

  async #keep(finding: Finding): Promise<void> {
    const { findings } = this.#options;
    await mkdir(findings, { recursive: true });
    for (const [name, content] of findingFiles(finding)) await writeFile(join(findings, name), content);
    this.#line.clear();
    const again = this.#campaign.replayLineOf(finding);
    this.#context.out(`${findingLines(finding, colorsFor(this.#context), again).join('\n')}\n`);
  }

  #close({ because, detail, progress }: Extract<CampaignEvent, { kind: 'end' }>): void {
    this.#line.clear();
    const { out } = this.#context;
    const { stats, elapsedMs, findings, restarts, occurrences } = progress;
    out(`${tableLines(progress, colorsFor(this.#context)).join('\n')}\n\n`);
    for (const { id, clause } of findings)
      out(`finding ${id} (${clause}), ${occurrences[id] ?? 0} occurrences\n`);
    const restarted = restarts > 0 ? `, target restarted ${restarts} times` : '';
    const skipped = stats.skipped > 0 ? `, ${stats.skipped} skipped` : '';
    const shared = stats.shared > 0 ? `, ${stats.shared} on shared connections` : '';
    out(`base lane: ${stats.baseCases} cases, digest ${stats.digest.padStart(16, '0')}\n`);
    out(
      `${statusLine(progress, undefined)}${shared}, in ${(elapsedMs / 1000).toFixed(1)} s${restarted}${skipped} ` +
        `(${END_WORDS[because]}, seed ${this.#campaign.seed})\n`,
    );
    if (detail !== undefined)
      this.#context.err(`conform: the target could not be started again: ${detail}\n`);
  }
}

const END_WORDS: Readonly<Record<EndReason, string>> = {
  runs: 'all cases sent',
  time: 'time limit reached',
  findings: 'limit of findings reached',
  interrupted: 'interrupted',
  'target-lost': 'the target stopped and does not come back',
  'against-lost': 'the implementation that --against names stopped',
};
