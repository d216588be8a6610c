/** The result of many targets as text: the worst targets, the causes over all of them, and the counts as the last line. */

import { statusOfRuns } from '../../report/exit-status.ts';
import { commandToRepeat } from '../../util/command-to-repeat.ts';
import { counted } from '../../util/counted.ts';
import { plain } from '../common/escape.ts';
import type { Renderer } from '../common/renderer.ts';
import type { Colors } from '../text/colors.ts';
import { byTarget } from './by-target.ts';
import {
  countStandings,
  type OutcomeTable,
  sharedCauses,
  sharedReasons,
  standingOf,
  type TargetOutcome,
  worstFirst,
} from './outcome-table.ts';

export interface OverviewOptions {
  readonly colors: Colors;
  /** Lists every target and every cause. Default: the first of each. */
  readonly all?: boolean | undefined;
}

/** How many targets and how many causes are listed. */
const LISTED = 20;
/** How many names are listed of the targets that have a cause. */
const NAMED = 5;
/** The longest name that widens its column, in UTF-16 units. */
const NAME_WIDTH = 40;

export function overview(options: OverviewOptions): Renderer {
  return byTarget((table) => overviewText(table, options));
}

function overviewText(table: OutcomeTable, { colors, all = false }: OverviewOptions): string {
  const most = all ? Number.POSITIVE_INFINITY : LISTED;
  const { targets } = table;
  const failed = worstFirst(targets).filter((target) => standingOf(target) === 'does not conform');
  const width = Math.min(NAME_WIDTH, Math.max(0, ...failed.slice(0, most).map(({ name }) => name.length)));
  const more = (count: number, what: string): readonly string[] =>
    count > most ? [colors.dim(`  and ${count - most} more ${what}; --all lists them`)] : [];
  const causes = sharedCauses(table);
  const reasons = sharedReasons(targets);
  return [
    ...section(
      colors.bold('Targets that do not conform, the worst first'),
      failed
        .slice(0, most)
        .map(({ name, reason }) => `  ${colors.bad(plain(name).padEnd(width))}  ${plain(reason)}`),
      more(failed.length, 'targets'),
    ),
    ...section(
      colors.bold('Causes over all targets'),
      causes.slice(0, most).flatMap(({ cause, root, targets, failures }) => {
        const again = commandToRepeat(targets[0].program, targets[0].replay, `--only ${root}`);
        return [
          `  ${countOf(targets.length)}: ${plain(cause)}`,
          colors.dim(`    ${namesOf(targets)}; ${counted(failures, 'failure')} in all`),
          colors.dim(`    again: ${plain(again)}`),
        ];
      }),
      more(causes.length, 'causes'),
    ),
    ...section(
      colors.bold('Targets that could not be judged'),
      reasons
        .slice(0, most)
        .flatMap(({ reason, targets }) => [
          `  ${countOf(targets.length)}: ${colors.warn(plain(reason))}`,
          colors.dim(`    ${namesOf(targets)}`),
        ]),
      more(reasons.length, 'reasons'),
    ),
    `${lastLine(targets, colors)}\n`,
  ].join('');
}

/** Empty without lines. */
function section(title: string, lines: readonly string[], more: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [[title, ...lines, ...more].join('\n'), '\n\n'];
}

function countOf(targets: number): string {
  return counted(targets, 'target');
}

function namesOf(targets: readonly TargetOutcome[]): string {
  const names = targets.slice(0, NAMED).map(({ name }) => plain(name));
  const rest = targets.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}

function lastLine(targets: readonly TargetOutcome[], colors: Colors): string {
  const counts = countStandings(targets);
  const parts = [
    colors.good(`${counts.conforms} conform`),
    ...(counts['does not conform'] > 0 ? [colors.bad(`${counts['does not conform']} do not conform`)] : []),
    ...(counts['not judged'] > 0 ? [colors.warn(`${counts['not judged']} could not be judged`)] : []),
  ];
  return `${countOf(targets.length)}: ${parts.join(', ')} (exit ${statusOfRuns(targets)})`;
}
