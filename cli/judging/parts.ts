/**
 * Judges parts, each a server, a client or a library, with the options that all of them share: selection, reporters, known
 * failures, exit status. Each part has a report of its own.
 */

import { performance } from 'node:perf_hooks';
import type {
  Filters,
  KnownFailureList,
  Provenance,
  ReportRecord,
  Requirement,
} from '../../conformance/index.ts';
import { countsAsFailure } from '../../conformance/report/effective-verdict.ts';
import {
  EXIT,
  type ExitStatus,
  type RunStatus,
  statusOfRuns,
  worst,
} from '../../conformance/report/exit-status.ts';
import { counted } from '../../conformance/util/counted.ts';
import type { Context } from '../core/context.ts';
import { closeQuietly, reportLost } from '../core/output-files.ts';
import { version } from '../core/version.ts';
import { checkJudgeOptions, type JudgeOptions } from '../options/judge.ts';
import { parseShard } from '../options/shard.ts';
import {
  type KnownFailuresFile,
  knownFailureList,
  noteOfUpdate,
  readKnownFailures,
  updateKnownFailures,
} from '../target/known-failures.ts';
import type { Reporter } from '../terminal/outputs.ts';

import { LastRuns } from './last-run.ts';
import type { OpenPart, Part, PartRun } from './part.ts';
import { onlyFailed, type Plan, plansOf } from './plans.ts';
import { comparison, readEarlier } from './since.ts';

/** Options of every judge; several targets are for servers only. */
type Options = JudgeOptions & { readonly target?: readonly string[] | undefined };

/**
 * Judges one part after another and writes the reports. A part of which no scenario is selected is left out. Resolves to the
 * worst status. Throws UsageError before anything is started.
 */
export async function judgeParts(
  parts: readonly Part[],
  options: Options,
  context: Context,
  lastRuns: LastRuns = new LastRuns(context.cacheFolder),
): Promise<ExitStatus> {
  const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
  const { trace, slowest = 0 } = options;
  const { maxTimeMs } = checkJudgeOptions(options);
  const selected = plansOf(parts, options);
  const plans = options.lastFailed ? await onlyFailed(selected, lastRuns, context) : selected;
  const reporters = reportersOf(options.reporter ?? [], plans.length);
  if (options.dryRun) {
    for (const id of new Set(plans.flatMap(({ planned }) => planned.map(({ id }) => id))))
      context.out(`${id}\n`);
    return EXIT.success;
  }
  let knownFailures = await readKnownFailures(options, context.interrupted);
  // A malformed list is found before anything is started.
  if (knownFailures) await listOf(knownFailures, [], new Date().toISOString());
  const earlier = await readEarlier(options.since);
  const judged: ReportRecord[] = [];
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  const outputs = new Outputs(reporters, { trace, all: options.all, slowest, elapsedMs }, context);
  const notes = contextForNotes(reporters, context);
  const runs: RunStatus[] = [];
  const statuses: ExitStatus[] = [];
  try {
    for (const { part, planned, filters } of plans) {
      const open = await unlessInterrupted(() => part.open(notes), context);
      if (open === undefined) {
        outputs.take({ record: 'end', durationMs: Math.round(elapsedMs()), because: 'interrupted' });
        statuses.push(EXIT.interrupted);
        break;
      }
      try {
        const { summariseRecords } = await import('../../conformance/index.ts');
        const provenance = provenanceOf(open, options, filters, context);
        const { startedAt } = provenance;
        const list = knownFailures && (await listOf(knownFailures, planned, startedAt));
        const run = {
          provenance: { ...provenance, knownFailures: list, knownFailuresFile: knownFailures?.file },
          ...{ maxTimeMs, ...failureLimit(options, list) },
        };
        const selected = new Set(planned.map(({ id }) => id));
        const records: ReportRecord[] = [];
        for await (const record of open.judge({
          ...{ ...run, signal: context.interrupted },
          isSelected: ({ id }) => selected.has(id),
        })) {
          if (!('record' in record)) {
            outputs.waiting(record);
            continue;
          }
          records.push(record);
          outputs.take(record);
        }
        judged.push(...records);
        const lost = await lastRuns.keep(part.identity, records);
        // The next run with the option says what it lacks; this one is complete without it.
        if (options.lastFailed && lost !== undefined) context.err(lost);
        knownFailures = await updateKnownFailures(knownFailures, list, records, context);
        if (knownFailures?.isLost) statuses.push(EXIT.incomplete);
        const { exitStatus } = summariseRecords(records);
        runs.push({ command: provenance.command, exitStatus });
      } finally {
        await closeQuietly(open.close, context);
      }
    }
  } finally {
    // Also after a fault: what was judged until then is not lost.
    outputs.end();
  }
  if (knownFailures) context.err(noteOfUpdate(knownFailures));
  if (earlier) notes.out(await comparison(earlier, judged, { all: options.all, context }));
  if (outputs.isLost) statuses.push(reportLost(context));
  const status = worst([statusOfRuns(runs), ...statuses]);
  const left = countOf(selected) - countOf(plans);
  if (status === EXIT.success && left > 0)
    context.err(
      `conform: --last-failed: ${counted(left, 'selected scenario was', 'selected scenarios were')} not judged; without it a run judges all\n`,
    );
  return status;
}

function countOf(plans: readonly Plan[]): number {
  return plans.reduce((sum, { planned }) => sum + planned.length, 0);
}

/** A file may list failures of servers, clients and libraries. */
async function listOf(
  file: KnownFailuresFile,
  planned: readonly Requirement[],
  startedAt: string,
): Promise<KnownFailureList> {
  const { allScenarios } = await import('./catalogues.ts');
  const ids = (await allScenarios()).map(({ id }) => id);
  return knownFailureList(file, { ids, planned, startedAt });
}

/** Which failures end the run. One that a list of known failures names does not. */
export function failureLimit(
  { bail, maxFailures = bail ? 1 : undefined, strict }: Options,
  list?: KnownFailureList,
): Pick<PartRun, 'maxFailures' | 'countsAsFailure'> {
  return { maxFailures, countsAsFailure: countsAsFailure(strict, list) };
}

/** What the records of a part say about the run. */
export function provenanceOf(
  { provenance }: OpenPart,
  options: Options,
  filters: Filters,
  { program }: Context,
): Provenance {
  const { strict, maxSkipped, trace } = options;
  const began = performance.now();
  return {
    kit: version(),
    startedAt: new Date().toISOString(),
    elapsedMs: () => Math.round(performance.now() - began),
    ...{ ...provenance, program, strict, maxSkipped, marksPasses: trace },
    filters,
    ...(options.shard !== undefined && { shard: parseShard(options.shard) }),
  };
}

/** Undefined if a signal comes before or meanwhile. */
async function unlessInterrupted<T>(
  open: () => Promise<T>,
  { interrupted }: Context,
): Promise<T | undefined> {
  if (interrupted.aborted) return undefined;
  try {
    return await open();
  } catch (error) {
    if (interrupted.aborted) return undefined;
    throw error;
  }
}

/** Notes go to standard error when standard output is a report for a program, which expects nothing else there. */
function contextForNotes(reporters: readonly Reporter[], context: Context): Context {
  const isForPeople = reporters.some(({ format, file }) => format === 'pretty' && file === undefined);
  return isForPeople ? context : { ...context, out: (data) => context.err(String(data)) };
}
