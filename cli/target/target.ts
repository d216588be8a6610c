/** Opens the targets of a run, with the observers that the options permit: a running server, one that the kit starts, or the embedded one. */

import { join } from 'node:path';
import type { Launched } from '../../conformance/observers/launch.ts';
import type {
  ProcessEnd,
  ProcessObserver,
  StoreObserver,
  WatchReports,
} from '../../conformance/observers/observer.ts';
import { atExit } from '../../conformance/util/at-exit.ts';
import { counted } from '../../conformance/util/counted.ts';
import { temporaryFolder } from '../../conformance/util/folders.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { type Address, formatAddress, parseAddress } from '../options/address.ts';
import { checkProcess, optionalDuration } from '../options/options.ts';
import type { RunOptions, TargetOptions } from '../options/run.ts';
import type { Embedded } from './embedded.ts';

export interface Target {
  /** The same in every run, unlike the address. */
  readonly name: string;
  readonly address: Address;
  /** The options that name it on a command line that runs a scenario again. */
  readonly replay: string;
  readonly store?: StoreObserver | undefined;
  readonly process?: ProcessObserver | undefined;
  readonly restart?: (() => Promise<void>) | undefined;
  readonly kill?: () => Promise<void>;
  readonly describeEnd?: () => Promise<ProcessEnd>;
  readonly watchReports?: WatchReports;
  /** Concurrent scenarios. Default: left to the runner. */
  readonly jobs?: number;
  /** Factor by which its clock runs faster than ours. Default 1. */
  readonly timeScale?: number;
  readonly close: () => Promise<void>;
}

/** High, because a crash of the embedded server does not have to be traced to one scenario. */
export const EMBEDDED_JOBS = 64;

/** With --slow the clock of the embedded server runs this many times as fast: a minute takes three seconds. */
const EMBEDDED_TIME_SCALE = 20;

const EMBEDDED_NAME = 'embedded reference server';

/** A target that the options name. */
export interface NamedTarget {
  /** The options that name it, which are the same in every run. Empty for the embedded server. */
  readonly named: string;
  /** As in `Target`. */
  readonly name: string;
  /** Opens it; notes go to the context. */
  readonly open: (context: Context) => Promise<Target>;
}

/** Throws UsageError for options that name no target. */
export function targetsOf(options: TargetOptions & Pick<RunOptions, 'slow'>): readonly NamedTarget[] {
  const { target = [], exec, tasksDir, pid, slow } = options;
  const startMs = optionalDuration(options.startTimeout, '--start-timeout');
  const watched = pid !== undefined ? '--pid' : tasksDir !== undefined ? '--tasks-dir' : undefined;
  if (exec !== undefined) {
    const open = (context: Context) => started(exec, options, startMs, context);
    return [{ named: `--exec ${exec}`, name: exec, open }];
  }
  if (watched !== undefined && target.length !== 1) {
    throw new UsageError(
      target.length > 1 ? `${watched} needs one --target` : `${watched} needs --target or --exec`,
    );
  }
  if (pid !== undefined) checkProcess(pid, '--pid');
  if (target.length === 0) {
    const open = (context: Context) => embedded(slow ? EMBEDDED_TIME_SCALE : 1, context);
    return [{ named: '', name: EMBEDDED_NAME, open }];
  }
  const named = target.map((text) => {
    const [, name, rest = text] = /^([\w.-]+)=(.*)$/.exec(text) ?? [];
    const address = parseAddress(rest, '--target');
    return { name: name ?? formatAddress(address), address };
  });
  const names = named.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`two targets have the name ${twice}`);
  return named.map((one) => ({
    named: `--target ${formatAddress(one.address)}`,
    name: one.name,
    open: (context) => remote(one, options, context),
  }));
}

async function remote(
  { name, address }: Pick<Target, 'name' | 'address'>,
  options: Pick<TargetOptions, 'tasksDir' | 'pid' | 'keep'>,
  context: Context,
): Promise<Target> {
  const { tasksDir, pid } = options;
  const [{ store, close }, process] = await Promise.all([
    ownStore(options, context),
    observedProcess(pid === undefined ? undefined : () => pid),
  ]);
  const seen = [tasksDir && `--tasks-dir ${quoted(tasksDir)}`, pid && `--pid ${pid}`].filter(Boolean);
  const replay = [`--target ${formatAddress(address)}`, ...seen].join(' ');
  return { name, address, replay, store, process, close };
}

