/**
 * What a campaign tells, as it goes: to the terminal, into the folder of findings, the state file and the corpus; and at its
 * end as records, from which every report is made and the exit status follows.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExitStatus, printable, summariseRecords } from '../../conformance/index.ts';
import type { CampaignEvent, EndReason, Progress } from '../../fuzz/campaign/types.ts';
import type { Finding } from '../../fuzz/triage/finding.ts';
import { filesOf } from '../../fuzz/triage/finding-files.ts';
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
  readonly timeMs: number | undefined;
  /** A folder that what showed something new is added to. */
  readonly corpus: string | undefined;
  /** The state file. */
  readonly resume: string | undefined;
  /** The folder of findings. */
  readonly findings: string;
}

/** A line of progress in a log that nobody monitors. */
const PLAIN_PROGRESS_MS = 10_000;
const LIVE_PROGRESS_MS = 200;
const STATE_MS = 1000;

export class FuzzReporter {
  readonly #options: ReportOptions;
  readonly #about: ReportContext;
  readonly #outputs: Outputs;
  readonly #io: Context;
  readonly #line: ProgressLine;
  #shownAt = 0;
  #savedAt = 0;

  constructor(options: ReportOptions, about: ReportContext, outputs: Outputs, io: Context) {
    this.#options = options;
    this.#about = about;
    this.#outputs = outputs;
    this.#io = io;
    this.#line = new ProgressLine(io.out, io.isTerminal);
  }

  /** Tells it. Returns the exit status behind the last event. Throws a UsageError for a target that is not to be fuzzed. */
  async take(event: CampaignEvent): Promise<ExitStatus | undefined> {
    switch (event.kind) {
      case 'start':
        this.#io.out(`fuzzing ${this.#about.name} on ${this.#about.address}, seed ${this.#about.seed}\n`);
        return undefined;
      case 'not-loopback':
        throw new UsageError(NOT_LOOPBACK);
      case 'progress':
        this.#show(event.progress);
        await this.#save(event.progress, STATE_MS);
        return undefined;
      case 'candidate': {
        const at = (event.progress.elapsedMs / 1000).toFixed(1);
        this.#line.clear();
        this.#io.out(
          `looking into ${event.bytes} bytes, thrown at ${at} s: ${printable(event.detail, 300)}\n`,
        );
        return undefined;
      }
      case 'finding':
        await this.#keep(event.finding);
        return undefined;
      case 'unreachable':
        this.#io.err(unreachableLine(event));
        return this.#report(event);
      case 'end':
        await this.#save(event.progress, 0);
        if (this.#options.corpus !== undefined)
          await writeCorpus(this.#options.corpus, event.progress.corpus);
        this.#close(event.because, event.progress);
        return this.#report(event);
    }
  }

  #report(event: Parameters<typeof recordsOf>[0]): ExitStatus {
    const records = recordsOf(event, this.#about);
    for (const record of records) this.#outputs.take(record);
    this.#outputs.end();
    return summariseRecords(records).exitStatus;
  }

  #show(progress: Progress): void {
    const { isTerminal, out } = this.#io;
    if (progress.elapsedMs - this.#shownAt < (isTerminal ? LIVE_PROGRESS_MS : PLAIN_PROGRESS_MS)) return;
    this.#shownAt = progress.elapsedMs;
    const line = statusLine(progress, this.#options.timeMs);
    if (isTerminal) this.#line.show(line);
    else out(`${line}\n`);
  }

  /** Writes the state file, if one is wanted and the last is so many milliseconds old. */
  async #save(progress: Progress, afterMs: number): Promise<void> {
    const { resume } = this.#options;
    if (resume === undefined || progress.elapsedMs - this.#savedAt < afterMs) return;
    this.#savedAt = progress.elapsedMs;
    await saveState(resume, progress.state());
  }

  async #keep(finding: Finding): Promise<void> {
    const { findings } = this.#options;
    await mkdir(findings, { recursive: true });
    for (const [name, content] of filesOf(finding)) await writeFile(join(findings, name), content);
    this.#line.clear();
    const again = this.#about.replayLineOf(finding);
    this.#io.out(`${findingLines(finding, colorsFor(this.#io), again).join('\n')}\n`);
  }

  #close(because: EndReason, progress: Progress): void {
    this.#line.clear();
    const { out } = this.#io;
    const { stats, elapsedMs, findings, restarts, occurrences } = progress;
    out(`${tableLines(progress, colorsFor(this.#io)).join('\n')}\n\n`);
    for (const { id, clause } of findings)
      out(`finding ${id} (${clause}), met ${occurrences[id] ?? 0} times\n`);
    const revived = restarts > 0 ? `, target started again ${restarts} times` : '';
    const skipped = stats.skipped > 0 ? `, ${stats.skipped} held back` : '';
    const shared = stats.shared > 0 ? `, ${stats.shared} of them on connections with others` : '';
    out(`base lane: ${stats.baseCases} cases, digest ${stats.digest.padStart(16, '0')}\n`);
    out(
      `${statusLine(progress, undefined)}${shared}, in ${(elapsedMs / 1000).toFixed(1)} s${revived}${skipped} ` +
        `(${END_WORDS[because]}, seed ${this.#about.seed})\n`,
    );
  }
}

const END_WORDS: Readonly<Record<EndReason, string>> = {
  runs: 'all cases thrown',
  time: 'time is up',
  findings: 'enough findings',
  interrupted: 'interrupted',
  'target-lost': 'the target is gone and does not come back',
  'against-lost': 'what the target is compared with is gone',
};
