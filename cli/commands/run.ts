/** `conform run`, and `conform` without a command: judges targets, or the embedded reference server. */

import { performance } from 'node:perf_hooks';
import type {
  Addresses,
  Lack,
  ReportRecord,
  RunOptions as RunnerOptions,
  Scenario,
} from '../../conformance/index.ts';
import { EXIT, EXIT_MEANINGS, type ExitStatus, worst } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { closeQuietly } from '../core/output-files.ts';
import { version } from '../core/version.ts';
import { selectionOf } from '../options/filter.ts';
import { addressesOf, parseRequire } from '../options/gate.ts';
import { checkMilliseconds, checkSeconds, checkWhole, duration } from '../options/options.ts';
import { RUN_OPTIONS, type RunOptions } from '../options/run.ts';
import { isInShard, parseShard, type Shard } from '../options/shard.ts';
import {
  type KnownFailuresFile,
  knownFailureList,
  readKnownFailures,
  updateKnownFailures,
} from '../target/known-failures.ts';
import { type Target, targetsOf } from '../target/target.ts';
import type { Outputs, Reporter } from '../terminal/outputs.ts';

/** How long a server may take until it answers a first SUBMIT. */
const ANSWER_SECONDS = 5;

export const runCommand = command({
  usage: 'run',
  isDefault: true,
  configured: 'all',
  onSignal: 'stops',
  describe: 'Judge your server; without --target or --exec, the embedded reference server',
  exits: EXIT_MEANINGS,
  options: RUN_OPTIONS,
  conflicts: [
    ['target', 'exec'],
    ['exec', 'pid'],
  ],
  examples: [
    ["$0 --target 127.0.0.1:1003 --only 'frame/*'", 'judge one section of the protocol'],
    ['$0 --target 127.0.0.1:1003 --reporter junit=junit.xml', 'also write a report for CI'],
    ['$0 --target 127.0.0.1:1003 --known-failures known.txt', 'succeed in spite of listed failures'],
  ],
  run: async (options, context) => {
    const { catalogue } = await import('../../conformance/index.ts');
    const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
    const plan = planOf(options, catalogue);
    if (options.dryRun) {
      for (const { id } of plan.scenarios) context.out(`${id}\n`);
      return EXIT.success;
    }
    const reporters = reportersOf(options.reporter ?? [], options.target?.length ?? 1);
    const knownFailures = await readKnownFailures(options, context.interrupted);
    const targets = targetsOf(options, contextForNotes(reporters, context));
    const began = performance.now();
    const { trace, all, slowest = 0 } = options;
    const elapsedMs = () => performance.now() - began;
    const outputs = new Outputs(reporters, { trace, all, slowest, elapsedMs }, context);
    const statuses: ExitStatus[] = [];
    try {
      for (const open of targets) {
        const target = await unlessInterrupted(open, context);
        if (target === undefined) {
          outputs.take({ record: 'end', durationMs: Math.round(elapsedMs()), because: 'interrupted' });
          statuses.push(EXIT.interrupted);
          break;
        }
        try {
          statuses.push(await judge({ target, plan, options, knownFailures, outputs, context }));
        } finally {
          await closeQuietly(target.close, context);
        }
      }
    } finally {
      // Also after a fault: what was judged until then is not lost.
      outputs.end();
    }
    return worst(statuses);
  },
});

/** Undefined if a signal comes before or meanwhile. */
async function unlessInterrupted(
  open: () => Promise<Target>,
  { interrupted }: Context,
): Promise<Target | undefined> {
  if (interrupted.aborted) return undefined;
  try {
    return await open();
  } catch (error) {
    if (interrupted.aborted) return undefined;
    throw error;
  }
}

/** Which scenarios are run, whatever the target is. */
interface Plan {
  readonly catalogue: readonly Scenario[];
  /** The selected part of the catalogue. At least one scenario. */
  readonly scenarios: readonly Scenario[];
  readonly shard: Shard | undefined;
  readonly addresses: Addresses | undefined;
  readonly require: readonly Lack[] | undefined;
}

