/** The servers that a run judges: each target as a part, with the options that only a server has. */

import type { RunOptions as RunnerOptions, Scenario } from '../../conformance/index.ts';
import type { Context } from '../core/context.ts';
import { addressesOf, parseRequire } from '../options/gate.ts';
import { checkBetween, checkMilliseconds, checkSeconds, checkWhole, MAX_JOBS } from '../options/options.ts';
import type { RunOptions } from '../options/run.ts';
import { type Target, targetsOf } from '../target/target.ts';
import { identityOf, type OpenPart, type Part, type PartRun } from './part.ts';

/** How long a server may take until it answers a first SUBMIT. */
const ANSWER_SECONDS = 5;

/** The targets that the options name; without one, the embedded reference server. Throws UsageError. */
export function serverParts(options: RunOptions, catalogue: readonly Scenario[]): readonly Part[] {
  if (options.jobs !== undefined) checkBetween(options.jobs, '--jobs', 1, MAX_JOBS);
  if (options.seed !== undefined) checkWhole(options.seed, '--seed', 0);
  if (options.startTimeout !== undefined) checkSeconds(options.startTimeout, '--start-timeout');
  if (options.deadline !== undefined) checkMilliseconds(options.deadline, '--deadline');
  const addresses = addressesOf(options);
  const require = options.require === undefined ? undefined : parseRequire(options.require);
  const isStarted = options.exec !== undefined;
  return targetsOf(options).map((named) => ({
    catalogue,
    identity: identityOf('server', named.named, isStarted),
    isStarted,
    open: async (context): Promise<OpenPart> => {
      const target = await named.open(context);
      return {
        provenance: { name: target.name, replay: target.replay, require },
        judge: async function* (run) {
          const conformance = await import('../../conformance/index.ts');
          const recorder = new conformance.Recorder(run.provenance);
          const events = conformance.run({
            ...runnerOptions(target, options, run, context),
            catalogue,
            addresses,
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

function runnerOptions(
  target: Target,
  options: RunOptions,
  { provenance: _, isSelected, ...run }: PartRun,
  context: Context,
): Omit<RunnerOptions, 'catalogue'> {
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
    jobs: options.jobs ?? target.jobs,
    timeScale: target.timeScale,
    startTimeoutMs: 1000 * (options.startTimeout ?? ANSWER_SECONDS),
    answerWithinMs: options.deadline,
    heavy: iOwnThisTarget ? true : undefined,
    onNote: (note) => context.err(`conform: ${note}\n`),
  };
}
