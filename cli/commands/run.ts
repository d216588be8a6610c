/** `conform`: judges a target, or the embedded reference server. */

import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { ExitStatus, Scenario } from '../../conformance/index.ts';
import type { Command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { SELECTION, type SelectionOptions, selectionOf } from '../options/filter.ts';
import { checkWhole } from '../options/options.ts';
import { isInShard, parseShard, type Shard } from '../options/shard.ts';
import { judge } from '../target/judge.ts';
import { readKnownFailures } from '../target/known-failures.ts';
import { TARGET_OPTIONS, type TargetOptions, targetsOf } from '../target/target.ts';

export interface RunOptions extends TargetOptions, SelectionOptions {
  strict: boolean;
  retries: number;
  jobs: number | undefined;
  seed: number | undefined;
  bail: boolean;
  slow: boolean;
  trace: boolean;
  shard: string | undefined;
  reporter: string[] | undefined;
  'known-failures': string | undefined;
  'update-known-failures': boolean;
  'dry-run': boolean;
  'i-own-this-target': boolean;
}

export type RunArguments = ArgumentsCamelCase<RunOptions>;

export const runCommand: Command<RunOptions> = {
  command: ['run', '$0'],
  isConfigured: true,
  describe: 'Judge a target by the catalogue; without --target or --exec, the embedded reference server',
  builder: (yargs: Argv) =>
    yargs
      .options(TARGET_OPTIONS)
      .conflicts({ target: 'exec', exec: 'pid' })
      .options(SELECTION)
      .option('strict', { type: 'boolean', default: false, describe: 'A failed SHOULD counts like a MUST' })
      .option('retries', {
        type: 'number',
        default: 2,
        requiresArg: true,
        describe: 'How often a failed scenario is played again, to tell flaky from failed',
      })
      .option('jobs', {
        type: 'number',
        requiresArg: true,
        describe:
          'Scenarios at a time; default: 1, 8 for a target that takes over 20 ms to answer, 64 for the embedded one',
      })
      .option('seed', { type: 'number', requiresArg: true, describe: 'Fixes the order and the task ids' })
      .option('shard', {
        type: 'string',
        requiresArg: true,
        describe: 'Only one part of the run, such as 2/5; conform report --merge puts the parts together',
      })
      .option('bail', { type: 'boolean', default: false, describe: 'Stop at the first failed MUST' })
      .option('slow', {
        type: 'boolean',
        default: false,
        describe: 'Also play what waits for minutes; the embedded server waits for seconds',
      })
      .option('trace', { type: 'boolean', default: false, describe: 'Show the wire log of every scenario' })
      .option('reporter', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'A report, as NAME for standard output or NAME=FILE; pretty, tap, json, jsonl, junit, …',
      })
      .option('known-failures', {
        type: 'string',
        requiresArg: true,
        describe: 'A list of failures that do not count, as long as they fail as they did',
      })
      .option('update-known-failures', {
        type: 'boolean',
        default: false,
        describe: 'Write the list of known failures as this run found them',
      })
      .option('config', {
        type: 'string',
        requiresArg: true,
        describe: 'Options from this file; default: conform.config.json, or conform in package.json',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Show what would be played, and stop' })
      .option('i-own-this-target', {
        type: 'boolean',
        default: false,
        describe: 'Also play what floods, on a target that is not on this machine',
      })
      .example('$0', 'the whole catalogue against the embedded reference server')
      .example('$0 --target 127.0.0.1:1003', 'judge your server')
      .example(
        "$0 --exec './server --port {port} --dir {dir}'",
        'let the kit start it, see its memory and its store',
      )
      .example("$0 --target 127.0.0.1:1003 --only 'frame/*'", 'one section of the protocol')
      .example('$0 --target 127.0.0.1:1003 --reporter junit=junit.xml', 'a report file beside the log'),
  run: async (options, context) => {
    checkWhole(options.retries, '--retries', 0);
    if (options.jobs !== undefined) checkWhole(options.jobs, '--jobs', 1);
    if (options.seed !== undefined) checkWhole(options.seed, '--seed', 0);
    const shard = options.shard === undefined ? undefined : parseShard(options.shard);
    const { catalogue, worst } = await import('../../conformance/index.ts');
    const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
    const selected = selectedBy(options, shard, catalogue);
    if (options.dryRun) {
      for (const { id } of catalogue.filter(selected)) context.out(`${id}\n`);
      return 0;
    }
    const reporters = reportersOf(options.reporter ?? [], options.target?.length ?? 1);
    const known = readKnownFailures(options);
    const isPretty = reporters.some(({ format, file }) => format === 'pretty' && file === undefined);
    // Anything but a report for people is read by a program, which expects nothing else there.
    const notes = isPretty
      ? context
      : { ...context, out: (data: string | Uint8Array) => context.err(String(data)) };
    const subjects = targetsOf(options, notes);
    const outputs = new Outputs(reporters, options.trace, context);
    const statuses: ExitStatus[] = [];
    for (const open of subjects) {
      if (context.interrupted.aborted) break;
      const subject = await open();
      try {
        statuses.push(await judge({ subject, options, selected, shard, known, outputs, context }));
      } finally {
        await subject.close();
      }
    }
    outputs.end();
    return worst(statuses);
  },
};

/** Throws UsageError when nothing is left. */
function selectedBy(
  options: RunArguments,
  shard: Shard | undefined,
  catalogue: readonly Scenario[],
): (scenario: Scenario) => boolean {
  const selected = selectionOf(options, catalogue);
  if (shard === undefined) return selected;
  const both = (scenario: Scenario): boolean => selected(scenario) && isInShard(scenario.id, shard);
  if (!catalogue.some(both)) throw new UsageError(`no scenario is left in shard ${options.shard}`);
  return both;
}
