/**
 * Reports the events of a campaign: to the terminal, the folder of findings, the state file and the corpus. At the end it
 * makes the records from which the reports and the exit status follow.
 */

import { mkdir } from 'node:fs/promises';
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
import { tryWrite } from '../core/output-files.ts';
import { replaceFile } from '../core/replace-file.ts';
import { NOT_OWNED } from '../options/address.ts';
import { colorsFor, replacesLines } from '../terminal/colors.ts';
import type { Outputs } from '../terminal/outputs.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { writeCorpus } from './corpus.ts';
import { findingLines, statusLine, tableLines } from './lines.ts';
import { type ReportContext, recordsOf } from './records.ts';
import { saveState } from './state.ts';
import { unreachableLines } from './target.ts';

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
  readonly #isLive: boolean;
  readonly #line: ProgressLine;
  readonly #forget: () => void;
  #last: Progress | undefined;
  #shownAt = 0;
  #savedAt = 0;
  /** Whether the state file could be written. The first failure is the only one that is reported. */
  #savesState = true;

  constructor(options: ReportOptions, campaign: ReportContext, outputs: Outputs, context: Context) {
    this.#options = options;
    this.#campaign = campaign;
    this.#outputs = outputs;
    this.#context = context;
    this.#isLive = replacesLines(context);
    this.#line = new ProgressLine(context.out, this.#isLive);
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
        throw new UsageError(NOT_OWNED);
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
      case 'unanswered':
        this.#context.err(unreachableLines(event));
        return this.#finish(event);
      case 'end':
        await this.#save(event.progress, 0);
        await this.#saveCorpus(event.progress);
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
    const isLive = this.#isLive;
    if (progress.elapsedMs - this.#shownAt < (isLive ? LIVE_PROGRESS_MS : LOG_PROGRESS_MS)) return;
    this.#shownAt = progress.elapsedMs;
    const line = statusLine(progress, this.#options.timeMs);
    if (isLive) this.#line.show(line);
    else this.#context.out(`${line}\n`);
  }

  /** Writes the state file, if there is one and its last write is `intervalMs` ago. */
  async #save(progress: Progress, intervalMs: number): Promise<void> {
    const { resume } = this.#options;
    if (resume === undefined || !this.#savesState || progress.elapsedMs - this.#savedAt < intervalMs) return;
    this.#savedAt = progress.elapsedMs;
    this.#savesState = await this.#write(resume, () => saveState(resume, progress.state()));
  }

  async #saveCorpus({ corpus }: Progress): Promise<void> {
    const folder = this.#options.corpus;
    if (folder !== undefined) await this.#write(folder, () => writeCorpus(folder, corpus));
  }

  /** Runs a write. A failure is one line, and the campaign continues. Whether it succeeded. */
  #write(path: string, write: () => Promise<void>): Promise<boolean> {
    const err = (text: string): void => {
      this.#line.clear();
      this.#context.err(text);
    };
    return tryWrite(path, { ...this.#context, err }, write);
  }

  async #keep(finding: Finding): Promise<void> {
    const { findings } = this.#options;
    for (const [name, content] of findingFiles(finding)) {
      const file = join(findings, name);
      const isWritten = await this.#write(file, async () => {
        await mkdir(findings, { recursive: true });
        await replaceFile(file, content);
      });
      if (!isWritten) break;
    }
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
