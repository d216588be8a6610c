/**
 * Judges the targets of a file side by side. The report of each is written into a folder as soon as it is complete, and its
 * records are passed on to the reports about all targets, which keep little of them.
 */

import { mkdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { ReportRecord, Scenario } from '../../conformance/index.ts';
import { EXIT, type ExitStatus, worst } from '../../conformance/report/exit-status.ts';
import { MANY_REPORTS } from '../../conformance/reporters/format.ts';
import { ConnectionRate } from '../../conformance/run/timing/connection-rate.ts';
import { resolveHost } from '../../conformance/util/loopback.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import type { UsageError } from '../core/errors.ts';
import { checkOutputFolder, tryWrite } from '../core/output-files.ts';
import { readText } from '../core/read-file.ts';
import { version } from '../core/version.ts';
import { provenanceOf } from '../judging/parts.ts';
import { serverParts } from '../judging/server.ts';
import { selectionOf } from '../options/filter.ts';
import { parseRequire } from '../options/gate.ts';
import type { ManyTargets, RunCommandOptions } from '../options/many-targets.ts';
import { checkBetween, checkWhole, duration, MAX_RETRIES, wrong } from '../options/options.ts';
import { type Reporter, reportersOf, reportLost } from '../terminal/outputs.ts';
import { Progress } from './progress.ts';
import { ReportFolder } from './report-folder.ts';
import { sideBySide } from './side-by-side.ts';
import { faultsOf, type ListedTarget, readTargetList, targetText } from './target-list.ts';

/** Lookups of names at a time. */
const LOOKUPS = 16;

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
  const { interrupted } = context;
  const reporters = reportersFor(options);
  const maxTimeMs = checked(options);
  const isSelected = selectionOf(options, catalogue);
  const planned = catalogue.filter(isSelected).map(({ id }) => id);
  const targets = readTargetList(await readText(many.targets, { signal: interrupted }), many.targets);
  if (options.dryRun) {
    for (const id of planned) context.out(`${id}\n`);
    return EXIT.success;
  }
  // The options of every target are checked with those of one.
  serverParts(optionsOf(targets[0] as ListedTarget, options), catalogue);
  const remote = await onOtherMachines(targets, interrupted);
  if (interrupted.aborted) return EXIT.interrupted;
  if (remote.length > 0 && !many.isOwned) throw notOwned(remote, many.targets);
  await checkOutputFolder('--reports', many.reports);
  const folder = new ReportFolder(many.reports);
  const judged = await judgedBefore(targets, folder, options, planned);
  await mkdir(many.reports, { recursive: true });

  if (remote.length > 0)
    context.err(
      `conform: ${remote.length} of ${targets.length} targets are on other machines; scenarios that flood are left out there\n`,
    );
  const [{ summariseRecords }, { statusOfTargets }, { Outputs }] = await Promise.all([
    import('../../conformance/index.ts'),
    import('../../conformance/reporters/targets/outcome-table.ts'),
    import('../terminal/outputs.ts'),
  ]);
  const elsewhere = new Set(remote);
  const beforeConnections = many.connectionRate && new ConnectionRate(many.connectionRate).wait;
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  const outputs = new Outputs(reporters, { all: options.all, trace: options.trace, elapsedMs }, context);
  const progress = new Progress(targets.length, context);
  const exits: { readonly exitStatus: ExitStatus }[] = [];
  let isLost = false;
  /** `isNew`: judged by this run, and not by an earlier one. */
  const take = (name: string, records: readonly ReportRecord[], isNew: boolean): void => {
    // At once, so that the records of two targets do not mix.
    for (const record of records) outputs.take(record);
    const { exitStatus, reason } = summariseRecords(records);
    exits.push({ exitStatus });
    progress.judged(name, exitStatus, reason, isNew);
  };
  const judge = async (target: ListedTarget): Promise<void> => {
    const { name } = target;
    const before = judged.has(target) ? await folder.read(name) : undefined;
    if (before !== undefined) return take(name, before, false);
    const records = await recordsOf(target, { heavy: elsewhere.has(target) ? false : undefined });
    // What a signal cut short is judged again by the next run.
    if (interrupted.aborted) return;
    const file = folder.fileOf(name);
    if (!(await tryWrite(file, context, () => folder.write(name, records)))) isLost = true;
    take(name, records, true);
  };
  const recordsOf = async (
    target: ListedTarget,
    { heavy }: { readonly heavy: boolean | undefined },
  ): Promise<readonly ReportRecord[]> => {
    const course = {
      ...(heavy !== undefined && { heavy }),
      ...(beforeConnections && { beforeConnections }),
    };
    const records: ReportRecord[] = [];
    const notes = notesOf(target, context);
    for (const part of serverParts(optionsOf(target, options), catalogue, course)) {
      const open = await part.open(notes);
      const run = { isSelected, maxTimeMs, signal: interrupted };
      for await (const record of open.judge({ ...run, provenance: provenanceOf(open, options) }))
        if ('record' in record) records.push(record);
      await open.close();
    }
    return records;
  };
  try {
    const bounds = { total: many.concurrent, perGroup: many.perHost };
    await sideBySide(targets, ({ address }) => address.host.toLowerCase(), bounds, interrupted, judge);
  } finally {
    progress.end();
    outputs.end();
  }
  const left = targets.length - exits.length;
  if (left > 0)
    context.err(
      `conform: ${left} of ${targets.length} targets are not judged yet; the same command continues\n`,
    );
  const statuses = [statusOfTargets(exits), ...(left > 0 ? [EXIT.interrupted] : [])];
  if (outputs.isLost || isLost) statuses.push(reportLost(context));
  return worst(statuses);
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

/** Throws UsageError. Returns the longest time of a run against one target. */
function checked({ retries, maxSkipped, maxTime }: RunCommandOptions): number | undefined {
  checkBetween(retries, '--retries', 0, MAX_RETRIES);
  if (maxSkipped !== undefined) checkWhole(maxSkipped, '--max-skipped', 0);
  return maxTime === undefined ? undefined : duration(maxTime, '--max-time');
}

function optionsOf(target: ListedTarget, options: RunCommandOptions): RunCommandOptions {
  return { ...options, target: [targetText(target)] };
}

/** The targets that do not lead to this machine alone, as far as names resolve now. */
async function onOtherMachines(
  targets: readonly ListedTarget[],
  signal: AbortSignal,
): Promise<readonly ListedTarget[]> {
  const hosts = new Map<string, boolean>();
  const names = [...new Set(targets.map(({ address }) => address.host))];
  await sideBySide(
    names,
    () => '',
    { total: LOOKUPS, perGroup: LOOKUPS },
    signal,
    async (host) => {
      hosts.set(host, (await resolveHost(host)).isLoopback);
    },
  );
  return targets.filter(({ address }) => hosts.get(address.host) === false);
}

function notOwned(remote: readonly ListedTarget[], file: string): UsageError {
  return faultsOf(
    remote.map(
      ({ name, line }) =>
        `${printable(file)}, line ${line}: ${name} is not on this machine; give --i-own-these-targets if all are yours`,
    ),
  );
}

/** Those that the folder holds a report of. Throws UsageError for a report of a run with other options. */
async function judgedBefore(
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

/** Notes of a run begin with the name of its target. */
function notesOf({ name }: ListedTarget, context: Context): Context {
  const err = (text: string): void => context.err(text.replace(/^conform: /, `conform: ${name}: `));
  return { ...context, out: err as Context['out'], err };
}
