/** The options of `conform fuzz`, and what they come to: how much, of what, from where. */

import type { ArgumentsCamelCase, Options } from 'yargs';
import type { CampaignOptions } from '../../fuzz/campaign/types.ts';
import { UsageError } from '../core/errors.ts';
import { checkWhole } from '../options/options.ts';
import { readCorpus } from './corpus.ts';
import { duration } from './duration.ts';
import { readDefaultCorpus } from './seeds.ts';
import { loadState } from './state.ts';
import { deadlineOf, type FuzzTargetOptions } from './target.ts';
import { weightsOf } from './weights.ts';

const DEFAULT_TIME = '60s';

export const CAMPAIGN_OPTIONS = {
  runs: {
    type: 'number',
    requiresArg: true,
    describe: 'Cases to generate; the inputs to begin with come on top',
  },
  time: {
    type: 'string',
    requiresArg: true,
    describe: `How long: 30s, 10m, 2h; default without --runs: ${DEFAULT_TIME}`,
  },
  seed: { type: 'number', requiresArg: true, describe: 'Fixes the cases; default: a new one' },
  jobs: { type: 'number', requiresArg: true, describe: 'Connections in flight' },
  workers: {
    type: 'number',
    default: 1,
    requiresArg: true,
    describe: 'Threads that throw; the jobs are shared among them',
  },
  corpus: {
    type: 'string',
    requiresArg: true,
    describe: "A folder of inputs to begin with, instead of the kit's; what shows something new is added",
  },
  resume: {
    type: 'string',
    requiresArg: true,
    describe: 'A state file: written all the while, and gone on from if it is there',
  },
  'only-mutations': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Only mutations whose name matches; * stands for anything',
  },
  weights: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'How often a mutation is taken, as NAME=NUMBER',
  },
  promote: {
    type: 'string',
    requiresArg: true,
    describe: 'Print a saved finding as the skeleton of a scenario, and throw nothing',
  },
  feedback: {
    type: 'number',
    default: 0.3,
    requiresArg: true,
    describe: 'Share of the cases that are mutations of what showed something new',
  },
  findings: {
    type: 'string',
    requiresArg: true,
    default: 'findings',
    describe: 'Where findings are saved',
  },
  'max-findings': { type: 'number', default: 20, requiresArg: true, describe: 'Stop at so many' },
  'until-finding': { type: 'boolean', default: false, describe: 'Stop at the first' },
} as const satisfies Record<string, Options>;

export interface CampaignArguments extends FuzzTargetOptions {
  runs: number | undefined;
  time: string | undefined;
  seed: number | undefined;
  jobs: number | undefined;
  workers: number;
  feedback: number;
  corpus: string | undefined;
  resume: string | undefined;
  promote: string | undefined;
  'only-mutations': string[] | undefined;
  weights: string[] | undefined;
  findings: string;
  'max-findings': number;
  'until-finding': boolean;
}

/** What was asked for, except of whom. */
export type CampaignSettings = Omit<CampaignOptions, 'target' | 'newTaskId' | 'signal' | 'seed' | 'jobs'> & {
  readonly seed: number | undefined;
  readonly jobs: number | undefined;
};

/** Reads the corpus and the state file. Throws a UsageError for options, or files, that make no campaign. */
export async function readSettings(
  options: ArgumentsCamelCase<CampaignArguments>,
): Promise<CampaignSettings> {
  const { runs, seed, jobs, workers, feedback, maxFindings, resume } = options;
  if (runs !== undefined) checkWhole(runs, '--runs', 1);
  if (seed !== undefined) checkWhole(seed, '--seed', 0);
  if (jobs !== undefined) checkWhole(jobs, '--jobs', 1);
  checkWhole(workers, '--workers', 1);
  checkWhole(maxFindings, '--max-findings', 1);
  if (!(feedback >= 0 && feedback <= 0.9)) throw new UsageError('--feedback must be a share from 0 to 0.9');
  const time = options.time ?? (runs === undefined ? DEFAULT_TIME : undefined);
  return {
    ...{ runs, seed, jobs, workers, feedback },
    timeMs: time === undefined ? undefined : duration(time, '--time'),
    deadlineMs: deadlineOf(options),
    weights: await weightsOf(options.onlyMutations, options.weights),
    given: await (options.corpus === undefined ? readDefaultCorpus() : readCorpus(options.corpus)),
    saved: resume === undefined ? undefined : await loadState(resume),
    maxFindings: options.untilFinding ? 1 : maxFindings,
    onlyLoopback: !options.iOwnThisTarget,
  };
}
