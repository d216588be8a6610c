/** What is judged, and what can be seen of it: a target that is there, one that the kit starts, or the embedded one. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Options } from 'yargs';
import type { ProcessObserver, StoreObserver } from '../../conformance/observers/observer.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { type Address, formatAddress, parseAddress } from '../options/address.ts';
import type { Embedded } from './embedded.ts';

export const TARGET_OPTIONS = {
  target: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'The implementation under test, as host:port or name=host:port; several are judged in turn',
  },
  exec: {
    type: 'string',
    requiresArg: true,
    describe: 'A command that starts it; {port} and {dir} are filled in, and its process is watched',
  },
  'tasks-dir': {
    type: 'string',
    requiresArg: true,
    describe: "The target's store, to see what the wire cannot show",
  },
  pid: { type: 'number', requiresArg: true, describe: "The target's process, to see its memory" },
} as const satisfies Record<string, Options>;

export interface TargetOptions {
  target: string[] | undefined;
  exec: string | undefined;
  'tasks-dir': string | undefined;
  pid: number | undefined;
}

export interface Target {
  /** Stays the same from run to run, where the address need not. */
  readonly name: string;
  readonly address: Address;
  /** How it stands on a command line that plays a scenario again. */
  readonly replay: string;
  readonly store?: StoreObserver | undefined;
  readonly process?: ProcessObserver | undefined;
  readonly restart?: (() => Promise<void>) | undefined;
  /** Scenarios at a time, where the default would not do. */
  readonly jobs?: number;
  /** How many times as fast as ours its clock runs. Default 1. */
  readonly timeScale?: number;
  readonly close: () => Promise<void>;
}

/** What the embedded server might die of is ours to find, so nothing is gained by playing one scenario after another. */
export const EMBEDDED_JOBS = 64;

/** With --slow, the clock of the embedded server runs so many times as fast, and a minute is three seconds. */
const EMBEDDED_TIME_SCALE = 20;

type Given = Pick<TargetOptions, 'target' | 'exec' | 'pid'> & {
  readonly slow: boolean;
  readonly tasksDir: string | undefined;
};

/** One function a subject, each of which opens it. Throws UsageError for options that make no subject. */
export function targetsOf(options: Given, context: Context): readonly (() => Promise<Target>)[] {
  const { target = [], exec, tasksDir, pid, slow } = options;
  const watched = pid !== undefined ? '--pid' : tasksDir !== undefined ? '--tasks-dir' : undefined;
  if (exec !== undefined) return [() => started(exec, tasksDir, context)];
  if (watched !== undefined && target.length !== 1) {
    throw new UsageError(
      target.length > 1 ? `${watched} needs one --target` : `${watched} needs --target or --exec`,
    );
  }
  if (target.length === 0) return [() => embedded(slow ? EMBEDDED_TIME_SCALE : 1, context)];
  const named = target.map((text) => {
    const [, name, rest = text] = /^([\w.-]+)=(.*)$/.exec(text) ?? [];
    const address = parseAddress(rest, '--target');
    return { name: name ?? formatAddress(address), address };
  });
  const names = named.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`--target ${twice} is there twice`);
  return named.map((one) => () => remote(one, tasksDir, pid));
}

async function remote(
  { name, address }: Pick<Target, 'name' | 'address'>,
  tasksDir: string | undefined,
  pid: number | undefined,
): Promise<Target> {
  const [store, process] = await Promise.all([
    observedStore(tasksDir),
    observedProcess(pid === undefined ? undefined : () => pid),
  ]);
  const seen = [tasksDir && `--tasks-dir ${quoted(tasksDir)}`, pid && `--pid ${pid}`].filter(Boolean);
  const replay = [`--target ${formatAddress(address)}`, ...seen].join(' ');
  return { name, address, replay, store, process, close: async () => {} };
}

/** The reference, both roles on a store of its own that goes when the run is over. */
async function embedded(timeScale: number, context: Context): Promise<Target> {
  const [{ formatTime }, { systemClock }, { startEmbedded }] = await Promise.all([
    import('../../reference/index.ts'),
    import('../core/clock.ts'),
    import('./embedded.ts'),
  ]);
  const parent = await mkdtemp(join(tmpdir(), 'conform-'));
  let server: Embedded | undefined;
  const close = async (): Promise<void> => {
    try {
      await server?.close();
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  };
  try {
    const dir = join(parent, 'store');
    const beginMs = Date.now();
    server = await startEmbedded({ dir, beginMs, timeScale });
    const { address } = server;
    context.out(`no --target: judging the embedded reference server on ${formatAddress(address)}\n`);
    const clock = systemClock(timeScale, beginMs);
    const store = await observedStore(dir, () => new Date(formatTime(clock())));
    const name = 'embedded reference server';
    return { name, address, replay: '', store, jobs: EMBEDDED_JOBS, timeScale, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A target that the kit starts itself, and starts again when it dies. */
async function started(command: string, tasksDir: string | undefined, context: Context): Promise<Target> {
  const { launch } = await import('../../conformance/observers/launch.ts');
  const launched = await launch(command, { signal: context.interrupted });
  try {
    return {
      name: command,
      address: launched.address,
      replay: `--exec ${quoted(command)}`,
      store: await observedStore(tasksDir ?? launched.dir),
      process: await observedProcess(launched.pid),
      restart: () => launched.restart(),
      close: () => launched.stop(),
    };
  } catch (error) {
    await launched.stop();
    throw error;
  }
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

/** As a POSIX shell reads it. */
export function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
