/** The target of a campaign or a replay: one that is there, one that the kit starts, or the reference in a process of its own. */

import { fileURLToPath } from 'node:url';
import type { ArgumentsCamelCase, Options } from 'yargs';
import type { Launched } from '../../conformance/observers/launch.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import type { TargetRole } from '../../fuzz/target/calibration.ts';
import type { Target } from '../../fuzz/target/target.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { formatAddress, parseAddress } from '../options/address.ts';
import { TARGET } from '../options/options.ts';
import { TARGET_OPTIONS } from '../options/run.ts';
import { quoted } from '../target/target.ts';
import { duration } from './duration.ts';

/** As for a run, but one target only. */
export const FUZZ_TARGET_OPTIONS = {
  ...TARGET_OPTIONS,
  target: { ...TARGET, group: 'Target:', describe: 'Address of your server, as host:port' },
  against: {
    type: 'string',
    requiresArg: true,
    describe: 'Another implementation, as host:port, to see where the two decide differently',
  },
  deadline: {
    type: 'string',
    requiresArg: true,
    describe: 'Within which the target has to react; default: 5s, or ten times its latency',
  },
  'i-own-this-target': {
    type: 'boolean',
    default: false,
    describe: 'Also throw at a target that is not on this machine',
  },
} as const satisfies Record<string, Options>;

export interface FuzzTargetOptions {
  target: string | undefined;
  exec: string | undefined;
  'tasks-dir': string | undefined;
  pid: number | undefined;
  against: string | undefined;
  deadline: string | undefined;
  'i-own-this-target': boolean;
}

type Given = Pick<ArgumentsCamelCase<FuzzTargetOptions>, 'target' | 'exec' | 'pid' | 'tasksDir' | 'against'>;

/** Milliseconds; undefined if it is left to the kit. Throws a UsageError. */
export function deadlineOf({ deadline }: { readonly deadline: string | undefined }): number | undefined {
  return deadline === undefined ? undefined : duration(deadline, '--deadline');
}

export const NOT_LOOPBACK = 'the target is not on this machine; --i-own-this-target says that it is yours';

/** The line that says so. */
export function unreachableLine({
  role,
  code,
}: {
  readonly role: TargetRole;
  readonly code: string;
}): string {
  return `conform: no connection to ${role === 'target' ? 'the target' : 'what --against names'} (${code})\n`;
}

export interface OpenTarget {
  readonly target: Target;
  /** What it is called in a report. */
  readonly name: string;
  /** The options that name it on the command line of a replay. */
  readonly replay: string;
  readonly close: () => Promise<void>;
}

/** Throws a UsageError for options that make no target, an ObserverError for one that does not start. */
export async function openTarget(options: Given, io: Context): Promise<OpenTarget> {
  const { target, exec, tasksDir, pid } = options;
  const against = options.against === undefined ? undefined : parseAddress(options.against, '--against');
  const { observeProcess } = await import('../../conformance/observers/process.ts');
  const others = [
    ...(tasksDir === undefined ? [] : [`--tasks-dir ${quoted(tasksDir)}`]),
    ...(pid === undefined ? [] : [`--pid ${pid}`]),
    ...(against === undefined ? [] : [`--against ${formatAddress(against)}`]),
  ];
  if (target !== undefined) {
    const address = parseAddress(target, '--target');
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
  const { launch } = await import('../../conformance/observers/launch.ts');
  const launched = await launch(exec ?? referenceCommand(), { signal: io.interrupted });
  const { address } = launched;
  return {
    target: {
      address,
      against,
      process: observeProcess(launched.pid),
      tasksDir: tasksDir ?? launched.dir,
      restart: () => launched.restart(),
      exited: () => exitOf(launched),
    },
    name: exec ?? 'embedded reference server',
    replay: [...(exec === undefined ? [] : [`--exec ${quoted(exec)}`]), ...others].join(' '),
    close: () => launched.stop(),
  };
}

function exitOf(launched: Launched): string | undefined {
  const exit = launched.exited();
  if (exit === undefined) return undefined;
  return exit.signal === null ? `exit status ${exit.code}` : `signal ${exit.signal}`;
}

function referenceCommand(): string {
  const cli = fileURLToPath(packageFile('dist/cli.js'));
  return `${quoted(process.execPath)} ${quoted(cli)} serve --port {port} --log-level silent`;
}
