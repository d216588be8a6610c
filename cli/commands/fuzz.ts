/** `conform fuzz`: throws malformed traffic at a target, and keeps what breaks it as small as it gets. */

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EXIT, EXIT_MEANINGS, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { version } from '../core/version.ts';
import { CAMPAIGN_OPTIONS, type CampaignSettings, readSettings } from '../fuzz/options.ts';
import { FUZZ_TARGET_OPTIONS, type OpenTarget, openTarget } from '../fuzz/target.ts';
import { formatAddress } from '../options/address.ts';
import { quoted } from '../target/target.ts';
import type { Outputs } from '../terminal/outputs.ts';

export const fuzzCommand = command({
  usage: 'fuzz',
  describe: 'Send malformed traffic to a server, and reduce what breaks it to a small case',
  exits: {
    success: 'no finding',
    failed: 'at least one finding',
    unreachable: EXIT_MEANINGS.unreachable,
    incomplete: 'not every planned case was run',
    interrupted: EXIT_MEANINGS.interrupted,
  },
  options: {
    ...FUZZ_TARGET_OPTIONS,
    ...CAMPAIGN_OPTIONS,
    reporter: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'A report at the end, as NAME for standard output or NAME=FILE; junit, sarif, html, …',
    },
  },
  conflicts: [
    ['target', 'exec'],
    ['exec', 'pid'],
  ],
  examples: [
    ['$0 fuzz --time 10s', 'the reference server, in a process of its own'],
    ["$0 fuzz --exec './server --port {port}' --time 5m", 'your server, started again when it dies'],
    ['$0 fuzz --target 127.0.0.1:1003 --reporter sarif=fuzz.sarif', 'for code scanning'],
  ],
  run: async (options, io) => {
    if (options.promote !== undefined) {
      const { promote } = await import('../fuzz/promote.ts');
      io.out(await promote(options.promote));
      return EXIT.success;
    }
    const order = await readSettings(options);
    const { Outputs, reportersOf } = await import('../terminal/outputs.ts');
    // What a campaign prints for people is its own; the other formats are made of its records.
    const reporters = reportersOf(options.reporter ?? [], 1).filter(
      ({ format, file }) => format !== 'pretty' || file !== undefined,
    );
    const isForProgram = reporters.some(({ file }) => file === undefined);
    const log: Context = isForProgram
      ? { ...io, isTerminal: false, out: (data) => io.err(String(data)) }
      : io;
    const outputs = new Outputs(reporters, false, io);
    const opened = await openTarget(options, io);
    try {
      return await fuzz({ ...options, order, opened, outputs }, log);
    } finally {
      await opened.close();
    }
  },
});

interface Planned {
  readonly order: CampaignSettings;
  readonly opened: OpenTarget;
  readonly outputs: Outputs;
  readonly corpus: string | undefined;
  readonly resume: string | undefined;
  readonly findings: string;
}

async function fuzz({ order, opened, outputs, ...files }: Planned, io: Context): Promise<ExitStatus> {
  const [{ campaign }, { DEFAULT_JOBS }, { FuzzReporter }, { newTaskId }] = await Promise.all([
    import('../../fuzz/campaign/campaign.ts'),
    import('../../fuzz/campaign/batch.ts'),
    import('../fuzz/reporter.ts'),
    import('../../conformance/util/task-id.ts'),
  ]);
  const { target, name, replay } = opened;
  const seed = order.saved?.seed ?? order.seed ?? randomInt(2 ** 32);
  const jobs = order.jobs ?? DEFAULT_JOBS;
  const began = performance.now();
  const about = {
    ...{ name, replay, target, seed, jobs },
    kit: version(),
    startedAt: new Date().toISOString(),
    address: formatAddress(target.address),
    elapsedMs: () => performance.now() - began,
    replayLineOf: ({ id }: { readonly id: string }) =>
      ['conform replay', quoted(join(files.findings, `${id}.json`)), replay].filter(Boolean).join(' '),
  };
  const report = new FuzzReporter({ ...files, timeMs: order.timeMs }, about, outputs, io);
  const events = campaign({ ...order, target, seed, jobs, newTaskId, signal: io.interrupted });
  let status: ExitStatus | undefined;
  for await (const event of events) status = await report.take(event);
  if (status === undefined) throw new Error('the campaign had no end');
  return status;
}
