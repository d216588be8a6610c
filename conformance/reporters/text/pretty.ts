/**
 * The report for a terminal or a log: a head, progress, an explanation of every finding, a table and one closing line.
 */

import type { PlanRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { COUNTED_VERDICTS, effectiveVerdict, type Summary } from '../../report/summary.ts';
import { LEVELS } from '../../scenario/scenario.ts';
import { ERASE_LINE } from '../../util/terminal.ts';
import { plain } from '../common/escape.ts';
import { endOfTarget, explanation, replayLine, wireLog } from '../common/explanation.ts';
import type { Renderer } from '../common/renderer.ts';
import { assemble, type Report } from '../common/report.ts';

/** Styles by meaning. Each returns the text, with or without escape sequences for colours. */
export interface Colors {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const same = (text: string): string => text;
/** Returns every text unchanged. */
export const NO_COLORS: Colors = { good: same, bad: same, warn: same, dim: same, bold: same };

/** Options of the format 'pretty'. */
export interface PrettyOptions {
  readonly colors: Colors;
  /** True for a terminal: progress is one line that is rewritten. False: one line per scenario. */
  readonly live: boolean;
  /** Show the wire log of every scenario, not only of the failed ones. Default: false. */
  readonly trace?: boolean;
}

export function pretty(options: PrettyOptions): Renderer {
  let records: ReportRecord[] = [];
  return {
    take: (record) => {
      const previous = record.record === 'plan' ? close(records, options) : '';
      if (record.record === 'plan') records = [];
      records.push(record);
      if (record.record === 'plan') return previous + head(record, options);
      return record.record === 'scenario' ? progress(records, record, options) : '';
    },
    end: () => close(records, options),
  };
}

function head(plan: PlanRecord, { colors }: PrettyOptions): string {
  const { target, profile, store, deadlines, planned, controls, cost, jobs = 1, seed, shard } = plan;
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
  const count = planned.length === 1 ? '1 scenario' : `${planned.length} scenarios`;
  const name = target.name === target.address ? '' : `${plain(target.name)} on `;
  const run = [
    ...(cost === undefined ? [] : [`${cost.connections} connections and ${amountOf(cost.bytes)} to send`]),
    `waits ${deadlines.answerMs} ms for an answer and ${deadlines.quietMs} ms for silence`,
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

function amountOf(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function progress(records: readonly ReportRecord[], record: ScenarioRecord, options: PrettyOptions): string {
  const { colors, live, trace = false } = options;
  const [plan] = records;
  if (plan?.record !== 'plan') return '';
  if (live) {
    const share = `${records.length - 1}/${plan.planned.length + plan.controls.length}`;
    return `${ERASE_LINE}${colors.dim(share)} ${plain(record.id)}`;
  }
  const { word } = effectiveVerdict(record, plan.strict);
  const line = `${word.padEnd(12)} ${record.level.padEnd(6)} ${plain(record.id)}\n`;
  return line + (trace ? wireLog(record).map((text) => colors.dim(`  ${text}\n`)) : []).join('');
}

/** The text after the last record of a run: findings, table and closing line. */
function close(records: readonly ReportRecord[], options: PrettyOptions): string {
  return assemble(records)
    .map((report) => {
      const { colors, live } = options;
      const { scenarios, summary, plan, end } = report;
      const color = summary.exitStatus === 0 ? colors.good : colors.bad;
      return [
        live ? ERASE_LINE : '',
        ...scenarios.map((record) => finding(report, record, options)),
        ...skipped(scenarios, colors),
        ...staleEntries(report, colors),
        ...(plan.planned.length + plan.controls.length > 0 ? table(summary, colors) : []),
        ...(end?.because === 'unreachable' ? endOfTarget(end) : []).map((line) => `${line}\n`),
        `${color(colors.bold(summary.verdict))}: ${summary.reason} (exit ${summary.exitStatus})\n`,
      ].join('');
    })
    .join('\n');
}

function finding({ plan }: Report, record: ScenarioRecord, { colors }: PrettyOptions): string {
  const { word, conforms } = effectiveVerdict(record, plan.strict);
  if (word === 'pass' || word === 'skipped') return '';
  if (record.verdict === 'fail' && record.known) {
    return `\n${colors.warn('known')} ${plain(record.id)}: ${plain(record.known.reason)}\n`;
  }
  const title = `${plain(record.id)} (${record.level}, clause ${plain(record.clause)})`;
  const isFailure = record.verdict === 'fail';
  const styled = (isFailure && !conforms ? colors.bad : colors.warn)(colors.bold(word));
  const lines = isFailure
    ? [
        plain(record.requirement),
        ...explanation(record),
        ...wireLog(record).map((line) => colors.dim(line)),
        `again:    ${replayLine(plan, record)}`,
      ]
    : explanation(record);
  return `\n${styled} ${isFailure ? colors.bold(title) : title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** One line per reason, with the number of scenarios that were skipped for it. */
function skipped(records: readonly ScenarioRecord[], colors: Colors): readonly string[] {
  const counts = new Map<string, number>();
  for (const record of records) {
    if (record.verdict === 'skipped') counts.set(record.reason, (counts.get(record.reason) ?? 0) + 1);
  }
  const lines = [...counts].map(
    ([reason, count]) => `${colors.warn('skipped')} ${count}: ${plain(reason)}\n`,
  );
  return lines.length > 0 ? ['\n', ...lines] : [];
}

function staleEntries({ end }: Report, colors: Colors): readonly string[] {
  const lines = (end?.knownFailures ?? []).flatMap(({ line, pattern, stale, details }) =>
    stale === undefined
      ? []
      : [
          `${colors.bad('stale')} line ${line}, ${plain(pattern)}: ${stale}${details.length > 0 ? `: ${details.map(plain).join(', ')}` : ''}\n`,
        ],
  );
  return lines.length > 0 ? ['\n', ...lines] : [];
}

function table({ counts }: Summary, colors: Colors): readonly string[] {
  const known = LEVELS.some((level) => counts[level].known > 0);
  const columns = COUNTED_VERDICTS.filter((name) => name !== 'known' || known);
  return [
    `\n${colors.dim(`${' '.repeat(8)}${columns.map((name) => name.padStart(14)).join('')}`)}\n`,
    ...LEVELS.filter((level) => columns.some((name) => counts[level][name] > 0)).map(
      (level) =>
        `${level.padEnd(8)}${columns.map((name) => String(counts[level][name]).padStart(14)).join('')}\n`,
    ),
    '\n',
  ];
}
