/**
 * The report for a terminal or a log: a head, progress, an explanation of each cause, a table and one closing line. Without
 * `all` and `trace` it has at most 80 lines.
 */

import { statusOfRuns } from '../../report/exit-status.ts';
import { nounOf } from '../../report/noun.ts';
import type { PlanRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import type { Summary } from '../../report/summary.ts';
import { LEVELS } from '../../scenario/requirement.ts';
import { counted } from '../../util/counted.ts';
import { ERASE_LINE } from '../../util/terminal.ts';
import { columnsOf } from '../common/counts.ts';
import { plain } from '../common/escape.ts';
import { unreachableLines } from '../common/explanation.ts';
import type { Renderer } from '../common/renderer.ts';
import { assemble, type Report, titleOf } from '../common/report.ts';
import type { Colors } from './colors.ts';
import { findingLines } from './findings.ts';
import { Progress, seconds } from './progress.ts';
import { slowestLines } from './slowest.ts';

/** Lines of a report without `all`, `trace` and `slowest`. */
const MOST_LINES = 80;
/** Lines for the reasons of skipped scenarios, and for stale known failures, without `all`. */
const MOST_SKIPPED = 6;
const MOST_STALE = 8;

/** Options of the format 'pretty'. */
export interface PrettyOptions {
  readonly colors: Colors;
  /** True for a terminal: progress is one line that is rewritten. */
  readonly live: boolean;
  /** Show the wire log of every scenario, not only of the failed ones. Default: false. */
  readonly trace?: boolean;
  /** Show every finding completely, not only the first of each cause. Default: false. */
  readonly all?: boolean;
  /** How many of the slowest scenarios to list. Default: 0. */
  readonly slowest?: number;
  /** Milliseconds since any moment before the run, for the time left. Default: none is shown. */
  readonly elapsedMs?: () => number;
}

export function pretty(options: PrettyOptions): Renderer {
  const closed: Report[] = [];
  let records: ReportRecord[] = [];
  let progress: Progress | undefined;
  let written = 0;
  const { colors, live, all = false, trace = false, elapsedMs } = options;
  const close = (): string => {
    const reports = assemble(records);
    closed.push(...reports);
    return reports.map((report) => closeOf(report, written + (progress?.lines ?? 0), options)).join('\n');
  };
  return {
    take: (record) => {
      const before = record.record === 'plan' ? close() : '';
      const previous = before === '' ? '' : `${before}\n`;
      if (record.record === 'plan') {
        records = [record];
        progress = new Progress(record, { colors, live, trace, each: all, elapsedMs });
        const lines = head(record, options);
        written = lines.split('\n').length - 1;
        return previous + lines;
      }
      records.push(record);
      return record.record === 'scenario' ? (progress?.take(record) ?? '') : '';
    },
    waiting: (event) => progress?.waiting(event) ?? '',
    end: () => close() + overview(closed, colors),
  };
}

/** Between what the deadline may become while the run goes on. */
function boundsOf({ answerBounds }: NonNullable<PlanRecord['deadlines']>): string {
  return answerBounds === undefined
    ? ''
    : ` (${answerBounds.floor} to ${answerBounds.cap}, as the target answers)`;
}

function head(plan: PlanRecord, { colors }: PrettyOptions): string {
  const { target, profile, store, deadlines, planned, controls, cost, jobs = 1, seed, shard, maxMs } = plan;
  if (plan.about !== undefined) return headOfProgram(plan, plan.about, colors);
  if (profile === undefined || deadlines === undefined) return '';
  const answer = profile.policy === 'unknown' ? 'answers' : profile.policy;
  const features = profile.answers
    ? [
        `${answer} a legal SUBMIT in ${profile.latencyMs} ms with a frame of type ${profile.answerType}`,
        profile.keepsOpen ? 'keeps the connection open' : 'closes after the answer',
        ...(profile.isConcurrent ? [] : ['serves one connection at a time']),
      ]
    : ['does not answer a legal SUBMIT'];
  const extra = controls.length > 0 ? `, and ${controls.length} more as controls` : '';
  const count = counted(planned.length, nounOf(plan));
  const name = target.name === target.address ? '' : `${plain(target.name)} on `;
  const run = [
    ...(cost === undefined
      ? []
      : [`${counted(cost.connections, 'connection')} and ${amountOf(cost.bytes)} to send`]),
    `waits ${deadlines.answerMs} ms${boundsOf(deadlines)} for an answer and ${deadlines.quietMs} ms for silence`,
    ...(maxMs === undefined ? [] : [`takes at most ${seconds(maxMs)}`]),
    ...(jobs > 1 ? [`${jobs} scenarios concurrently`] : []),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(shard === undefined ? [] : [`shard ${shard.index} of ${shard.of}`]),
  ];
  return [
    `${colors.bold(count)} against ${name}${plain(target.address)}${extra}\n`,
    colors.dim(`target: ${features.join(', ')}\n`),
    ...(store
      ? [
          colors.dim(
            `store: an accepted task was ${store.received}, a task that the kit wrote was ${store.planted}\n`,
          ),
        ]
      : []),
    colors.dim(`run: ${run.join(', ')}\n\n`),
  ].join('');
}

/** Of a client or a library, which has no address and no deadlines of its own. */
function headOfProgram(plan: PlanRecord, about: readonly string[], colors: Colors): string {
  const { target, command, planned, controls } = plan;
  const extra = controls.length > 0 ? `, and ${controls.length} more as controls` : '';
  const count = counted(planned.length, nounOf(plan));
  const found = about.map((line) => colors.dim(`${plain(line)}\n`)).join('');
  return `${colors.bold(count)} against the ${command ?? 'target'} ${plain(target.name)}${extra}\n${found}\n`;
}

function amountOf(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** After several reports: a line for each, and the status of all together. */
function overview(reports: readonly Report[], colors: Colors): string {
  if (reports.length < 2) return '';
  const lines = reports.map(
    ({ plan, summary: { verdict, reason, exitStatus } }) =>
      `${plain(titleOf(plan))}: ${(exitStatus === 0 ? colors.good : colors.bad)(verdict)}: ${reason}`,
  );
  const status = statusOfRuns(
    reports.map(({ plan: { command }, summary: { exitStatus } }) => ({ command, exitStatus })),
  );
  return ['', ...lines, `all: exit ${status}`].map((line) => `${line}\n`).join('');
}

/** The text after the last record of a run: findings, table and closing line. `written` lines precede it. */
function closeOf(report: Report, written: number, options: PrettyOptions): string {
  const { colors, live, all = false, slowest = 0 } = options;
  const { scenarios, summary, plan } = report;
  const color = summary.exitStatus === 0 ? colors.good : colors.bad;
  const tail = [
    ...cut(skippedLines(scenarios, colors), all ? Number.POSITIVE_INFINITY : MOST_SKIPPED),
    ...cut(staleLines(report, colors), all ? Number.POSITIVE_INFINITY : MOST_STALE),
    ...(plan.planned.length + plan.controls.length > 0 ? table(summary, colors) : []),
    ...unreachableLines(report),
    `${color(colors.bold(summary.verdict))}: ${summary.reason} (exit ${summary.exitStatus})`,
  ];
  const findings = findingLines(report, { colors, all, mostLines: MOST_LINES - written - tail.length });
  const slow = slowestLines(scenarios, slowest);
  const lines = [...findings, ...(slow.length > 0 ? ['', ...slow] : []), ...tail];
  return `${live ? ERASE_LINE : ''}${lines.map((line) => `${line}\n`).join('')}`;
}

/** The lines after an empty one; if there are more than `most`, the last one says how many are left out. */
function cut(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines.length > 0 ? ['', ...lines] : [];
  return [
    '',
    ...lines.slice(0, most - 1),
    `… ${counted(lines.length - most + 1, 'more line')}; --all shows them`,
  ];
}

/** One line per reason, with the number of scenarios that were skipped for it, or the id of the only one. */
function skippedLines(records: readonly ScenarioRecord[], colors: Colors): readonly string[] {
  const skipped = new Map<string, string[]>();
  for (const { verdict, id, ...record } of records) {
    if (verdict === 'skipped' && 'reason' in record)
      skipped.set(record.reason, [...(skipped.get(record.reason) ?? []), id]);
  }
  return [...skipped]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, [id = '', ...others]]) => {
      const what = others.length === 0 ? plain(id) : 1 + others.length;
      return `${colors.warn('skipped')} ${what}: ${plain(reason)}`;
    });
}

function staleLines({ end }: Report, colors: Colors): readonly string[] {
  return (end?.knownFailures ?? []).flatMap(({ line, pattern, stale, details }) => {
    if (stale === undefined) return [];
    // An entry for one scenario has named it.
    const told = details.filter((detail) => detail !== pattern).map(plain);
    return [
      `${colors.bad('stale')} line ${line}, ${plain(pattern)}: ${[stale, told.join(', ')].filter(Boolean).join(': ')}`,
    ];
  });
}

function table(summary: Summary, colors: Colors): readonly string[] {
  const columns = columnsOf([summary]);
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell) => String(cell).padStart(13)).join('');
  return [
    '',
    colors.dim(`${' '.repeat(8)}${row(columns)}`),
    ...LEVELS.filter((level) => columns.some((word) => summary.words[level][word] > 0)).map(
      (level) => `${level.padEnd(8)}${row(columns.map((word) => summary.words[level][word]))}`,
    ),
    '',
  ];
}
