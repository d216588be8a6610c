/**
 * Judges the targets of a file side by side. The report of each is written into a folder as soon as it is complete, and its
 * records are passed on to the reports about all targets, which keep little of them.
 */

import type { Scenario } from '../../conformance/index.ts';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { MANY_REPORTS } from '../../conformance/reporters/format.ts';
import { ConnectionRate } from '../../conformance/run/timing/connection-rate.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import type { Context } from '../core/context.ts';
import { checkOutputFolder, tryWrite } from '../core/output-files.ts';
import { readText } from '../core/read-file.ts';
import { version } from '../core/version.ts';
import { failureLimit } from '../judging/parts.ts';
import { selectionOf } from '../options/filter.ts';
import { parseRequire } from '../options/gate.ts';
import { checkJudgeOptions } from '../options/judge.ts';
import type { ManyTargets, RunCommandOptions } from '../options/many-targets.ts';
import { wrong } from '../options/options.ts';
import { type Reporter, reportersOf } from '../terminal/outputs.ts';
import { checkOptions, type Judging, judgeOne } from './judge-one.ts';
import { notOwned, onOtherMachines } from './other-machines.ts';
import { ReportFolder } from './report-folder.ts';
import { Results } from './results.ts';
import { sideBySide } from './side-by-side.ts';
import { type ListedTarget, readTargetList } from './target-list.ts';

/**
 * Resolves to 0 if every target conforms, 1 if one does not, 4 if one could not be judged. Throws UsageError before anything is
 * sent.
 */
export async function judgeTargets(
  options: RunCommandOptions,
  many: ManyTargets,
  catalogue: readonly Scenario[],
  context: Context,
): Promise<ExitStatus> {
  const signal = context.interrupted;
  const reporters = reportersFor(options);
  const { maxTimeMs } = checkJudgeOptions(options);
  const isSelected = selectionOf(options, catalogue);
  const planned = catalogue.filter(isSelected).map(({ id }) => id);
  const targets = readTargetList(await readText(many.targets, { signal }), many.targets);
  if (options.dryRun) {
    for (const id of planned) context.out(`${id}\n`);
    return EXIT.success;
  }
  const beforeConnections =
    many.connectionRate === undefined ? undefined : new ConnectionRate(many.connectionRate).wait;
  const judging: Judging = {
    ...{ options, catalogue, isSelected, maxTimeMs, signal, beforeConnections },
    ...failureLimit(options),
  };
  checkOptions(targets[0], judging);
  const remote = new Set(await onOtherMachines(targets, signal));
  if (signal.aborted) return EXIT.interrupted;
  if (remote.size > 0 && !many.isOwned) throw notOwned([...remote], many.targets);
  await checkOutputFolder('--reports', many.reports);
  const folder = new ReportFolder(many.reports);
  const earlier = await judgedEarlier(targets, folder, options, planned);
  makeFolder(many.reports);

  const results = await Results.open(reporters, options, targets.length, context);
  if (remote.size > 0)
    context.err(
      `conform: ${remote.size} of ${targets.length} targets are on other machines; scenarios that flood are left out there\n`,
    );
  const judge = async (target: ListedTarget): Promise<void> => {
    const { name } = target;
    const before = earlier.has(target) ? await folder.read(name) : undefined;
    if (before !== undefined) return results.take(name, before, false);
    const records = await judgeOne(target, judging, remote.has(target) ? false : undefined, context);
    // What a signal cut short is judged again by the next run.
    if (signal.aborted) return;
    const isWritten = await tryWrite(folder.fileOf(name), context, () => folder.write(name, records));
    results.take(name, records, true, isWritten);
  };
  const bounds = { total: many.concurrent, perGroup: many.perHost };
  const inOrder = targets.toSorted((a, b) => Number(earlier.has(b)) - Number(earlier.has(a)));
  try {
    await sideBySide(inOrder, ({ address }) => address.host.toLowerCase(), bounds, signal, judge);
  } finally {
    results.end();
  }
  return results.status();
}

/** The text about all targets, unless another report goes to standard output. Throws UsageError. */
function reportersFor({ reporter = [] }: RunCommandOptions): readonly Reporter[] {
  const reporters = reportersOf(reporter, 2).map((one) =>
    one.format === 'pretty' && !reporter.includes('pretty') ? { ...one, format: 'overview' as const } : one,
  );
  const other = reporters.find(({ format }) => !MANY_REPORTS.includes(format));
  if (other === undefined) return reporters;
  throw wrong(
    '--reporter',
    `${other.format} keeps the records of every target; with --targets: ${MANY_REPORTS.join(', ')}. conform report renders the report of one`,
  );
}

/** Those that the folder holds a report of. Throws UsageError for a report of a run with other options. */
async function judgedEarlier(
  targets: readonly ListedTarget[],
  folder: ReportFolder,
  { strict, maxSkipped, require }: RunCommandOptions,
  planned: readonly string[],
): Promise<ReadonlySet<ListedTarget>> {
  const asked = {
    ...{ kit: version(), strict, planned },
    ...(maxSkipped !== undefined && { maxSkipped }),
    ...(require !== undefined && { require: parseRequire(require) }),
  };
  const judged = new Set<ListedTarget>();
  for (const target of targets) if ((await folder.check(target, asked)) === 'judged') judged.add(target);
  return judged;
}
