/**
 * Reports the events of a campaign: to the terminal, the folder of findings, the state file and the corpus. At the end it
 * makes the records from which the reports and the exit status follow.
 */

import { performance } from 'node:perf_hooks';
import { type ExitStatus, printable, summariseRecords } from '../../conformance/index.ts';
import { atExit } from '../../conformance/util/at-exit.ts';
import { counted } from '../../conformance/util/counted.ts';
import type {
  CampaignAbout,
  CampaignEvent,
  CampaignState,
  Case,
  Finding,
  Progress,
} from '../../fuzz/index.ts';
import type { Context } from '../core/context.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { tryWrite } from '../core/output-files.ts';
import { NOT_OWNED } from '../options/address.ts';
import { colorsFor, replacesLines } from '../terminal/colors.ts';
import type { Outputs } from '../terminal/outputs.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { CorpusFolder } from './corpus/corpus-folder.ts';
import type { FindingFolder } from './finding-folder.ts';
import { beginLine, endLines, findingLines, outcomeLine, statusLine, tableLines } from './lines.ts';
import type { CampaignSettings } from './options.ts';
import { idOf, type ReportContext, recordsOf } from './records.ts';
import { saveState } from './state.ts';
import { unreachableLines } from './target.ts';
import { TimelineRecorder } from './timeline.ts';

export interface ReportOptions {
  /** The duration of the campaign; undefined: no limit. */
  readonly timeMs: number | undefined;
  /** The folder that the corpus is written into, and the names of the files that were read from it. */
  readonly corpus: CampaignSettings['corpusFolder'];
  /** The state file. */
  readonly resume: string | undefined;
  readonly findings: FindingFolder;
  /** The earlier campaign that this one continues. */
  readonly saved: CampaignState | undefined;
  /** Whether the end lists the cases of each mutation and each signature. */
  readonly isVerbose: boolean;
}

/** Between two lines of progress: in a log, and on a terminal, where each replaces the last. */
const LOG_PROGRESS_MS = 10_000;
const LIVE_PROGRESS_MS = 200;
/** Between two writes of the state file, and of the corpus. */
const STATE_MS = 1000;
/** Between two looks at what other campaigns have added to the corpus. */
const ADOPT_MS = 1000;

export class FuzzReporter {
  readonly #options: ReportOptions;
  readonly #campaign: ReportContext;
  readonly #outputs: Outputs;
  readonly #context: Context;
  readonly #line: ProgressLine;
  readonly #forget: () => void;
  readonly #corpus: CorpusFolder | undefined;
  readonly #timeline: TimelineRecorder;
  #last: Progress | undefined;
  #savedAt = 0;
  #adoptedAt = 0;
  /** Whether it was reported that the corpus cannot be read. */
  #unreadable = false;
  /** The files and folders whose failure was reported. */
  readonly #unwritable = new Set<string>();

