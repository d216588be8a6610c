/** The options of a run against the targets of a file. */

import { inKebab } from '../core/check-command-line.ts';
import type { Given, OptionTable } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { checkBetween } from './options.ts';
import { RUN_OPTIONS } from './run.ts';

export const MANY_TARGETS_OPTIONS = {
  targets: {
    type: 'string',
    requiresArg: true,
    group: 'Many targets:',
    describe: 'File with a target in each line, as name=host:port  # note; several are judged at a time',
  },
  reports: {
    type: 'string',
    requiresArg: true,
    group: 'Many targets:',
    describe: 'Folder with a report for each target; a run that ended early continues where it was',
  },
  'concurrent-targets': {
    type: 'number',
    requiresArg: true,
    group: 'Many targets:',
    describe: 'Targets that are judged at a time, at the most; default: 16',
  },
  'concurrent-per-host': {
    type: 'number',
    requiresArg: true,
    group: 'Many targets:',
    describe: 'Targets with the same host that are judged at a time, at the most; default: 4',
  },
  'connection-rate': {
    type: 'number',
    requiresArg: true,
    group: 'Many targets:',
    describe: 'New connections in a second, to all targets together, on average; default: no limit',
  },
  'i-own-these-targets': {
    type: 'boolean',
    default: false,
    group: 'Many targets:',
    describe: 'Permit targets on other machines; those are not flooded',
  },
} as const satisfies OptionTable;

/** `conform run` has them; the other judges take one target. */
export const RUN_COMMAND_OPTIONS = { ...RUN_OPTIONS, ...MANY_TARGETS_OPTIONS } as const;

export type RunCommandOptions = Given<typeof RUN_COMMAND_OPTIONS>;

/** Options that make no sense for many targets, because they name one, or hold for one. */
export const MANY_TARGETS_CONFLICTS = [
  'target',
  'exec',
  'tasks-dir',
  'pid',
  'shard',
  'known-failures',
  'slowest',
  'since',
  'watch',
].map((name) => ['targets', name] as const);

/** How many targets are judged at a time, inclusive. */
const MAX_CONCURRENT = 1024;
/** Connections in a second, inclusive. */
const MAX_RATE = 100_000;

/** What the options say about the course of a run. */
export interface ManyTargets {
  /** The file. */
  readonly targets: string;
  /** The folder. */
  readonly reports: string;
  readonly concurrent: number;
  readonly perHost: number;
  /** Connections in a second. Default: no limit. */
  readonly connectionRate: number | undefined;
  /** Whether targets on other machines are permitted. */
  readonly isOwned: boolean;
}

/** Undefined without --targets. Throws UsageError for options that need it, and for wrong values. */
export function manyTargetsOf(options: RunCommandOptions): ManyTargets | undefined {
  const { targets, reports, concurrentTargets, concurrentPerHost, connectionRate, iOwnTheseTargets } =
    options;
  if (targets === undefined) {
    const given = { reports, concurrentTargets, concurrentPerHost, connectionRate };
    const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    const option = iOwnTheseTargets ? 'iOwnTheseTargets' : name;
    if (option === undefined) return undefined;
    throw new UsageError(`--${inKebab(option)} needs --targets FILE`);
  }
  if (reports === undefined)
    throw new UsageError('--targets needs --reports DIR, a folder for the report of each target');
  if (options.lastFailed)
    throw new UsageError('--last-failed is for one target; --targets judges what has no report in --reports');
  if (options.updateKnownFailures)
    throw new UsageError(
      '--targets and --update-known-failures exclude each other: a list is that of one target',
    );
  if (options.iOwnThisTarget)
    throw new UsageError(
      '--i-own-this-target is for one target, which it permits to flood; --targets has --i-own-these-targets',
    );
  return {
    ...{ targets, reports, connectionRate, isOwned: iOwnTheseTargets },
    concurrent: checkBetween(concurrentTargets ?? 16, '--concurrent-targets', 1, MAX_CONCURRENT),
    perHost: checkBetween(concurrentPerHost ?? 4, '--concurrent-per-host', 1, MAX_CONCURRENT),
    ...(connectionRate !== undefined && {
      connectionRate: checkBetween(connectionRate, '--connection-rate', 1, MAX_RATE),
    }),
  };
}
