/** One run against one target: events in, records to the reporters, the exit status out. */

import { performance } from 'node:perf_hooks';
import type {
  ExitStatus,
  KnownFailureList,
  ReportRecord,
  RunOptions as RunnerOptions,
  Scenario,
} from '../../conformance/index.ts';
import type { RunArguments } from '../commands/run.ts';
import type { Context } from '../core/context.ts';
import { version } from '../core/version.ts';
import type { Shard } from '../options/shard.ts';
import type { Outputs } from '../terminal/outputs.ts';
import { type KnownFailures, writeKnownFailures } from './known-failures.ts';
import type { Target } from './target.ts';

interface Judgement {
  readonly subject: Target;
  readonly options: RunArguments;
  readonly selected: (scenario: Scenario) => boolean;
  readonly shard: Shard | undefined;
  readonly known: KnownFailures | undefined;
  readonly outputs: Outputs;
  readonly context: Context;
}

/** Throws KnownFailuresError before anything is sent. */
export async function judge({
  subject,
  options,
  selected,
  shard,
  known,
  outputs,
  context,
}: Judgement): Promise<ExitStatus> {
  const { KnownFailureList, catalogue, Recorder, run, summariseRecords } = await import(
    '../../conformance/index.ts'
  );
  const { strict, retries, jobs, seed, bail, slow, iOwnThisTarget } = options;
  const { only = [], skip = [], section = [], level = [] } = options;
  const { address: target, store, process, restart, replay, name } = subject;
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const planned = new Set(catalogue.filter(selected).map(({ id }) => id));
  const knownFailures: KnownFailureList | undefined =
    known &&
    new KnownFailureList(known.text, {
      ids: catalogue.map(({ id }) => id),
      isPlanned: (id) => planned.has(id),
      today: startedAt.slice(0, 10),
      update: known.update,
    });
  const recorder = new Recorder({
    kit: version(),
    startedAt,
    elapsedMs: () => Math.round(performance.now() - began),
    name,
    replay,
    strict,
    filters: { only, skip, section, level },
    ...(shard && { shard }),
    knownFailures,
  });
  const heavy = iOwnThisTarget ? true : undefined;
  const plan: RunnerOptions = {
    ...{ target, catalogue, selected, retries, seed, bail, slow, store, process, restart, heavy },
    jobs: jobs ?? subject.jobs,
    timeScale: subject.timeScale,
    signal: context.interrupted,
  };
  const records: ReportRecord[] = [];
  for await (const event of run(plan)) {
    for (const record of recorder.take(event)) {
      records.push(record);
      outputs.take(record);
    }
  }
  if (knownFailures && known?.update) {
    const isComplete = records.some((record) => record.record === 'end' && record.because === 'complete');
    if (isComplete) writeKnownFailures(known.file, knownFailures, context);
    else context.err('conform: the run is not complete, so the list of known failures stays as it is\n');
  }
  return summariseRecords(records).exitStatus;
}
