/** The servers that a run judges: each target as a part, with the options that only a server has. */

import type { Provenance, RunOptions as RunnerOptions, Scenario } from '../../conformance/index.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import type { Context } from '../core/context.ts';
import { addressesOf, parseRequire } from '../options/gate.ts';
import { checkBetween, checkWhole, MAX_JOBS, optionalDuration } from '../options/options.ts';
import type { RunOptions } from '../options/run.ts';
import { type Target, targetsOf } from '../target/target.ts';
import { recordsOfUnstarted, type Unstarted, unstartedBy } from '../target/unstarted.ts';
import { identityOf, type OpenPart, type Part, type PartRun } from './part.ts';

/** How long a server may take until it answers a first SUBMIT. */
const ANSWER_MS = 5000;

/** What a run against many targets decides about each. */
export type Course = Pick<RunnerOptions, 'heavy' | 'beforeConnections'>;

/** The targets that the options name; without one, the embedded reference server. Throws UsageError. */
export function serverParts(
  options: RunOptions,
  catalogue: readonly Scenario[],
  course: Course = {},
): readonly Part[] {
  if (options.jobs !== undefined) checkBetween(options.jobs, '--jobs', 1, MAX_JOBS);
  if (options.seed !== undefined) checkWhole(options.seed, '--seed', 0);
  const limits = {
    startTimeoutMs: optionalDuration(options.startTimeout, '--start-timeout') ?? ANSWER_MS,
    answerWithinMs: optionalDuration(options.deadline, '--deadline'),
  };
  const addresses = addressesOf(options);
  const require = options.require === undefined ? undefined : parseRequire(options.require);
  const isStarted = options.exec !== undefined;
  return targetsOf(options).map((named) => ({
    catalogue,
    identity: identityOf('server', named.named, isStarted),
    isStarted,
    open: async (context): Promise<OpenPart> => {
      const target = await named.open(context).catch(unstartedBy);
      if ('failedStart' in target) return unstarted(target, named.name, require);
      return {
        provenance: { name: target.name, replay: target.replay, require },
        judge: async function* (run) {
          const conformance = await import('../../conformance/index.ts');
          const recorder = new conformance.Recorder(run.provenance);
          const events = conformance.run({
            ...runnerOptions(target, options, run, context),
            ...limits,
            catalogue,
            addresses,
            ...course,
          });
          for await (const event of events) {
            if (event.kind === 'waiting') yield event;
            yield* recorder.take(event);
          }
        },
        close: target.close,
      };
    },
  }));
}

function unstarted(why: Unstarted, name: string, require: Provenance['require']): OpenPart {
  return {
    provenance: { name, replay: `--exec ${quoted(name)}`, require },
    judge: async function* ({ provenance }) {
      yield* await recordsOfUnstarted(why, provenance);
    },
    close: async () => {},
  };
}

function runnerOptions(
  target: Target,
  options: RunOptions,
  { provenance: _, isSelected, ...run }: PartRun,
  context: Context,
): Omit<RunnerOptions, 'catalogue' | 'startTimeoutMs' | 'answerWithinMs'> {
  const { retries, seed, slow, iOwnThisTarget } = options;
  return {
    ...{ ...run, retries, seed, slow },
    target: target.address,
    selected: isSelected,
    store: target.store,
    process: target.process,
    restart: target.restart,
    kill: target.kill,
    describeEnd: target.describeEnd,
    watchReports: target.watchReports,
    jobs: options.jobs ?? target.jobs,
    timeScale: target.timeScale,
    heavy: iOwnThisTarget ? true : undefined,
    onNote: (note) => context.err(`conform: ${note}\n`),
  };
}
