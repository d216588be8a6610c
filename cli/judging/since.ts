/** What changed since an earlier run: --since. The changes are those of `conform diff`, of what both runs judged. */

import type { Report, ReportRecord } from '../../conformance/index.ts';
import { effectiveVerdict } from '../../conformance/report/effective-verdict.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { wrong } from '../options/options.ts';
import { readRecords } from '../options/saved-reports.ts';
import { changeText, countsOf } from '../terminal/changes.ts';

/** A saved report, or several, to compare with. */
export interface Earlier {
  readonly file: string;
  readonly reports: readonly Report[];
}

/** Undefined without a file. Throws a UsageError for a file that cannot be read or that judges nothing, and a ReportError. */
export async function readEarlier(file: string | undefined): Promise<Earlier | undefined> {
  if (file === undefined) return undefined;
  const { assemble } = await import('../../conformance/index.ts');
  const reports = assemble(await readRecords(file));
  if (!reports.some(({ scenarios }) => scenarios.length > 0))
    throw wrong('--since', `${printablePath(file)} judges no scenario, so that nothing can be compared`);
  return { file, reports };
}

/**
 * The changes as text: what became worse, such as what is new and fails, or better; with `all` every other change too. The last
 * line counts all of them.
 */
export async function comparison(
  { file, reports: earlier }: Earlier,
  records: readonly ReportRecord[],
  { all, context }: { readonly all: boolean; readonly context: Pick<Context, 'isTerminal' | 'color'> },
): Promise<string> {
  const { assemble, diff } = await import('../../conformance/index.ts');
  const reports = assemble(records);
  const texts = reports.map((report) => {
    const name = `since ${printablePath(file)}${reports.length > 1 ? `, ${printable(report.plan.target.name)}` : ''}`;
    const before = reportLike(report, earlier);
    if (before === undefined) return `${name}: it has no report of such a target\n`;
    const changes = diff(judgedIn(report, before), report);
    const changed = new Set(changes.filter(({ change }) => change !== 'behaviour').map(({ id }) => id));
    const still = report.scenarios.filter((record) => counts(record, report) && !changed.has(record.id));
    const shown = changes.filter(({ change }) => all || change === 'worse' || change === 'better');
    const hidden = changes.length - shown.length;
    return [
      '\n',
      ...shown.map((change) => changeText(change, context)),
      `${name}: ${countsOf(changes)}${hidden > 0 ? ` (--all shows ${hidden} more)` : ''}`,
      still.length > 0 ? `; ${still.length} that counted against the target before still do\n` : '\n',
    ].join('');
  });
  return texts.join('');
}

/** Of the same kind; if there are several, the one with the same name. */
function reportLike({ plan }: Report, earlier: readonly Report[]): Report | undefined {
  const alike = earlier.filter((report) => report.plan.command === plan.command);
  if (alike.length === 1) return alike[0];
  return alike.find((report) => report.plan.target.name === plan.target.name);
}

/** What the earlier report has of the scenarios that have a verdict now: a run of some of them removes none. */
function judgedIn({ scenarios }: Report, before: Report): Report {
  const ids = new Set(scenarios.map(({ id }) => id));
  return { ...before, scenarios: before.scenarios.filter(({ id }) => ids.has(id)) };
}

function counts(record: Report['scenarios'][number], { plan }: Report): boolean {
  return !record.onlyAsControl && !effectiveVerdict(record, plan.strict).conforms;
}