  constructor(options: ReportOptions, campaign: ReportContext, outputs: Outputs, context: Context) {
    this.#options = options;
    this.#campaign = campaign;
    this.#outputs = outputs;
    this.#context = context;
    this.#line = new ProgressLine(context.out, replacesLines(context), {
      logMs: LOG_PROGRESS_MS,
      terminalMs: LIVE_PROGRESS_MS,
    });
    this.#timeline = new TimelineRecorder(options.saved);
    const { corpus, saved } = options;
    const shown = (saved?.corpus ?? []).map(([signature]) => signature);
    this.#corpus = corpus && new CorpusFolder(corpus.path, corpus.names, shown);
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
        this.#context.out(beginLine(this.#campaign));
        // The folder may be another one, or the earlier campaign may have been killed before it wrote them.
        for (const finding of this.#options.saved?.findings ?? [])
          await this.#options.findings.keep(finding, this.#note);
        return undefined;
      case 'not-loopback':
        throw new UsageError(NOT_OWNED);
      case 'interrupted':
        return this.#finish(event);
      case 'progress':
        this.#last = event.progress;
        this.#timeline.take(event.progress);
        this.#line.show(statusLine(event.progress, this.#options.timeMs));
        await this.#save(event.progress, STATE_MS);
        return undefined;
      case 'candidate': {
        this.#timeline.take(event.progress);
        const at = (event.progress.elapsedMs / 1000).toFixed(1);
        this.#line.clear();
        this.#context.out(
          `investigating a case of ${counted(event.bytes, 'byte')}, found after ${at} s: ${printable(event.detail, 300)}\n`,
        );
        return undefined;
      }
      case 'investigated':
        this.#line.clear();
        this.#context.out(`  ${outcomeLine(event)}\n`);
        return undefined;
      case 'finding':
        await this.#keep(event.finding);
        return undefined;
      case 'unreachable':
      case 'unanswered':
        this.#context.err(unreachableLines(event));
        return this.#finish(event);
      case 'out-of-time':
        this.#context.err('conform: --time was over before the target was measured, so no case was sent\n');
        return this.#finish(event);
      case 'end':
        this.#timeline.take(event.progress);
        await this.#save(event.progress, 0);
        this.#close(event);
        return this.#finish(event);
    }
  }

  /** The cases that other campaigns have added to the corpus, at most once a second. Without a folder there are none. */
  async adopt(): Promise<readonly Case[]> {
    const { corpus } = this.#options;
    const now = performance.now();
    if (this.#corpus === undefined || corpus === undefined || now - this.#adoptedAt < ADOPT_MS) return [];
    this.#adoptedAt = now;
    try {
      return await this.#corpus.adopt();
    } catch (error) {
      const line = `conform: cannot read ${printable(corpus.path)} (${codeOf(error)}); the campaign continues without it\n`;
      // What stands in place of the folder is named when the corpus cannot be written.
      if (!this.#unreadable && codeOf(error) !== 'ENOTDIR') this.#note(line);
      this.#unreadable = true;
      return [];
    }
  }

  /** Whether a report is incomplete or missing. Call it after the last event. */
  get isReportLost(): boolean {
    return this.#outputs.isLost;
  }

  #finish(event: Parameters<typeof recordsOf>[0]): ExitStatus {
    this.#forget();
    const records = recordsOf(event, this.#campaign, this.#timeline.timeline);
    for (const record of records) this.#outputs.take(record);
    this.#outputs.end();
    return summariseRecords(records).exitStatus;
  }

  /** Writes the state file and the corpus, if the last write is `intervalMs` ago. */
  async #save(progress: Progress, intervalMs: number): Promise<void> {
    if (progress.elapsedMs - this.#savedAt < intervalMs) return;
    this.#savedAt = progress.elapsedMs;
    const { resume, corpus } = this.#options;
    if (resume !== undefined)
      await this.#write(resume, () => saveState(resume, { ...progress.state(), about: this.#about() }));
    if (corpus !== undefined)
      await this.#write(corpus.path, async () => this.#corpus?.write(progress.corpus));
  }

  #about(): CampaignAbout {
    const { kit, startedAt, name, address, replay, jobs, observes } = this.#campaign;
    return { kit, startedAt, target: { name, address, replay }, jobs, observes };
  }

  /** Runs a write. The first failure for a path is one line, and the campaign continues; later writes try again. */
  async #write(path: string, write: () => Promise<void>): Promise<void> {
    const err = this.#unwritable.has(path) ? () => {} : this.#note;
    if (!(await tryWrite(path, { ...this.#context, err }, write))) this.#unwritable.add(path);
  }

  readonly #note = (text: string): void => {
    this.#line.clear();
    this.#context.err(text);
  };

  async #keep(finding: Finding): Promise<void> {
    this.#timeline.found(idOf(finding));
    await this.#options.findings.keep(finding, this.#note);
    this.#line.clear();
    const again = this.#campaign.replayLineOf(finding);
    this.#context.out(`${findingLines(finding, colorsFor(this.#context), again).join('\n')}\n`);
  }

  #close(event: Extract<CampaignEvent, { kind: 'end' }>): void {
    this.#line.clear();
    const { out, err } = this.#context;
    const colors = colorsFor(this.#context);
    if (this.#options.isVerbose) out(`${tableLines(event.progress, colors).join('\n')}\n\n`);
    out(`${endLines(event, this.#campaign.seed).join('\n')}\n`);
    if (event.detail !== undefined) err(`conform: the target could not be started again: ${event.detail}\n`);
  }
}
