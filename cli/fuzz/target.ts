/** The target of a campaign or a replay: a running server, one that the kit starts, or the embedded reference server. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import type { CalibrationOptions, CalibrationResult, Target } from '../../fuzz/index.ts';
import type { Given, OptionTable } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { formatAddress, NOT_OWNED, parseAddress } from '../options/address.ts';
import { checkProcess, optionalDuration, TARGET } from '../options/options.ts';
import { TARGET_OPTIONS } from '../options/run.ts';
import { launchTarget } from '../target/target.ts';

/** The options of a run, for one target, with what only the fuzzer needs. */
export const FUZZ_TARGET_OPTIONS = {
  ...TARGET_OPTIONS,
  target: { ...TARGET, group: 'Target:', describe: 'Address of your server, as host:port' },
  'tasks-dir': {
    ...TARGET_OPTIONS['tasks-dir'],
    describe:
      'Task store of your server, to find files outside of its folders and tasks that are stored wrongly',
  },
  pid: {
    ...TARGET_OPTIONS.pid,
    describe: 'Process id of your server, to find resources that grow and loops without load',
  },
  'start-timeout': {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'With --exec: how long your server may take until it listens; default: 10s',
  },
  against: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'Another implementation, as host:port, to find where the two decide differently',
  },
  deadline: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'How long your server may take to react; default: 5s, or ten times its latency',
  },
  'i-own-this-target': {
    type: 'boolean',
    default: false,
    group: 'Target:',
    describe: 'Permit a server on another machine',
  },
  config: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe:
      'File whose options for the target hold; default: conform.config.json, or "conform" in package.json',
  },
} as const satisfies OptionTable;

type FuzzTargetOptions = Given<typeof FUZZ_TARGET_OPTIONS>;

/** In milliseconds; undefined without the option. Throws a UsageError. */
export function deadlineOf({ deadline }: Pick<FuzzTargetOptions, 'deadline'>): number | undefined {
  return optionalDuration(deadline, '--deadline');
}

/**
 * The target, measured, or the exit status if it cannot be; standard error then says why. Throws a UsageError for a target on
 * another machine that `onlyLoopback` forbids.
 */
export async function calibrated(
  target: Target,
  { deadlineMs, onlyLoopback }: Pick<CalibrationOptions, 'deadlineMs' | 'onlyLoopback'>,
  context: Context,
): Promise<Extract<CalibrationResult, { kind: 'calibrated' }> | ExitStatus> {
  const { calibrate } = await import('../../fuzz/index.ts');
  const result = await calibrate({ target, deadlineMs, onlyLoopback, signal: context.interrupted });
  switch (result.kind) {
    case 'calibrated':
      return result;
    case 'unreachable':
    case 'unanswered':
      context.err(unreachableLines(result));
      return result.kind === 'unreachable' ? EXIT.unreachable : EXIT.incomplete;
    case 'not-loopback':
      throw new UsageError(NOT_OWNED);
    case 'interrupted':
      return EXIT.interrupted;
  }
}

/** The lines for standard error: what could not be reached, and what its process said. */
export function unreachableLines(result: Extract<CalibrationResult, { role: unknown }>): string {
  const which = result.role === 'target' ? 'the target' : 'the implementation that --against names';
  const what =
    result.kind === 'unanswered'
      ? `${which} accepts connections and answers no legal SUBMIT, so nothing was judged; there may be no server`
      : `no connection to ${which} (${result.code})`;
  const { said } = result;
  if (said === undefined) return `conform: ${what}\n`;
  return `conform: ${what}; its process: ${said.ended}\n${said.lines.map((line) => `  ${line}\n`).join('')}`;
}

/** The reference starts within a second. On a busy machine it may take longer, which is no fault. */
const REFERENCE_START_MS = 60_000;

/** By it the runtime of an instrumented target finds its file: fuzz/coverage/conform-coverage.c. */
const COVERAGE_VARIABLE = 'CONFORM_COVERAGE';

export interface OpenTarget {
  readonly target: Target;
  /** Its name in a report. */
  readonly name: string;
  /** The options that name it on the command line of a replay. */
  readonly replay: string;
  readonly close: () => Promise<void>;
}

/** `coverage`: the file of edge counters, for one that is started here. Throws a UsageError for options that name no target, and an ObserverError for a target that does not start. */
export async function openTarget(
  options: Pick<FuzzTargetOptions, 'target' | 'exec' | 'pid' | 'tasksDir' | 'against' | 'startTimeout'>,
  context: Context,
  coverage?: string,
): Promise<OpenTarget> {
  const { target, exec, tasksDir, pid, startTimeout } = options;
  const startMs = optionalDuration(startTimeout, '--start-timeout');
  const against = options.against === undefined ? undefined : parseAddress(options.against, '--against');
  const { observeProcess } = await import('../../conformance/observers/process.ts');
  const others = [
    ...(tasksDir === undefined ? [] : [`--tasks-dir ${quoted(tasksDir)}`]),
    ...(pid === undefined ? [] : [`--pid ${pid}`]),
    ...(against === undefined ? [] : [`--against ${formatAddress(against)}`]),
  ];
  if (target !== undefined) {
    const address = parseAddress(target, '--target');
    if (pid !== undefined) checkProcess(pid, '--pid');
    const process = pid === undefined ? undefined : observeProcess(() => pid);
    return {
      target: { address, against, process, tasksDir },
      name: formatAddress(address),
      replay: [`--target ${formatAddress(address)}`, ...others].join(' '),
      close: async () => {},
    };
  }
  if (exec === undefined && (pid !== undefined || tasksDir !== undefined))
    throw new UsageError(`${pid === undefined ? '--tasks-dir' : '--pid'} needs --target or --exec`);
  const launched = await launchTarget(
    exec ?? referenceCommand(),
    exec === undefined ? REFERENCE_START_MS : startMs,
    context,
    coverage === undefined ? undefined : { [COVERAGE_VARIABLE]: resolve(coverage) },
  );
  const { address } = launched;
  return {
    target: {
      address,
      against,
      process: observeProcess(launched.pid),
      tasksDir: tasksDir ?? launched.dir,
      restart: (env) => launched.restart({ env, emptiesStore: true }),
      describeEnd: () => launched.describeEnd(),
      life: launched.life,
    },
    name: exec ?? 'embedded reference server',
    replay: [...(exec === undefined ? [] : [`--exec ${quoted(exec)}`]), ...others].join(' '),
    close: launched.close,
  };
}

/** Starts the reference in a separate process, so that it can crash without the kit. */
function referenceCommand(): string {
  const cli = fileURLToPath(packageFile('dist/cli.js'));
  return `${quoted(process.execPath)} ${quoted(cli)} serve --port {port} --log-level silent`;
}
