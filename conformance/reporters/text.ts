/**
 * The report for a terminal or a log: a head, live progress or plain lines, every finding explained, a table and one
 * closing line. Fed with events; writes strings and nothing else.
 */

import { annotate } from '../annotate.ts';
import type { RunEvent, ScenarioResult } from '../events.ts';
import { printable } from '../printable.ts';
import type { Level } from '../scenario.ts';
import { type Summary, type SummaryOptions, summarise } from '../summary.ts';

/** Styles by meaning; each returns its text, coloured or not. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export interface TextReporterOptions extends SummaryOptions {
  readonly write: (text: string) => void;
  readonly palette: Palette;
  /** True for a terminal: one line that is rewritten, instead of a line a scenario. */
  readonly live: boolean;
  /** The options that name the target, as they stand on the command line of a replay; empty for the embedded one. */
  readonly replay: string;
  /** Show the wire log of every scenario, not only of the failed ones. Default false. */
  readonly trace?: boolean;
}

const LEVELS: readonly Level[] = ['MUST', 'SHOULD', 'MAY'];
const ERASE_LINE = '\r\x1b[2K';

export class TextReporter {
  readonly #options: TextReporterOptions;
  readonly #events: RunEvent[] = [];
  #done = 0;
  #planned = 0;

  constructor(options: TextReporterOptions) {
    this.#options = options;
  }

  /** Takes the next event of a run. */
  take(event: RunEvent): void {
    this.#events.push(event);
    if (event.kind === 'plan') this.#head(event);
    else if (event.kind === 'result') this.#progress(event.result);
  }

