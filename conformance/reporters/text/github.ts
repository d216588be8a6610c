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

/** GitHub shows at most ten errors, ten warnings and ten notices of a step. */
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
  const notes = found.filter(({ word }) => word === 'note');
  const warnings = found.filter(({ conforms, word }) => conforms && word !== 'note');
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  const line = [
    `${summary.verdict}: ${summary.reason} (exit ${summary.exitStatus})`,
    ...unreachableLines(report),
  ].join('\n');
  return [
    command(summary.exitStatus === 0 ? 'notice' : 'error', `conform: ${titleOf(plan)}`, line),
    ...stale.map((entry) =>
      command(
        'error',
        `stale known failure: ${entry.pattern}`,
        plain([`line ${entry.line}: ${entry.stale}`, entry.details.join(', ')].filter(Boolean).join(': ')),
        { file: plan.knownFailures, line: entry.line },
      ),
    ),
    ...errors.slice(0, MOST_OF_EACH).map((group) => annotation('error', report, group)),
    ...warnings.slice(0, MOST_OF_EACH).map((group) => annotation('warning', report, group)),
    // The first notice is that of the verdict.
    ...notes.slice(0, MOST_OF_EACH - 1).map((group) => annotation('notice', report, group)),
  ].join('');
}

function annotation(kind: Kind, { plan }: Report, group: CauseGroup): string {
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

type Kind = 'error' | 'warning' | 'notice';

/** `place`: a line of a file of the repository. Default: the annotation has none. */
function command(
  kind: Kind,
  title: string,
  message: string,
  place?: { readonly file: string | undefined; readonly line: number },
): string {
  const where = place?.file === undefined ? '' : `file=${commandProperty(place.file)},line=${place.line},`;
  return `::${kind} ${where}title=${commandProperty(title)}::${commandData(message)}\n`;
}
