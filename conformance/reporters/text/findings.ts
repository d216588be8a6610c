/**
 * The findings of the text report, one block for each cause. The first blocks are complete, the next ones have two or three lines,
 * and the rest is a number, so that the report fits a screen.
 */

import type { CauseGroup } from '../../report/causes.ts';
import { effectiveVerdict, knownOf } from '../../report/effective-verdict.ts';
import { nounOf } from '../../report/noun.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { counted } from '../../util/counted.ts';
import { plain } from '../common/escape.ts';
import {
  alsoLine,
  because,
  clauseLine,
  dependentsLine,
  explanation,
  replayLine,
  wireLog,
} from '../common/explanation.ts';
import type { Report } from '../common/report.ts';
import type { Colors } from './colors.ts';

/** Blocks that are complete, at the most. */
const MOST_COMPLETE = 4;
/** Lines of a complete block for the bytes on the wire, at the most. */
const MOST_WIRE_LINES = 24;
/** Lines of a reason, at the most. */
const MOST_REASON_LINES = 6;

/** How the findings are shown. */
export interface FindingOptions {
  readonly colors: Colors;
  /** True to show every finding completely. */
  readonly all: boolean;
  /** How many lines the findings may have without `all`. The first block may have more. */
  readonly mostLines: number;
}

/** The lines, without line ends. */
export function findingLines(report: Report, options: FindingOptions): readonly string[] {
  const { groups } = report;
  if (options.all) return groups.flatMap((group) => allOf(report, group, options.colors));
  const lines: string[] = [];
  let isAfterComplete = false;
  for (const [index, group] of groups.entries()) {
    const rest = groups.slice(index + 1);
    // A line for what is left out, and the lines of the next groups.
    const next = rest.slice(0, MOST_COMPLETE).flatMap((one) => briefBlock(report, one, options.colors));
    const reserved = rest.length === 0 ? 0 : 1 + next.length;
    const left = options.mostLines - lines.length;
    const complete = completeBlock(report, group, options.colors);
    if (index === 0 || (index < MOST_COMPLETE && complete.length + reserved <= left)) {
      lines.push(...complete);
      isAfterComplete = true;
      continue;
    }
    const brief = [...(isAfterComplete ? [''] : []), ...briefBlock(report, group, options.colors)];
    if (brief.length + (rest.length === 0 ? 0 : 1) > left) {
      lines.push(leftOut(groups.slice(index)));
      break;
    }
    lines.push(...brief);
    isAfterComplete = false;
  }
  return lines;
}

function leftOut(groups: readonly CauseGroup[]): string {
  const findings = groups.reduce((sum, { others }) => sum + 1 + others.length, 0);
  return `and ${counted(groups.length, 'more cause')} with ${counted(findings, 'finding')}; --all lists them`;
}

/** Every finding of the group, completely. */
function allOf(report: Report, group: CauseGroup, colors: Colors): readonly string[] {
  const { root, others, dependents } = group;
  const members = [root, ...others, ...dependents];
  const title = `${colors.bold('cause:')} ${plain(group.cause)} (${counted(members.length, nounOf(report.plan))})`;
  return [
    ...(members.length > 1 ? ['', title] : []),
    ...members.flatMap((record) => [
      ...titleLines(report, record, colors),
      ...detailLines(report, record, colors, Number.POSITIVE_INFINITY),
    ]),
  ];
}

function completeBlock(report: Report, group: CauseGroup, colors: Colors): readonly string[] {
  const { root } = group;
  const also = alsoLine(group);
  const dependents = dependentsLine(group);
  return [
    ...titleLines(report, root, colors),
    ...detailLines(report, root, colors, MOST_WIRE_LINES),
    ...(also === '' ? [] : [`  ${also}; --all lists them`]),
    ...(dependents === '' ? [] : [`  ${dependents}`]),
  ];
}

/** The id with the reason, the likely cause if one is known, and the command that replays it. */
function briefBlock(report: Report, group: CauseGroup, colors: Colors): readonly string[] {
  const { root, others, dependents } = group;
  const count = others.length + dependents.length;
  const more = count === 0 ? '' : ` and ${count} more`;
  const word = styled(report, root, colors);
  const title = `${word} ${colors.bold(plain(root.id))} (${root.level}, clause ${plain(root.clause)})${more}: ${short(root)}`;
  if (knownOf(root)) return [title];
  return [
    title,
    ...(root.verdict === 'fail' && root.likelyCause ? [`  likely:   ${plain(root.likelyCause)}`] : []),
    `  again:    ${replayLine(report.plan, root)}`,
  ];
}

function titleLines(report: Report, record: ScenarioRecord, colors: Colors): readonly string[] {
  const word = styled(report, record, colors);
  if (knownOf(record)) return ['', `${word} ${plain(record.id)}: ${short(record)}`];
  const title = `${plain(record.id)} (${record.level}, clause ${plain(record.clause)})`;
  return ['', `${word} ${record.verdict === 'fail' ? colors.bold(title) : title}`];
}

function detailLines(
  { plan }: Report,
  record: ScenarioRecord,
  colors: Colors,
  mostWireLines: number,
): readonly string[] {
  if (knownOf(record)) return [];
  const reason = explanation(record, plan);
  const lines =
    record.verdict === 'fail'
      ? [
          plain(record.requirement),
          ...reason,
          ...cut(wireLog(record), mostWireLines).map(colors.dim),
          `clause:   ${clauseLine(record, plan)}`,
          `again:    ${replayLine(plan, record)}`,
        ]
      : cut(reason, Number.isFinite(mostWireLines) ? MOST_REASON_LINES : mostWireLines);
  return lines.map((line) => `  ${line}`);
}

function cut(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const left = lines.length - most + 1;
  return [...lines.slice(0, most - 1), `… ${counted(left, 'more line')}; --all shows them`];
}

function styled({ plan }: Report, record: ScenarioRecord, colors: Colors): string {
  const { word, conforms } = effectiveVerdict(record, plan.strict);
  const color = record.verdict === 'fail' && !conforms && !knownOf(record) ? colors.bad : colors.warn;
  return color(colors.bold(word));
}

function short(record: ScenarioRecord): string {
  return record.verdict === 'fail' && record.known ? plain(record.known.reason) : because(record);
}