  /** Writes what follows the last event: findings, table, closing line. Also right after an interruption. */
  finish(): Summary {
    const summary = summarise(this.#events, this.#options);
    const { write, palette, live } = this.#options;
    if (live) write(ERASE_LINE);
    const results = this.#resultsInOrder();
    for (const result of results) this.#explain(result);
    this.#skipped(results);
    if (this.#planned > 0) this.#table(summary);
    const colour = summary.exitStatus === 0 ? palette.good : palette.bad;
    write(`${colour(palette.bold(summary.verdict))}: ${summary.reason} (exit ${summary.exitStatus})\n`);
    return summary;
  }

  #head(plan: Extract<RunEvent, { kind: 'plan' }>): void {
    const { write, palette } = this.#options;
    const { target, profile, store, deadlines, planned, controls, cost, jobs, seed } = plan;
    this.#planned = planned.length + controls.length;
    const traits = profile.answers
      ? [
          profile.policy === 'unknown' ? 'answers a legal SUBMIT' : `${profile.policy} a legal SUBMIT`,
          `in ${profile.latencyMs} ms`,
          `by a frame of type ${profile.answerType}`,
          profile.keepsOpen ? 'keeps the connection open' : 'closes after the answer',
          ...(profile.isConcurrent ? [] : ['serves one connection after another']),
        ]
      : ['does not answer a legal SUBMIT'];
    const extra = controls.length > 0 ? `, and ${controls.length} more as controls` : '';
    const count = planned.length === 1 ? '1 scenario' : `${planned.length} scenarios`;
    write(`${palette.bold(count)} against ${printable(target.host)}:${target.port}${extra}\n`);
    write(palette.dim(`target: ${traits.join(', ')}\n`));
    if (store)
      write(
        palette.dim(
          `store: an accepted task was ${store.received}, one that was put into it ${store.planted}\n`,
        ),
      );
    const run = [
      `${cost.connections} connections and ${(cost.bytes / 1e6).toFixed(1)} MB`,
      `answers are awaited for ${deadlines.answerMs} ms, silence for ${deadlines.quietMs} ms`,
      ...(jobs > 1 ? [`${jobs} scenarios at a time`] : []),
      ...(seed === undefined ? [] : [`seed ${seed}`]),
    ];
    write(palette.dim(`run: ${run.join(', ')}\n\n`));
  }

  /** In the order of the plan, which is not the order in which they came to an end. */
  #resultsInOrder(): ScenarioResult[] {
    const ids = this.#events.flatMap((event) =>
      event.kind === 'plan' ? [...event.planned, ...event.controls] : [],
    );
    const places = new Map(ids.map((id, place) => [id, place]));
    const placeOf = ({ scenario }: ScenarioResult): number => places.get(scenario.id) ?? -1;
    return this.#events
      .flatMap((event) => (event.kind === 'result' ? [event.result] : []))
      .sort((a, b) => placeOf(a) - placeOf(b));
  }

  #progress(result: ScenarioResult): void {
    const { write, palette, live, trace = false } = this.#options;
    this.#done += 1;
    if (live) {
      const share = `${this.#done}/${this.#planned}`;
      write(`${ERASE_LINE}${palette.dim(share)} ${result.scenario.id}`);
      return;
    }
    write(`${this.#word(result).padEnd(12)} ${result.scenario.level.padEnd(6)} ${result.scenario.id}\n`);
    if (trace) for (const line of annotate(result.transcript)) write(palette.dim(`  ${line}\n`));
  }

  #word({ verdict, scenario }: ScenarioResult): string {
    if (verdict.verdict !== 'fail') return verdict.verdict;
    if (verdict.failedPlays < verdict.plays) return 'flaky';
    return this.#isBinding(scenario.level) ? 'FAIL' : 'warning';
  }

  #isBinding(level: Level): boolean {
    return level === 'MUST' || (level === 'SHOULD' && this.#options.strict === true);
  }

  #explain(result: ScenarioResult): void {
    const { scenario, verdict } = result;
    const { write, palette } = this.#options;
    if (verdict.verdict === 'pass' || verdict.verdict === 'skipped') return;
    const isFailure = verdict.verdict === 'fail' && this.#isBinding(scenario.level);
    const word = (isFailure ? palette.bad : palette.warn)(palette.bold(this.#word(result)));
    if (verdict.verdict === 'fail') {
      write(`\n${word} ${palette.bold(scenario.id)} (${scenario.level}, clause ${scenario.clause})\n`);
      for (const line of this.#explainFailure(result, verdict)) write(`  ${line}\n`);
    } else {
      write(`\n${word} ${scenario.id} (${scenario.level}, clause ${scenario.clause})\n  ${verdict.reason}\n`);
    }
  }

  #explainFailure(
    { scenario, transcript }: ScenarioResult,
    verdict: Extract<ScenarioResult['verdict'], { verdict: 'fail' }>,
  ): string[] {
    const { palette, replay } = this.#options;
    const plays = verdict.plays > 1 ? ` (${verdict.failedPlays} of ${verdict.plays} plays)` : '';
    return [
      scenario.requirement,
      `expected: ${verdict.expected.join('; or ')}`,
      `observed: ${verdict.observed}${plays}`,
      ...verdict.mismatches.map((mismatch) => `because:  ${mismatch}`),
      ...(scenario.likelyCause ? [`likely:   ${scenario.likelyCause}`] : []),
      ...annotate(transcript).map((line) => palette.dim(line)),
      `again:    ${['conform', printable(replay, 1000), '--only', scenario.id].filter(Boolean).join(' ')}`,
    ];
  }

  /** One line a reason: what was skipped is as many words as there are reasons, not scenarios. */
  #skipped(results: readonly ScenarioResult[]): void {
    const counts = new Map<string, number>();
    for (const { verdict } of results) {
      if (verdict.verdict !== 'skipped') continue;
      counts.set(verdict.reason, (counts.get(verdict.reason) ?? 0) + 1);
    }
    const { write, palette } = this.#options;
    if (counts.size > 0) write('\n');
    for (const [reason, count] of counts)
      write(`${palette.warn('skipped')} ${count}: ${printable(reason)}\n`);
  }

  #table({ counts }: Summary): void {
    const { write, palette } = this.#options;
    const columns = ['pass', 'fail', 'inconclusive', 'skipped', 'error'] as const;
    write(`\n${palette.dim(`${' '.repeat(8)}${columns.map((name) => name.padStart(14)).join('')}`)}\n`);
    for (const level of LEVELS) {
      const row = counts[level];
      if (columns.every((name) => row[name] === 0)) continue;
      write(`${level.padEnd(8)}${columns.map((name) => String(row[name]).padStart(14)).join('')}\n`);
    }
    write('\n');
  }
}
