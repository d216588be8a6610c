/**
 * Judges a client or a library with the options that it shares with `conform run`: selection, reporters, known failures,
 * exit status. The judge of each gives events.
 */

import { performance } from 'node:perf_hooks';
import type { JudgedEvent, ReportRecord, Requirement } from '../../conformance/index.ts';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { selectionOf } from '../options/filter.ts';
import type { JudgeOptions } from '../options/judge.ts';
import { checkWhole, duration } from '../options/options.ts';
import { isInShard, parseShard } from '../options/shard.ts';
import { knownFailureList, readKnownFailures, updateKnownFailures } from '../target/known-failures.ts';

/** What is judged, and by what. */
export interface Program<S extends Requirement> {
  readonly command: 'client' | 'library';
  /** The same in every run. */
  readonly name: string;
  /** The options that name it on the command line of a replay. May be empty. */
  readonly replay: string;
  readonly catalogue: readonly S[];
  /** Judges the selected scenarios. The last event is the end. */
  readonly judge: (run: ProgramRun<S>) => AsyncIterable<JudgedEvent>;
}

/** What the options ask of the judge. */
export interface ProgramRun<S extends Requirement> {
  readonly isSelected: (scenario: S) => boolean;
  /** How often a failed scenario is attempted again, from 0. */
  readonly retries: number;
  /** Whether the run ends at the first failed MUST that is not known to fail. */
  readonly bail: boolean;
  /** The longest time of the run in milliseconds. Default: none. */
  readonly maxTimeMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Runs the judge and writes the reports. Throws UsageError before anything is started. */
export async function judgeProgram<S extends Requirement>(
  program: Program<S>,
  options: JudgeOptions,
  context: Context,
): Promise<ExitStatus> {
  const { JudgedRecorder, summariseRecords } = await import('../../conformance/index.ts');
  const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
  const { command, name, replay, catalogue } = program;
  const { only = [], skip = [], section = [], clause = [], level = [], strict, maxSkipped } = options;
  const { trace, all, slowest = 0, retries, bail } = options;
  checkWhole(retries, '--retries', 0);
  if (maxSkipped !== undefined) checkWhole(maxSkipped, '--max-skipped', 0);
  const maxTimeMs = options.maxTime === undefined ? undefined : duration(options.maxTime, '--max-time');
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const matches = selectionOf(options, catalogue);
  const planned = catalogue.filter(
    (scenario) => matches(scenario) && (shard === undefined || isInShard(scenario.id, shard)),
  );
  if (planned.length === 0) throw new UsageError(`no scenario is left in shard ${options.shard}`);
  if (options.dryRun) {
    for (const { id } of planned) context.out(`${id}\n`);
    return EXIT.success;
  }
  const reporters = reportersOf(options.reporter ?? [], 1);
  const given = await readKnownFailures(options, context.interrupted);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const elapsedMs = () => Math.round(performance.now() - began);
  const knownFailures = given && (await knownFailureList(given, { catalogue, planned, startedAt }));
  const recorder = new JudgedRecorder({
    kit: version(),
    ...{ startedAt, elapsedMs, name, command, replay, strict, maxSkipped, knownFailures },
    filters: { only, skip, section, clause: clause.map((text) => text.toUpperCase()), level },
    ...(shard && { shard }),
  });
  const selected = new Set<Requirement>(planned);
  const isSelected = (scenario: S): boolean => selected.has(scenario);
  const outputs = new Outputs(reporters, { trace, all, slowest, elapsedMs }, context);
  const records: ReportRecord[] = [];
  try {
    const signal = context.interrupted;
    for await (const event of program.judge({ isSelected, retries, bail, maxTimeMs, signal }))
      for (const record of recorder.take(event)) {
        records.push(record);
        outputs.take(record);
      }
  } finally {
    // Also after a fault: what was judged until then is not lost.
    outputs.end();
  }
  await updateKnownFailures(given, knownFailures, records, context);
  return summariseRecords(records).exitStatus;
}