/** The reference implementation, both roles on a temporary store, which is removed at the end of the run. */
async function embedded(timeScale: number, context: Context): Promise<Target> {
  const [{ formatTime }, { systemClock }, { startEmbedded }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../options/store.ts'),
    import('./embedded.ts'),
  ]);
  const { path: parent, isInMemory, remove } = await temporaryFolder();
  let server: Embedded | undefined;
  const close = async (): Promise<void> => {
    try {
      await server?.close();
    } finally {
      await remove();
    }
  };
  try {
    const dir = join(parent, 'store');
    const beginMs = Date.now();
    server = await startEmbedded({ dir, beginMs, timeScale });
    const { address } = server;
    const where = isInMemory ? ', with its store in memory' : '';
    context.out(`no --target: judging the embedded reference server on ${formatAddress(address)}${where}\n`);
    const clock = systemClock(timeScale, beginMs);
    const store = await observedStore(dir, () => new Date(formatTime(clock())));
    return { name: EMBEDDED_NAME, address, replay: '', store, jobs: EMBEDDED_JOBS, timeScale, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A target that the kit starts, and starts again when it dies. */
async function started(
  command: string,
  options: Pick<TargetOptions, 'tasksDir' | 'keep'>,
  startMs: number | undefined,
  context: Context,
): Promise<Target> {
  const launched = await launchTarget(command, startMs, context);
  try {
    // The folder of {dir} is removed as a whole.
    const given = options.tasksDir === undefined ? undefined : await ownStore(options, context);
    return {
      name: command,
      address: launched.address,
      replay: `--exec ${quoted(command)}`,
      store: given?.store ?? (await observedStore(launched.dir)),
      process: await observedProcess(launched.pid),
      restart: () => launched.restart(),
      kill: () => launched.kill(),
      describeEnd: () => launched.describeEnd(),
      watchReports: launched.watchReports,
      close: async () => {
        await launched.close();
        await given?.close();
      },
    };
  } catch (error) {
    await launched.close();
    throw error;
  }
}

/**
 * Starts a target; a signal ends a start or a restart that is under way. `close` names on standard error what it leaves.
 * `startMs`, `env`: as for `launch`.
 */
export async function launchTarget(
  command: string,
  startMs: number | undefined,
  context: Context,
  env?: Readonly<Record<string, string>>,
): Promise<Omit<Launched, 'stop'> & { readonly close: () => Promise<void> }> {
  const { launch } = await import('../../conformance/observers/launch.ts');
  const { stop, ...launched } = await launch(command, { signal: context.interrupted, startMs, env });
  const close = async (): Promise<void> => {
    for (const left of await stop()) context.err(`conform: ${left}\n`);
  };
  return { ...launched, close };
}

/** The store of a user, which gets tasks of the kit. `close` removes them, unless they are to be kept; so does the end of this process. */
async function ownStore(
  { tasksDir, keep }: Pick<TargetOptions, 'tasksDir' | 'keep'>,
  context: Context,
): Promise<{ readonly store: StoreObserver | undefined; readonly close: () => Promise<void> }> {
  const store = await observedStore(tasksDir);
  if (store === undefined || tasksDir === undefined) return { store, close: async () => {} };
  const end = keep ? '' : ', and removes them at the end; --keep leaves them';
  context.out(`this run puts tasks with new ids into ${printablePath(tasksDir)}${end}\n`);
  if (keep) return { store, close: async () => {} };
  const forget = atExit(() => void store.removePreloaded());
  const close = async (): Promise<void> => {
    forget();
    const [left, ...others] = store.removePreloaded();
    if (left === undefined) return;
    const more = others.length === 0 ? '' : ` and ${counted(others.length, 'other')}`;
    context.err(`conform: ${printable(left)}${more} cannot be removed; this run put them there\n`);
  };
  return { store, close };
}

async function observedStore(dir: string | undefined, now?: () => Date): Promise<StoreObserver | undefined> {
  if (dir === undefined) return undefined;
  const { observeStore } = await import('../../conformance/observers/store.ts');
  return observeStore(dir, now);
}

async function observedProcess(pid: (() => number) | undefined): Promise<ProcessObserver | undefined> {
  if (pid === undefined) return undefined;
  const { observeProcess } = await import('../../conformance/observers/process.ts');
  return observeProcess(pid);
}
