/**
 * Annotations for GitHub Actions, one for each cause: commands that the runner reads from the log. The job summary is the
 * Markdown report.
 */

import type { CauseGroup } from '../../report/causes.ts';
import { commandData, commandProperty, plain } from '../common/escape.ts';
import {
  alsoLine,
  clauseLine,
  dependentsLine,
  explanation,
  replayLine,
  unreachableLines,
} from '../common/explanation.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { type Report, titleOf } from '../common/report.ts';

/** GitHub shows at most ten errors and ten warnings of a step. */
const MOST_OF_EACH = 10;

export function github(): Renderer {
  return whole((reports) => reports.map(annotations).join(''));
}

function annotations(report: Report): string {
  const { plan, groups, summary, end } = report;
  const found = groups.filter(
    ({ word, root, dependents }) => word !== 'known' && !(root.onlyAsControl && dependents.length === 0),
  );
  const errors = found.filter(({ conforms }) => !conforms);
  const warnings = found.filter(({ conforms }) => conforms);
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  const line = [
    `${summary.verdict}: ${summary.reason} (exit ${summary.exitStatus})`,
    ...unreachableLines(report),
  ].join('\n');
  return [
    command(summary.exitStatus === 0 ? 'notice' : 'error', `conform: ${titleOf(plan)}`, line),
    ...stale.map((entry) =>
      command('error', `stale known failure: ${entry.pattern}`, `line ${entry.line}: ${entry.stale}`),
    ),
    ...errors.slice(0, MOST_OF_EACH).map((group) => annotation('error', report, group)),
    ...warnings.slice(0, MOST_OF_EACH).map((group) => annotation('warning', report, group)),
  ].join('');
}

function annotation(kind: 'error' | 'warning', { plan }: Report, group: CauseGroup): string {
  const { root, word } = group;
  const lines = [
    root.requirement,
    ...explanation(root, plan),
    `clause: ${clauseLine(root, plan)}`,
    `again: ${replayLine(plan, root)}`,
    ...[alsoLine(group), dependentsLine(group)].filter(Boolean),
  ];
  return command(kind, `${word} ${root.id} (${root.level}, ${root.clause})`, lines.map(plain).join('\n'));
}

function command(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${commandProperty(title)}::${commandData(message)}\n`;
}
