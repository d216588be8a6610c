/**
 * Annotations for GitHub Actions: commands that the runner reads from the log. The job summary is the Markdown report.
 */

import type { ScenarioRecord } from '../../report/record.ts';
import { effectiveVerdict } from '../../report/summary.ts';
import { commandData, commandProperty, plain } from '../common/escape.ts';
import { explanation, replayLine } from '../common/explanation.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import type { Report } from '../common/report.ts';

/** GitHub shows at most ten errors and ten warnings of a step. */
const MOST_OF_EACH = 10;

export function github(): Renderer {
  return whole((reports) => reports.map(annotations).join(''));
}

function annotations(report: Report): string {
  const { plan, scenarios, summary, end } = report;
  const isShown = ({ word }: { readonly word: string }) =>
    word !== 'pass' && word !== 'skipped' && word !== 'known';
  const found = scenarios
    .filter(({ onlyAsControl }) => !onlyAsControl)
    .map((record) => ({ record, ...effectiveVerdict(record, plan.strict) }))
    .filter(isShown);
  const errors = found.filter(({ conforms }) => !conforms).map(({ record }) => record);
  const warnings = found.filter(({ conforms }) => conforms).map(({ record }) => record);
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  const line = `${summary.verdict}: ${summary.reason} (exit ${summary.exitStatus})`;
  return [
    command(summary.exitStatus === 0 ? 'notice' : 'error', `conform: ${plan.target.name}`, line),
    ...stale.map((entry) =>
      command('error', `stale known failure: ${entry.pattern}`, `line ${entry.line}: ${entry.stale}`),
    ),
    ...errors.slice(0, MOST_OF_EACH).map((record) => annotation('error', report, record)),
    ...warnings.slice(0, MOST_OF_EACH).map((record) => annotation('warning', report, record)),
  ].join('');
}

function annotation(kind: 'error' | 'warning', { plan }: Report, record: ScenarioRecord): string {
  const { word } = effectiveVerdict(record, plan.strict);
  const lines = [record.requirement, ...explanation(record), `again: ${replayLine(plan, record)}`];
  return command(
    kind,
    `${word} ${record.id} (${record.level}, ${record.clause})`,
    lines.map(plain).join('\n'),
  );
}

function command(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${commandProperty(title)}::${commandData(message)}\n`;
}