/** Throws UsageError for a number that is out of range, and for options that select no scenario. */
function planOf(options: RunOptions, catalogue: readonly Scenario[]): Plan {
  checkWhole(options.retries, '--retries', 0);
  if (options.jobs !== undefined) checkWhole(options.jobs, '--jobs', 1);
  if (options.seed !== undefined) checkWhole(options.seed, '--seed', 0);
  if (options.maxSkipped !== undefined) checkWhole(options.maxSkipped, '--max-skipped', 0);
  if (options.slowest !== undefined) checkWhole(options.slowest, '--slowest', 1);
  if (options.startTimeout !== undefined) checkSeconds(options.startTimeout, '--start-timeout');
  if (options.deadline !== undefined) checkMilliseconds(options.deadline, '--deadline');
  if (options.maxTime !== undefined) duration(options.maxTime, '--max-time');
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const addresses = addressesOf(options);
  const require = options.require === undefined ? undefined : parseRequire(options.require);
  const scenarios = catalogue
    .filter(selectionOf(options, catalogue))
    .filter(({ id }) => shard === undefined || isInShard(id, shard));
  if (scenarios.length === 0) throw new UsageError(`no scenario is left in shard ${options.shard}`);
  return { catalogue, scenarios, shard, addresses, require };
}

/** Notes go to standard error when standard output is a report for a program, which expects nothing else there. */
function contextForNotes(reporters: readonly Reporter[], context: Context): Context {
  const isForPeople = reporters.some(({ format, file }) => format === 'pretty' && file === undefined);
  return isForPeople ? context : { ...context, out: (data) => context.err(String(data)) };
}

interface Judging {
  readonly target: Target;
  readonly plan: Plan;
  readonly options: RunOptions;
  readonly knownFailures: KnownFailuresFile | undefined;
  readonly outputs: Outputs;
  readonly context: Context;
}

/**
 * One run against one target: the events of the runner become records, the records go to the reporters, and the exit status
 * follows from the records. Throws KnownFailuresError before anything is sent.
 */
async function judge(judging: Judging): Promise<ExitStatus> {
  const { target, plan, options, outputs, context } = judging;
  const { Recorder, run, summariseRecords } = await import('../../conformance/index.ts');
  const { only = [], skip = [], section = [], clause = [], level = [], strict, maxSkipped } = options;
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const knownFailures =
    judging.knownFailures &&
    (await knownFailureList(judging.knownFailures, {
      catalogue: plan.catalogue,
      planned: plan.scenarios,
      startedAt,
    }));
  const recorder = new Recorder({
    kit: version(),
    startedAt,
    elapsedMs: () => Math.round(performance.now() - began),
    name: target.name,
    replay: target.replay,
    strict,
    filters: { only, skip, section, clause: clause.map((name) => name.toUpperCase()), level },
    require: plan.require,
    maxSkipped,
    ...(plan.shard && { shard: plan.shard }),
    marksPasses: options.trace,
    knownFailures,
  });
  const records: ReportRecord[] = [];
  for await (const event of run(runnerOptionsOf(judging))) {
    if (event.kind === 'waiting') outputs.waiting(event);
    for (const record of recorder.take(event)) {
      records.push(record);
      outputs.take(record);
    }
  }
  await updateKnownFailures(judging.knownFailures, knownFailures, records, context);
  return summariseRecords(records).exitStatus;
}

function runnerOptionsOf({ target, plan, options, context }: Judging): RunnerOptions {
  const selected = new Set(plan.scenarios.map(({ id }) => id));
  const { retries, seed, bail, slow, iOwnThisTarget } = options;
  return {
    ...{ retries, seed, bail, slow },
    target: target.address,
    catalogue: plan.catalogue,
    selected: ({ id }) => selected.has(id),
    store: target.store,
    process: target.process,
    restart: target.restart,
    kill: target.kill,
    describeEnd: target.describeEnd,
    jobs: options.jobs ?? target.jobs,
    timeScale: target.timeScale,
    addresses: plan.addresses,
    startTimeoutMs: 1000 * (options.startTimeout ?? ANSWER_SECONDS),
    answerWithinMs: options.deadline,
    maxTimeMs: options.maxTime === undefined ? undefined : duration(options.maxTime, '--max-time'),
    heavy: iOwnThisTarget ? true : undefined,
    onNote: (note) => context.err(`conform: ${note}\n`),
    signal: context.interrupted,
  };
}
