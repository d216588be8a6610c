/** `conform`: judges a target, or the embedded reference server. */

import type { Argv } from 'yargs';
import { SELECTION, type SelectionOptions, selectionOf } from './filter.ts';
import type { Io } from './io.ts';
import { checkWhole } from './options.ts';
import { palette } from './palette.ts';
import { openSubject, SUBJECT, type Subject, type SubjectOptions } from './subject.ts';
import type { Verb } from './verb.ts';

interface RunOptions extends SubjectOptions, SelectionOptions {
  strict: boolean;
  retries: number;
  jobs: number | undefined;
  seed: number | undefined;
  bail: boolean;
  slow: boolean;
  trace: boolean;
  'dry-run': boolean;
  'i-own-this-target': boolean;
}

export const runVerb: Verb<RunOptions> = {
  command: ['run', '$0'],
  describe: 'Judge a target by the catalogue; without --target or --exec, the embedded reference server',
  builder: (yargs: Argv) =>
    yargs
      .options(SUBJECT)
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
        describe: 'Scenarios at a time; default: 1, or 8 for a target that takes over 20 ms to answer',
      })
      .option('seed', { type: 'number', requiresArg: true, describe: 'Fixes the order and the task ids' })
      .option('bail', { type: 'boolean', default: false, describe: 'Stop at the first failed MUST' })
      .option('slow', {
        type: 'boolean',
        default: false,
        describe: 'Also play what waits for minutes; the embedded server waits for seconds',
      })
      .option('trace', { type: 'boolean', default: false, describe: 'Show the wire log of every scenario' })
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
      .example("$0 --target 127.0.0.1:1003 --only 'frame/*'", 'one section of the protocol'),
  run: async (options, io) => {
    checkWhole(options.retries, '--retries', 0);
    if (options.jobs !== undefined) checkWhole(options.jobs, '--jobs', 1);
    if (options.seed !== undefined) checkWhole(options.seed, '--seed', 0);
    const { catalogue } = await import('../conformance/index.ts');
    const selected = selectionOf(options, catalogue);
    if (options.dryRun) {
      for (const { id } of catalogue.filter(selected)) io.out(`${id}\n`);
      return 0;
    }
    const subject = await openSubject(options, io);
    try {
      return await judge(subject, { ...options, selected }, io);
    } finally {
      await subject.close();
    }
  },
};

async function judge(
  subject: Subject,
  options: Omit<RunOptions, 'only' | 'skip'> & {
    iOwnThisTarget: boolean;
    selected: ReturnType<typeof selectionOf>;
  },
  io: Io,
): Promise<number> {
  const { catalogue, run, TextReporter } = await import('../conformance/index.ts');
  const { strict, trace, retries, jobs, seed, bail, slow, selected, iOwnThisTarget } = options;
  const reporter = new TextReporter({
    write: io.out,
    palette: palette(io),
    live: io.isTerminal,
    replay: subject.replay,
    strict,
    trace,
  });
  const { address: target, store, process, restart } = subject;
  const plan = { target, catalogue, selected, retries, seed, bail, slow, store, process, restart };
  const heavy = iOwnThisTarget ? true : undefined;
  for await (const event of run({
    ...plan,
    jobs: jobs ?? subject.jobs,
    heavy,
    timeScale: subject.timeScale,
    signal: io.interrupted,
  }))
    reporter.take(event);
  return reporter.finish().exitStatus;
}
