/** The options of `conform fuzz`, and the settings of a campaign that follow from them. */

import { basename } from 'node:path';
import type { Shard } from '../../conformance/report/record.ts';
import { globOf } from '../../conformance/util/glob.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import type { CampaignOptions, CampaignState, Weights } from '../../fuzz/index.ts';
import { notOneOf } from '../core/check-command-line.ts';
import type { Given, OptionTable } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFile, checkOutputFolder } from '../core/output-files.ts';
import { checkBetween, checkWhole, duration, MAX_JOBS, wrong } from '../options/options.ts';
import { parseShard } from '../options/shard.ts';
import { DEFAULT_CAPTURE_PORT, isFile, readCorpus, readDefaultCorpus } from './corpus/corpus.ts';
import { isOfCampaign } from './corpus/corpus-folder.ts';
import { loadState } from './state.ts';
import { deadlineOf, FUZZ_TARGET_OPTIONS } from './target.ts';

const DEFAULT_TIME = '60s';

/** A thread takes 10 MB and some seconds of CPU time to load. More threads than cores gain nothing. */
const MAX_WORKERS = 64;
/** What has to have room on the disk when a campaign begins: some findings. */
const ROOM_BYTES = 64 * 1024;

export const CAPTURE_PORT = {
  type: 'number',
  default: DEFAULT_CAPTURE_PORT,
  requiresArg: true,
  group: 'Cases:',
  describe: 'Port that the clients of a captured file (pcap, pcapng) connected to',
} as const;

export const FUZZ_OPTIONS = {
  ...FUZZ_TARGET_OPTIONS,
  runs: {
    type: 'number',
    requiresArg: true,
    group: 'Campaign:',
    describe: 'Number of cases to generate; the inputs of the corpus are sent in addition',
  },
  time: {
    type: 'string',
    requiresArg: true,
    group: 'Campaign:',
    describe: `Duration such as 30s, 10m or 2h; default: ${DEFAULT_TIME}, or no limit with --runs`,
  },
  seed: {
    type: 'number',
    requiresArg: true,
    group: 'Campaign:',
    describe: 'Number that fixes the cases; default: a random one',
  },
  shard: {
    type: 'string',
    requiresArg: true,
    group: 'Campaign:',
    describe:
      'Send one part of the cases of --seed, such as 2/5, or the one that a CI service or a cluster names: auto; --merge joins the parts',
  },
  merge: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Campaign:',
    describe: 'Join the state files (--resume) of all shards of a campaign, and send nothing',
  },
  jobs: {
    type: 'number',
    requiresArg: true,
    group: 'Campaign:',
    describe: `Connections in flight, ${MAX_JOBS} at the most; default: 16 for each core, 64 at the most`,
  },
  workers: {
    type: 'number',
    default: 1,
    requiresArg: true,
    group: 'Campaign:',
    describe: `Threads that send cases, ${MAX_WORKERS} at the most; they share the jobs`,
  },
  'max-findings': {
    type: 'number',
    default: 20,
    requiresArg: true,
    group: 'Campaign:',
    describe: 'Stop at this number of findings',
  },
  'until-finding': {
    type: 'boolean',
    default: false,
    group: 'Campaign:',
    describe: 'Stop at the first finding',
  },
  resume: {
    type: 'string',
    requiresArg: true,
    group: 'Campaign:',
    describe: 'State file: continue from it if it exists, and update it about once a second',
  },
  corpus: {
    type: 'string',
    requiresArg: true,
    group: 'Cases:',
    describe:
      'Folder of inputs to begin with, to which cases with new behaviour are added, or a capture of traffic; default: inputs of the kit',
  },
  'capture-port': CAPTURE_PORT,
  feedback: {
    type: 'number',
    requiresArg: true,
    group: 'Cases:',
    describe:
      'Share of the cases that mutate a case which showed new behaviour, from 0 to 0.9; default: 0.3, with --coverage 0.6',
  },
  coverage: {
    type: 'string',
    requiresArg: true,
    group: 'Cases:',
    describe:
      'File of edge counters that an instrumented server writes; cases that reach new code are mutated',
  },
  'only-mutations': {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Cases:',
    describe: 'Only mutations whose name matches; * stands for any text',
  },
  weights: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Cases:',
    describe: 'How often a mutation is used, as NAME=NUMBER',
  },
  findings: {
    type: 'string',
    requiresArg: true,
    default: 'findings',
    group: 'Report:',
    describe: 'Folder that findings are saved in when they are confirmed; created for the first one',
  },
  reporter: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Report:',
    describe: 'Report at the end, as NAME on standard output or NAME=FILE; junit, sarif, html, …',
  },
  ui: {
    type: 'string',
    group: 'Report:',
    describe:
      'Show the campaign in a browser on this machine while it runs; the address is printed. Port; default: a free one',
  },
  verbose: {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'At the end, list the cases of each mutation and each signature',
  },
  'minimise-only': {
    type: 'string',
    requiresArg: true,
    group: 'Report:',
    describe:
      'Minimise the finding in this file, or with this id in --findings, again, and send nothing else',
  },
  promote: {
    type: 'string',
    requiresArg: true,
    group: 'Report:',
    describe: 'Print the scenario for the finding in this file, or in - for standard input, and send nothing',
  },
} as const satisfies OptionTable;

/** The settings of a campaign without its target. */
export type CampaignSettings = Omit<CampaignOptions, 'target' | 'newTaskId' | 'signal' | 'seed' | 'adopt'> & {
  readonly seed: number | undefined;
  /** The folder that new cases are added to, and the names of the files that were read from it. */
  readonly corpusFolder: { readonly path: string; readonly names: readonly string[] } | undefined;
  /** Lines for a person about the inputs. */
  readonly notes: readonly string[];
};

