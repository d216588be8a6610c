/** `conform fuzz`: sends malformed traffic to a target, and minimises what breaks it. */

import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EXIT, EXIT_MEANINGS, type ExitStatus, worst } from '../../conformance/report/exit-status.ts';
import { commandToRepeat } from '../../conformance/util/command-to-repeat.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { checkOutputFolder, closeQuietly, reportLost } from '../core/output-files.ts';
import { version } from '../core/version.ts';
import { type CampaignSettings, FUZZ_OPTIONS, readSettings } from '../fuzz/options.ts';
import { deadlineOf, type OpenTarget, openTarget } from '../fuzz/target.ts';
import type { CampaignUi } from '../fuzz/ui.ts';
import { formatAddress } from '../options/address.ts';
import type { Outputs } from '../terminal/outputs.ts';

export const fuzzCommand = command({
  usage: 'fuzz',
  configured: 'fuzz',
  onSignal: 'stops',
  describe: 'Send malformed traffic to your server, and minimise what breaks it',
  exits: {
    success: 'no finding',
    failed: 'at least one finding',
    unreachable: EXIT_MEANINGS.unreachable,
    incomplete:
      'not every planned case was run, or the target answers no legal SUBMIT; with --minimise-only: the case does not show the finding',
    interrupted: EXIT_MEANINGS.interrupted,
  },
  options: FUZZ_OPTIONS,
  conflicts: [
    ['target', 'exec'],
    ['exec', 'pid'],
    ['merge', 'target'],
    ['merge', 'exec'],
    ['merge', 'resume'],
    ['merge', 'shard'],
  ],
  examples: [
    ['$0 fuzz --time 10s', 'the reference server, in a process of its own'],
    ["$0 fuzz --exec './server --port {port}' --time 5m", 'your server, started again when it dies'],
    ['$0 fuzz --target 127.0.0.1:1003 --reporter sarif=fuzz.sarif', 'for code scanning'],
    ['$0 fuzz --runs 80000 --seed 7 --shard 3/8 --resume 3.json', 'the third of eight machines'],
    ['$0 fuzz --merge 1.json 2.json 3.json', 'the findings and statistics of all shards'],
  ],
  run: async (options, context) => {
    if (options.promote !== undefined) {
      const { promote } = await import('../fuzz/promote.ts');
      context.out(await promote(options.promote, context.interrupted));
      return EXIT.success;
    }
    if (options.merge !== undefined) {
      const { mergeShards } = await import('../fuzz/merge.ts');
      return await mergeShards({ ...options, files: options.merge, isVerbose: options.verbose }, context);
    }
    const again = options.minimiseOnly;
    if (again !== undefined) {
      const { minimiseOnly, readSaved } = await import('../fuzz/minimise-only.ts');
      const saved = await readSaved(again, options.findings);
      await checkOutputFolder('--findings', options.findings);
      const limits = { deadlineMs: deadlineOf(options), onlyLoopback: !options.iOwnThisTarget };
      const opened = await openTarget(options, context);
      try {
        return await minimiseOnly(saved, opened, { ...limits, findings: options.findings }, context);
      } finally {
        await closeQuietly(opened.close, context);
      }
    }
    const settings = await readSettings(options);
    for (const note of settings.notes) context.err(`conform: ${note}\n`);
    const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
    // A campaign prints its own text for people on standard output. The other formats are made from its records.
    const reporters = reportersOf(options.reporter ?? [], 1).filter(
      ({ format, file }) => format !== 'pretty' || file !== undefined,
    );
    const isForProgram = reporters.some(({ file }) => file === undefined);
    const textContext: Context = isForProgram
      ? { ...context, isTerminal: false, out: (data) => context.err(String(data)) }
      : context;
    const outputs = new Outputs(reporters, { all: true }, context);
    const opened = await openTarget(options, context, options.coverage).catch(async (error) => {
      const { endUnstarted } = await import('../fuzz/unstarted.ts');
      await endUnstarted(error, options.exec ?? '', settings, { outputs, program: context.program });
      throw error;
    });
    try {
      return await fuzz({ ...options, isVerbose: options.verbose, settings, opened, outputs }, textContext);
    } finally {
      await closeQuietly(opened.close, context);
    }
  },
});

interface Plan {
  readonly settings: CampaignSettings;
  readonly opened: OpenTarget;
  readonly outputs: Outputs;
  readonly resume: string | undefined;
  readonly ui: string | undefined;
  readonly findings: string;
  readonly isVerbose: boolean;
}

async function fuzz(
  { settings, opened, outputs, resume, ...plan }: Plan,
  context: Context,
): Promise<ExitStatus> {
  const [{ campaign, DEFAULT_JOBS }, { FindingFolder }, { FuzzReporter }, { observedOf }] = await Promise.all(
    [
      import('../../fuzz/index.ts'),
      import('../fuzz/finding-folder.ts'),
      import('../fuzz/reporter.ts'),
      import('../fuzz/records.ts'),
    ],
  );
  const { target, name, replay } = opened;
  const seed = settings.saved?.seed ?? settings.seed ?? randomInt(2 ** 32);
  const jobs = settings.jobs ?? Math.max(DEFAULT_JOBS, settings.workers ?? 1);
  const findings = new FindingFolder(plan.findings);
  const began = performance.now();
  const report = {
    ...{
      program: context.program,
      name,
      replay,
      seed,
      shard: settings.shard,
      jobs,
      observes: observedOf(target),
    },
    kit: version(),
    startedAt: new Date().toISOString(),
    address: formatAddress(target.address),
    elapsedMs: () => performance.now() - began,
    replayLineOf: (finding: { readonly id: string }) =>
      commandToRepeat(context.program, 'replay', quoted(findings.fileOf(finding)), replay),
  };
  const { timeMs, saved } = settings;
  const written = {
    corpus: settings.corpusFolder,
    resume,
    findings,
    timeMs,
    saved,
    isVerbose: plan.isVerbose,
  };
  const reporter = new FuzzReporter(written, report, outputs, context);
  const ui = plan.ui === undefined ? undefined : await openUi({ port: plan.ui, timeMs, saved }, report);
  if (ui !== undefined) context.out(`watch it at ${ui.url}\n`);
  const events = campaign({
    ...{ ...settings, target, seed, jobs, signal: context.interrupted },
    adopt: () => reporter.adopt(),
  });
  let status: ExitStatus | undefined;
  try {
    for await (const event of events) {
      status = await reporter.take(event);
      await ui?.take(event);
    }
  } finally {
    await ui?.close();
  }
  if (status === undefined) throw new Error('the campaign did not end');
  return reporter.isReportLost ? worst([status, reportLost(context)]) : status;
}

async function openUi(...[options, report]: Parameters<(typeof CampaignUi)['open']>): Promise<CampaignUi> {
  const { CampaignUi } = await import('../fuzz/ui.ts');
  return await CampaignUi.open(options, report);
}
