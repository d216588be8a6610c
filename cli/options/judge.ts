/** The options that every judge has: of servers, of clients, of libraries. */

import { FORMATS } from '../../conformance/reporters/format.ts';
import type { Given, OnSignal, OptionTable } from '../core/command.ts';
import type { SELECTION } from './filter.ts';
import { checkBetween, checkWhole, MAX_RETRIES, optionalDuration } from './options.ts';

export const JUDGE_OPTIONS = {
  shard: {
    type: 'string',
    requiresArg: true,
    group: 'Selection:',
    describe:
      'Run one part of the scenarios, such as 2/5, or the one that a CI service or a cluster names: auto; conform report --merge joins the parts',
  },
  'last-failed': {
    type: 'boolean',
    default: false,
    group: 'Selection:',
    describe: 'Only what failed or could not be judged in the last run of this target; all, if nothing did',
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    group: 'Selection:',
    describe: 'Print the ids of the selected scenarios, and run none',
  },
  reporter: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Report:',
    describe: `Report on standard output as NAME, or in a file as NAME=FILE; NAME is ${FORMATS.join(', ')}`,
  },
  trace: {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'Show the bytes on the wire of every scenario, not only of failures',
  },
  all: {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'Explain every failure in the text report, not only the first one of each cause',
  },
  slowest: {
    type: 'number',
    requiresArg: true,
    group: 'Report:',
    describe: 'List this many of the slowest scenarios at the end of the text report',
  },
  since: {
    type: 'string',
    requiresArg: true,
    group: 'Report:',
    describe: 'List at the end what changed since this report, which --reporter jsonl=FILE wrote',
  },
  'known-failures': {
    type: 'string',
    requiresArg: true,
    group: 'Report:',
    describe: 'File that lists failures which do not count while they fail for the reason that it gives',
  },
  'update-known-failures': {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'Write the failures of this run into the file of known failures',
  },
  strict: {
    type: 'boolean',
    default: false,
    group: 'Verdict:',
    describe: 'A failed SHOULD counts like a failed MUST',
  },
  'max-skipped': {
    type: 'number',
    requiresArg: true,
    group: 'Verdict:',
    describe: 'No verdict if more scenarios than this are skipped',
  },
  retries: {
    type: 'number',
    default: 2,
    requiresArg: true,
    group: 'Verdict:',
    describe: 'How often a failed scenario runs again, to tell flaky from failed',
  },
  bail: {
    type: 'boolean',
    default: false,
    group: 'Verdict:',
    describe: 'Stop at the first failure that counts: the same as --max-failures 1',
  },
  'max-failures': {
    type: 'number',
    requiresArg: true,
    group: 'Verdict:',
    describe: 'Stop after this many failed MUST, with --strict also SHOULD; known failures do not count',
  },
  watch: {
    type: 'string',
    array: true,
    group: 'Execution:',
    describe:
      'With --exec: judge again when a file of these changes (default: of this folder), or a key is pressed',
  },
  'max-time': {
    type: 'string',
    requiresArg: true,
    group: 'Execution:',
    describe:
      'End the run after this time, such as 2m, with what was judged; scenarios of level MUST run first',
  },
} as const satisfies OptionTable;

export type JudgeOptions = Given<typeof JUDGE_OPTIONS & typeof SELECTION>;

/** The values of the options that are numbers. Throws UsageError for one out of its bounds. */
export function checkJudgeOptions(options: JudgeOptions): { readonly maxTimeMs: number | undefined } {
  const { retries, maxSkipped, maxFailures, slowest } = options;
  checkBetween(retries, '--retries', 0, MAX_RETRIES);
  if (maxSkipped !== undefined) checkWhole(maxSkipped, '--max-skipped', 0);
  if (maxFailures !== undefined) checkWhole(maxFailures, '--max-failures', 1);
  if (slowest !== undefined) checkWhole(slowest, '--slowest', 1);
  return { maxTimeMs: optionalDuration(options.maxTime, '--max-time') };
}

/** A judge that watches runs until a signal, and ends with the status of its last judging. */
export function onSignalOfJudge({ watch }: Pick<JudgeOptions, 'watch'>): OnSignal {
  return watch === undefined ? 'stops' : 'closes';
}
