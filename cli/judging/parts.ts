/**
 * Judges parts, each a server, a client or a library, with the options that all of them share: selection, reporters, known
 * failures, exit status. Each part has a report of its own.
 */

import { performance } from 'node:perf_hooks';
import type {
  KnownFailureList,
  Provenance,
  ReportRecord,
  Requirement,
  Waiting,
} from '../../conformance/index.ts';
import { EXIT, type ExitStatus, worst } from '../../conformance/report/exit-status.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { closeQuietly } from '../core/output-files.ts';
import { version } from '../core/version.ts';
import { selectionOf } from '../options/filter.ts';
import type { JudgeOptions } from '../options/judge.ts';
import { checkBetween, checkWhole, duration, MAX_RETRIES } from '../options/options.ts';
import { isInShard, parseShard } from '../options/shard.ts';
import {
  type KnownFailuresFile,
  knownFailureList,
  readKnownFailures,
  updateKnownFailures,
} from '../target/known-failures.ts';
import { type Reporter, reportLost } from '../terminal/outputs.ts';

/** What is judged, and by what. */
export interface Part {
  readonly catalogue: readonly Requirement[];
  /** Starts it, or connects to it. `context` writes notes where no report for a program is. */
  readonly open: (context: Context) => Promise<OpenPart>;
}

/** A part that can be judged. */
export interface OpenPart {
  /** What is known of it. The name is the same in every run. */
  readonly provenance: Pick<Provenance, 'name' | 'command' | 'replay' | 'require'>;
  /** The records of a run, the end as the last one, and what it waits for meanwhile. */
  readonly judge: (run: PartRun) => AsyncIterable<ReportRecord | Waiting>;
  readonly close: () => Promise<void>;
}

/** What the options ask of the judge of a part. */
export interface PartRun {
  /** Of all records; with the name of the part. */
  readonly provenance: Provenance;
  readonly isSelected: (scenario: Requirement) => boolean;
  /** The longest time of the run in milliseconds. Default: none. */
  readonly maxTimeMs: number | undefined;
  readonly signal: AbortSignal;
}

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
): Promise<ExitStatus> {
  const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
  const { trace, all, slowest = 0, retries, maxSkipped, maxTime } = options;
  checkBetween(retries, '--retries', 0, MAX_RETRIES);
  if (maxSkipped !== undefined) checkWhole(maxSkipped, '--max-skipped', 0);
  if (options.slowest !== undefined) checkWhole(slowest, '--slowest', 1);
  const maxTimeMs = maxTime === undefined ? undefined : duration(maxTime, '--max-time');
  const plans = plansOf(parts, options);
  const reporters = reportersOf(options.reporter ?? [], plans.length);
  if (options.dryRun) {
    for (const id of new Set(plans.flatMap(({ planned }) => planned.map(({ id }) => id))))
      context.out(`${id}\n`);
    return EXIT.success;
  }
  let knownFailures = await readKnownFailures(options, context.interrupted);
  // A malformed list is found before anything is started.
  if (knownFailures) await listOf(knownFailures, [], new Date().toISOString());
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  const outputs = new Outputs(reporters, { trace, all, slowest, elapsedMs }, context);
  const statuses: ExitStatus[] = [];
  try {
    for (const { part, planned } of plans) {
      const open = await unlessInterrupted(() => part.open(contextForNotes(reporters, context)), context);
      if (open === undefined) {
        outputs.take({ record: 'end', durationMs: Math.round(elapsedMs()), because: 'interrupted' });
        statuses.push(EXIT.interrupted);
        break;
      }
      try {
        const { summariseRecords } = await import('../../conformance/index.ts');
        const provenance = provenanceOf(open, options);
        const { startedAt } = provenance;
        const list = knownFailures && (await listOf(knownFailures, planned, startedAt));
        const run = { provenance: { ...provenance, knownFailures: list }, maxTimeMs };
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
        knownFailures = await updateKnownFailures(knownFailures, list, records, context);
        if (knownFailures?.isLost) statuses.push(EXIT.incomplete);
        statuses.push(summariseRecords(records).exitStatus);
      } finally {
        await closeQuietly(open.close, context);
      }
    }
  } finally {
    // Also after a fault: what was judged until then is not lost.
    outputs.end();
  }
  if (outputs.isLost) statuses.push(reportLost(context));
  return worst(statuses);
}

/** A file may list failures of servers, clients and libraries. */
async function listOf(
  file: KnownFailuresFile,
  planned: readonly Requirement[],
  startedAt: string,
): Promise<KnownFailureList> {
  const { allScenarios } = await import('./catalogues.ts');
  return knownFailureList(file, { ids: allScenarios().map(({ id }) => id), planned, startedAt });
}

interface Plan {
  readonly part: Part;
  /** At least one scenario. */
  readonly planned: readonly Requirement[];
}

/** Throws UsageError for options that select no scenario. */
function plansOf(parts: readonly Part[], options: Options): readonly Plan[] {
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const matches = selectionOf(options, [...new Set(parts.flatMap(({ catalogue }) => catalogue))]);
  const plans = parts.map((part) => ({
    part,
    planned: part.catalogue.filter(
      (scenario) => matches(scenario) && (shard === undefined || isInShard(scenario.id, shard)),
    ),
  }));
  const judged = plans.filter(({ planned }) => planned.length > 0);
  if (judged.length === 0) throw new UsageError(`no scenario is left in shard ${shard?.index}/${shard?.of}`);
  return judged;
}

function provenanceOf({ provenance }: OpenPart, options: Options): Provenance {
  const { only = [], skip = [], section = [], clause = [], level = [], strict, maxSkipped, trace } = options;
  const began = performance.now();
  return {
    kit: version(),
    startedAt: new Date().toISOString(),
    elapsedMs: () => Math.round(performance.now() - began),
    ...{ ...provenance, strict, maxSkipped, marksPasses: trace },
    filters: { only, skip, section, clause: clause.map((name) => name.toUpperCase()), level },
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
