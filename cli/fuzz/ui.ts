/** Shows a campaign in a browser while it runs: its events → the records of its report → the page. */

import { randomBytes } from 'node:crypto';
import type { ReportRecord } from '../../conformance/index.ts';
import { livePage } from '../../conformance/reporters/html/page.ts';
import { counted } from '../../conformance/util/counted.ts';
import type { CampaignEvent, Finding, Progress } from '../../fuzz/index.ts';
import { UsageError } from '../core/errors.ts';
import { statusLine } from './lines.ts';
import { uiPort } from './options.ts';
import { idOf, type ReportContext, recordsOf } from './records.ts';
import { TimelineRecorder } from './timeline.ts';
import { serveUi, type UiServer } from './ui-server.ts';

export interface UiOptions {
  /** The port, as `--ui` gives it; empty: a free one. */
  readonly port: string;
  /** The duration of the campaign; undefined: no limit. */
  readonly timeMs: number | undefined;
  /** The earlier campaign that this one continues. */
  readonly saved: ConstructorParameters<typeof TimelineRecorder>[0];
}

/** The page of a campaign. */
export class CampaignUi {
  readonly #campaign: ReportContext;
  readonly #options: UiOptions;
  readonly #live = livePage();
  readonly #timeline: TimelineRecorder;
  #server: UiServer | undefined;
  #progress: Progress | undefined;
  /** Findings that came after the last progress. */
  #findings: readonly Finding[] = [];
  #status = 'the target is measured';

  /** Begins to listen. Throws a UsageError if the port cannot be used. */
  static async open(options: UiOptions, campaign: ReportContext): Promise<CampaignUi> {
    const port = uiPort(options.port);
    const ui = new CampaignUi(options, campaign);
    const served = {
      policy: ui.#live.policy,
      page: () => ui.#live.page(ui.#records(), ui.#status),
      body: () => ui.#live.body(ui.#records(), ui.#status),
    };
    try {
      ui.#server = await serveUi(port, randomBytes(16).toString('base64url'), served);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UsageError(`--ui ${options.port}: the port cannot be used: ${code ?? message}`);
    }
    return ui;
  }

  private constructor(options: UiOptions, campaign: ReportContext) {
    this.#options = options;
    this.#campaign = campaign;
    this.#timeline = new TimelineRecorder(options.saved);
  }

  /** The address of the page. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Takes an event. After the last one, the page gets the final report, and the server ends. */
  async take(event: CampaignEvent): Promise<void> {
    switch (event.kind) {
      case 'start':
      case 'not-loopback':
      case 'investigated':
        return;
      case 'progress':
        this.#take(event.progress);
        this.#status = statusLine(event.progress, this.#options.timeMs);
        this.#server?.publish();
        return;
      case 'candidate':
        this.#take(event.progress);
        this.#status = `investigating a case of ${counted(event.bytes, 'byte')}: ${event.detail}`;
        this.#server?.publish();
        return;
      case 'finding':
        this.#findings = [...this.#findings, event.finding];
        this.#timeline.found(idOf(event.finding));
        this.#server?.publish();
        return;
      case 'end':
        this.#take(event.progress);
        await this.#close(recordsOf(event, this.#campaign, this.#timeline.timeline));
        return;
      default:
        await this.#close(recordsOf(event, this.#campaign, this.#timeline.timeline));
    }
  }

  /** Ends the server of a campaign that failed. */
  async close(): Promise<void> {
    await this.#close(this.#records());
  }

  #take(progress: Progress): void {
    this.#progress = progress;
    this.#findings = [];
    this.#timeline.take(progress);
  }

  async #close(records: readonly ReportRecord[]): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close(this.#live.last(records));
  }

  /** As if the campaign ended now. */
  #records(): readonly ReportRecord[] {
    const timeline = this.#timeline.timeline;
    const progress = this.#progress;
    if (progress === undefined) return recordsOf({ kind: 'interrupted' }, this.#campaign, timeline);
    const late = this.#findings.filter(({ id }) => !progress.findings.some((finding) => finding.id === id));
    const now = { ...progress, findings: [...progress.findings, ...late] };
    return recordsOf({ kind: 'end', because: 'runs', progress: now }, this.#campaign, timeline);
  }
}
