/** The target of a suite: a server that runs, or a command that the kit starts. */

import { launch } from '../observers/launch.ts';
import { observeProcess } from '../observers/process.ts';
import { observeStore } from '../observers/store.ts';
import type { RunOptions } from '../run/runner.ts';
import { combinedSignal, unlessAborted } from '../util/combined-signal.ts';
import { quoted } from '../util/quoted.ts';
import type { Address } from '../wire/transport.ts';

/** Where the server is, or how it is started. */
export interface TargetOptions {
  /**
   * A command that starts the server; `{port}` and `{dir}` are replaced by a free port and the path of an empty store. The kit
   * starts it again when it dies, and ends it after the last test.
   */
  readonly exec?: string | undefined;
  /**
   * The address of a server that runs, such as '127.0.0.1:1003' or '[::1]:1003'. A function is called before the first
   * scenario, so that it may start the server; the suite does not stop that one.
   */
  readonly target?: string | Address | (() => Address | string | Promise<Address | string>) | undefined;
  /**
   * The folder in which the server keeps its tasks. The suite puts tasks there, and removes them after the last test. Default: what
   * replaced `{dir}`, otherwise no store is read.
   */
  readonly tasksDir?: string | undefined;
  /**
   * How long the command may take to listen, or the function `target` to resolve, in milliseconds; default 10 000. Then, how long
   * the server may take until it answers a first SUBMIT; default 5000.
   */
  readonly startTimeoutMs?: number | undefined;
}

/** How long a function `target` may take to resolve, in milliseconds. */
const START_MS = 10_000;

type Watched = 'target' | 'store' | 'process' | 'restart' | 'kill' | 'describeEnd';

/** A target that can be judged. */
export interface OpenTarget {
  /** The same in every run. */
  readonly name: string;
  /** The options that name it on a command line. */
  readonly replay: string;
  readonly options: Pick<RunOptions, Watched>;
  readonly close: () => Promise<void>;
}

/** Throws a TypeError unless the options name one target. */
export function checkTarget({ exec, target }: TargetOptions): void {
  if ((exec === undefined) === (target === undefined))
    throw new TypeError('conformance needs either exec, a command, or target, an address');
  if (typeof target === 'string') parseAddress(target);
}

/** Starts the command, if there is one. Rejects with an ObserverError when it does not listen, or the store cannot be read. */
export async function openTarget(options: TargetOptions, signal: AbortSignal): Promise<OpenTarget> {
  const { exec, tasksDir, startTimeoutMs } = options;
  if (exec === undefined) {
    const address = await addressOf(options.target, signal, startTimeoutMs ?? START_MS);
    const text = formatAddress(address);
    const seen = tasksDir === undefined ? '' : ` --tasks-dir ${quoted(tasksDir)}`;
    const store = await storeIn(tasksDir);
    return {
      name: text,
      replay: `--target ${text}${seen}`,
      options: { target: address, store },
      close: async () => void store?.removePreloaded(),
    };
  }
  const launched = await launch(exec, { signal, startMs: startTimeoutMs });
  let store: RunOptions['store'];
  const close = async (): Promise<void> => {
    const left = await launched.stop();
    store?.removePreloaded();
    if (left.length > 0) throw new Error(left.join('; '));
  };
  try {
    store = await storeIn(tasksDir ?? launched.dir);
    const watched: Pick<RunOptions, Watched> = {
      target: launched.address,
      store,
      process: observeProcess(launched.pid),
      restart: () => launched.restart(),
      kill: () => launched.kill(),
      describeEnd: () => launched.describeEnd(),
    };
    return { name: exec, replay: `--exec ${quoted(exec)}`, options: watched, close };
  } catch (error) {
    await launched.stop();
    throw error;
  }
}

async function storeIn(dir: string | undefined): Promise<RunOptions['store']> {
  return dir === undefined ? undefined : observeStore(dir);
}

async function addressOf(
  target: TargetOptions['target'],
  signal: AbortSignal,
  withinMs: number,
): Promise<Address> {
  const given = typeof target === 'function' ? await resolved(target, signal, withinMs) : target;
  return typeof given === 'object' ? given : parseAddress(given ?? '');
}

async function resolved(
  target: () => Address | string | Promise<Address | string>,
  signal: AbortSignal,
  withinMs: number,
): Promise<Address | string> {
  const limit = combinedSignal([signal], withinMs);
  try {
    return await unlessAborted(Promise.resolve(target()), limit.signal);
  } catch (error) {
    if (!limit.signal.aborted || signal.aborted) throw error;
    throw new Error(`target did not resolve within ${withinMs / 1000} s`);
  } finally {
    limit.release();
  }
}

function parseAddress(text: string): Address {
  const [, inBrackets, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = inBrackets ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535)
    throw new TypeError(`target ${JSON.stringify(text)} is not host:port with a port from 1 to 65535`);
  return { host, port };
}

function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
