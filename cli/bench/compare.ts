/** `conform bench --compare`: reads the saved report, measures again what seems slower, and shows what is slower. */

import type { Change, Report, Section } from '../../bench/index.ts';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { counted } from '../../conformance/util/counted.ts';
import { textTable } from '../../conformance/util/text-table.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { readText } from '../core/read-file.ts';
import { colorsFor } from '../terminal/colors.ts';

/** Throws a UsageError for a file that cannot be read or is of another bench, and a CompareError for one that is invalid. */
export async function readSaved(path: string, bench: string, signal: AbortSignal): Promise<Report> {
  const { parseReport } = await import('../../bench/index.ts');
  const report = await parseReport(await readText(path, { signal }), path);
  if (report.bench !== bench)
    throw new UsageError(`--compare ${path} is of conform bench ${report.bench}, not ${bench}`);
  return report;
}

/** How often a figure that seems slower is measured again. */
const REPEATS = 2;

/**
 * The changes from `before` to `report`. A figure counts as slower only if every repeated measurement shows it, because
 * among many figures some seem slower by chance alone.
 */
export async function changesSince(
  before: Report,
  report: Report,
  tolerance: number,
  measureAgain: (rows: ReadonlySet<string>) => Promise<Section[]>,
): Promise<Change[]> {
  const { compare, withBest } = await import('../../bench/index.ts');
  let now = report;
  let changes = compare(before, now, tolerance);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const slower = new Set(changes.filter(({ isSlower }) => isSlower).map(({ name }) => name));
    if (slower.size === 0) break;
    now = withBest(now, await measureAgain(slower));
    changes = compare(before, now, tolerance);
  }
  return changes;
}

/** A figure with a wider margin may be slower by half without a sign of it. */
const WIDE_MARGIN = 0.5;

/** Writes what is slower to standard error and returns the exit status. */
export async function showChanges(changes: readonly Change[], context: Context): Promise<ExitStatus> {
  const { good, bad, dim } = colorsFor(context);
  const rows = changes
    .filter(({ isSlower }) => isSlower)
    .toSorted((a, b) => b.factor - a.factor)
    .map(({ name, factor, margin }) => [name, `${factor.toFixed(2)} ×`, `± ${(factor * margin).toFixed(2)}`]);
  if (rows.length === 0) context.err(good(`none of ${counted(changes.length, 'figure')} is slower\n`));
  else {
    context.err(bad(`slower: ${rows.length} of ${counted(changes.length, 'figure')}\n`));
    context.err(
      textTable([['figure', 'slower by', ''], ...rows], [{}, { align: 'right' }, { align: 'right' }]),
    );
  }
  const wide = changes.filter(({ margin }) => margin > WIDE_MARGIN).map(({ name }) => name);
  if (wide.length > 0) context.err(dim(`not steady enough to compare: ${wide.join('; ')}\n`));
  return rows.length === 0 ? EXIT.success : EXIT.failed;
}