/** Checks the options and what the campaign will write, and reads the corpus and the state file. Throws a UsageError. */
export async function readSettings(options: Given<typeof FUZZ_OPTIONS>): Promise<CampaignSettings> {
  const { runs, seed, jobs, workers, feedback, coverage, maxFindings, resume } = options;
  if (runs !== undefined) checkWhole(runs, '--runs', 1);
  if (seed !== undefined) checkWhole(seed, '--seed', 0);
  if (jobs !== undefined) checkBetween(jobs, '--jobs', 1, MAX_JOBS);
  checkBetween(workers, '--workers', 1, MAX_WORKERS, 'more than the cores of the machine gain nothing');
  if (jobs !== undefined && workers > jobs)
    throw new UsageError(
      `--workers ${workers} share --jobs ${jobs}, so give at most ${jobs} workers, or more jobs`,
    );
  checkWhole(maxFindings, '--max-findings', 1);
  if (feedback !== undefined && !(feedback >= 0 && feedback <= 0.9))
    throw new UsageError('--feedback must be a share from 0 to 0.9');
  checkBetween(options.capturePort, '--capture-port', 1, 65_535);
  const { corpus } = options;
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const none = { inputs: [], notes: [] };
  const read = corpus === undefined ? none : await readCorpus(corpus, options.capturePort);
  const { notes } = read;
  // What another shard has added may be there or not when this one begins. It is adopted, so that all begin with the same inputs.
  const inputs = read.inputs.filter(({ file }) => shard === undefined || !isOfCampaign(basename(file)));
  const names = inputs.map(({ file }) => basename(file));
  const corpusFolder = corpus === undefined || (await isFile(corpus)) ? undefined : { path: corpus, names };
  await checkOutputFolder('--findings', options.findings, ROOM_BYTES);
  if (corpusFolder !== undefined) await checkOutputFolder('--corpus', corpusFolder.path, ROOM_BYTES);
  if (resume !== undefined) await checkOutputFile('--resume', resume, ROOM_BYTES);
  if (coverage !== undefined) await checkOutputFile('--coverage', coverage);
  if (options.ui !== undefined) uiPort(options.ui);
  const saved = resume === undefined ? undefined : await loadState(resume, '--resume');
  checkShard(shard, options, saved);
  const time = options.time ?? (runs === undefined ? DEFAULT_TIME : undefined);
  return {
    ...{ runs, seed, shard, jobs, workers, feedback, coverage, saved },
    timeMs: time === undefined ? undefined : duration(time, '--time'),
    deadlineMs: deadlineOf(options),
    weights: await weightsOf(options.onlyMutations, options.weights),
    given: inputs.length > 0 ? inputs.map(({ value }) => value) : await readDefaultCorpus(),
    corpusFolder,
    notes,
    maxFindings: options.untilFinding ? 1 : maxFindings,
    onlyLoopback: !options.iOwnThisTarget,
  };
}

/** Throws a UsageError for a shard whose cases no other shard can complete, or that is not the one of the state. */
function checkShard(
  shard: Shard | undefined,
  { seed, resume = '' }: Given<typeof FUZZ_OPTIONS>,
  saved: CampaignState | undefined,
): void {
  if (saved === undefined && shard !== undefined && seed === undefined)
    throw new UsageError(
      '--shard needs --seed, the same one for all shards: each sends its part of the cases',
    );
  const nameOf = (part: Shard | undefined): string =>
    part === undefined ? 'a whole campaign' : `shard ${part.index} of ${part.of}`;
  const [mine, theirs] = [nameOf(shard), nameOf(saved?.plan?.shard)];
  if (saved !== undefined && mine !== theirs)
    throw new UsageError(`--resume ${printablePath(resume)} is the state of ${theirs}, and this is ${mine}`);
}

/** The port that `--ui` gives; 0, for a free one, if it gives none. Throws a UsageError. */
export function uiPort(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,6}$/.test(text))
    throw wrong('--ui', `${printable(JSON.stringify(text))} must be a whole number from 1 to 65535`);
  return checkBetween(Number(text), '--ui', 1, 65_535);
}

/** `only` are patterns, `weights` are NAME=NUMBER. Throws a UsageError for an entry that names no mutation. */
async function weightsOf(
  only: readonly string[] | undefined,
  weights: readonly string[] | undefined,
): Promise<Weights> {
  const { MUTATION_NAMES } = await import('../../fuzz/index.ts');
  const selected: Record<string, number> = {};
  if (only !== undefined) {
    const patterns = only.map((pattern) => ({ pattern, glob: globOf(pattern) }));
    for (const { pattern, glob } of patterns)
      if (!MUTATION_NAMES.some((name) => glob.test(name)))
        throw wrong(
          '--only-mutations',
          `${JSON.stringify(pattern)} matches none of ${MUTATION_NAMES.join(', ')}`,
        );
    for (const name of MUTATION_NAMES) if (!patterns.some(({ glob }) => glob.test(name))) selected[name] = 0;
  }
  for (const text of weights ?? []) {
    const [name = '', number = ''] = text.split('=');
    if (!MUTATION_NAMES.includes(name))
      throw wrong('--weights', notOneOf(`${JSON.stringify(text)}: ${name}`, name, MUTATION_NAMES));
    if (!/^\d{1,4}$/.test(number)) throw wrong('--weights', `${JSON.stringify(text)} is not NAME=NUMBER`);
    selected[name] = Number(number);
  }
  return selected;
}
