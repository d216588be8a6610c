/**
 * A target that the kit starts itself: command line → placeholders filled in → process group → a port that accepts a
 * connection. What the process says is kept, to explain why it does not listen or why it ends.
 */

import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { combinedSignal } from '../util/combined-signal.ts';
import { makeFolder, removeFolder, temporaryFolder } from '../util/folders.ts';
import { printable } from '../util/printable.ts';
import type { Address } from '../wire/transport.ts';
import { Life } from './life.ts';
import type { LifeObserver, ProcessEnd, WatchReports } from './observer.ts';
import { ObserverError } from './observer-error.ts';
import { Output } from './output.ts';
import { hasPlaceholder, withValues } from './placeholders.ts';
import { freePort, HOSTS, isTaken, listeningAt } from './ports.ts';
import { type Exit, ProcessGroup } from './process-group.ts';

/** A command that runs and listens. */
export interface Launched {
  /** Stays the same after a restart. */
  readonly address: Address;
  /** The directory that replaced `{dir}`; undefined if the command has none. */
  readonly dir: string | undefined;
  /** Of the running process, or of the last one. */
  readonly pid: () => number;
  /** How the process ended; undefined while it runs. */
  readonly exited: () => Exit | undefined;
  /** How the process ended and what it said. Waits up to 500 ms for its end. Call it before a restart. */
  readonly describeEnd: () => Promise<ProcessEnd>;
  readonly watchReports: WatchReports;
  /** Signs that the process ends. */
  readonly life: LifeObserver;
  /**
   * Ends the target and starts it again on the same port and directory. Throws as `launch` does.
   */
  readonly restart: (options?: RestartOptions) => Promise<void>;
  /** As `restart`, but ends the target by SIGKILL at once. */
  readonly kill: () => Promise<void>;
  /**
   * Ends the target with all that it has started, by SIGTERM, then SIGKILL, and removes its directory. It cannot be
   * restarted afterwards. Resolves to a line for a person about each process that does not end, and about a directory that
   * cannot be removed.
   */
  readonly stop: () => Promise<readonly string[]>;
}

/** Variables of the environment of a process, by name. */
export type Environment = Readonly<Record<string, string>>;

/** Options of a restart. */
export interface RestartOptions {
  /** Variables of its environment for this start, in addition to those of `launch`. Default: none. */
  readonly env?: Environment | undefined;
  /** Removes all that the directory of `{dir}` holds before the start, so that the target knows nothing of its last life. Default: false. */
  readonly emptiesStore?: boolean;
}

/** Options of `launch`. */
export interface LaunchOptions {
  /** The port on 127.0.0.1 or ::1. Default: a free port, which the command has to take from `{port}`. */
  readonly port?: number | undefined;
  /** Ends a start or a restart, which then rejects with the reason of the signal. A target that listens is not ended. */
  readonly signal?: AbortSignal | undefined;
  /** How long the target may take to listen, in milliseconds. Default 10 000. */
  readonly startMs?: number | undefined;
  /** Variables of its environment, in addition to those of this process. Default: none. */
  readonly env?: Environment | undefined;
}

/** Starts, each on another port, before a target counts as one that cannot listen. */
const START_TRIES = 3;
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 100;
/** A process whose connections are closed may need a moment until it has ended and its output is read. */
const END_MS = 500;
/** UTF-16 units of one line of output in an error message. */
const LINE_CHARACTERS = 300;
/** Lines of output in an error message. */
const SHOWN_LINES = 3;
/**
 * Starts the command in a shell and waits until it listens on 127.0.0.1 or ::1. `{port}` is replaced by the port, `{dir}` by
 * the path of a new, empty store in its own folder, in memory where there is room. Throws an ObserverError ('no-port',
 * 'unknown-placeholder', 'port-taken', 'exited', 'not-listening') if it does not listen, or the signal's reason if the signal
 * fires first; no process and no folder remains then.
 */
export async function launch(command: string, options: LaunchOptions = {}): Promise<Launched> {
  // Before anything is made, so that nothing has to be removed.
  withValues(command, { port: '', dir: '' });
  if (options.port === undefined && !hasPlaceholder(command, 'port'))
    throw new ObserverError(
      'no-port',
      command.trim() === ''
        ? 'the command of --exec is empty; for example ./server --port {port}'
        : 'the command has no {port}, so the kit cannot choose where it listens',
    );
  if (options.port !== undefined) return await launchOn(options.port, command, options);
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    try {
      return await launchOn(port, command, options);
    } catch (error) {
      // A port that was free may be another program's a moment later.
      const isLast = tries === START_TRIES || !(error instanceof ObserverError);
      if (isLast || !(await isTaken(port))) throw error;
    }
  }
}

async function launchOn(port: number, command: string, options: LaunchOptions): Promise<Launched> {
  const { signal, startMs = 10_000 } = options;
  const folder = hasPlaceholder(command, 'dir') ? await temporaryFolder() : undefined;
  const dir = folder && join(folder.path, 'store');
  const line = withValues(command, { port: String(port), dir: dir ?? '' });
  const stopping = new AbortController();
  const left: string[] = [];
  let address: Address = { host: HOSTS[0], port };
  let group: ProcessGroup | undefined;
  let outputs: readonly Output[] = [];
  const life = new Life(() => group?.pid ?? 0);

  const end = async (isKilled = false): Promise<void> => {
    for (const { pid, command } of (await group?.end(isKilled)) ?? [])
      left.push(`process ${pid} of the target does not end: ${printable(command, LINE_CHARACTERS)}`);
  };
  const start = async (over: AbortSignal, env?: Environment): Promise<void> => {
    if ((await listeningAt(port, over)) !== undefined) throw portTaken(port);
    over.throwIfAborted();
    group = await ProcessGroup.start(line, { folder: folder?.path, port, env: { ...options.env, ...env } });
    outputs = group.output.map((stream) => new Output(stream, (kind) => life.addReport(kind)));
    life.begin(group.exit);
    const host = await untilListening(port, group, startMs, over);
    if (host !== undefined) {
      if (await group.hasLostPort()) throw portTaken(port);
      address = { host, port };
      return;
    }
    const { exited } = group;
    await end();
    over.throwIfAborted();
    throw notListening(exited, { address, startMs }, saidLines(outputs));
  };
  /** Rejects with the reason of the signal, or of `stop`. */
  const unlessOver = async (work: (over: AbortSignal) => Promise<void>): Promise<void> => {
    const over = combinedSignal([stopping.signal, signal]);
    try {
      over.signal.throwIfAborted();
      await work(over.signal);
    } finally {
      over.release();
    }
  };
  let stopped: Promise<readonly string[]> | undefined;
  const stopOnce = async (): Promise<readonly string[]> => {
    await end();
    await folder?.remove().catch((error: NodeJS.ErrnoException) => {
      left.push(`the folder ${printable(folder.path)} cannot be removed (${error.code ?? error.message})`);
    });
    return left;
  };
  const stop = (): Promise<readonly string[]> => {
    stopping.abort();
    stopped ??= stopOnce();
    return stopped;
  };

  const makeStore = (): void => {
    for (const side of dir === undefined ? [] : ['received', 'submitted', 'results'])
      makeFolder(join(dir ?? '', side), 0o700);
  };

  try {
    makeStore();
    await unlessOver(start);
  } catch (error) {
    const left = await stop();
    if (left.length === 0 || !(error instanceof ObserverError)) throw error;
    const { code, message, cause, failedStart } = error;
    throw new ObserverError(code, [message, ...left].join('; '), {
      cause,
      failedStart: failedStart && { ...failedStart, what: [failedStart.what, ...left].join('; ') },
    });
  }
  const restart = (isKilled: boolean, { env, emptiesStore = false }: RestartOptions = {}): Promise<void> =>
    unlessOver(async (over) => {
      await end(isKilled);
      if (emptiesStore && dir !== undefined) {
        await removeFolder(dir);
        makeStore();
      }
      await untilFree(port, startMs, over);
      await start(over, env);
    });
  return {
    address,
    dir,
    pid: () => group?.pid ?? 0,
    exited: () => group?.exited,
    describeEnd: async () => {
      await group?.closedWithin(END_MS);
      return { ended: endedAs(group?.exited), lines: saidLines(outputs) };
    },
    watchReports: () => {
      const before = new Map(outputs.map((output) => [output, output.reportCount]));
      return () =>
        outputs
          .flatMap((output) => output.reportsAfter(before.get(output) ?? 0))
          .map((lines) => ({ ended: endedAs(group?.exited), lines }));
    },
    life,
    restart: (options) => restart(false, options),
    kill: () => restart(true),
    stop,
  };
}

/** The host on which the command listens; undefined if it ends, if `startMs` passes, or if `over` fires. */
async function untilListening(
  port: number,
  group: ProcessGroup,
  startMs: number,
  over: AbortSignal,
): Promise<string | undefined> {
  const { signal, release } = combinedSignal([over, group.exit], startMs);
  try {
    for (let pollMs = FIRST_POLL_MS; !signal.aborted; pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)) {
      const host = await listeningAt(port, signal);
      if (host !== undefined) return host;
      await setTimeout(pollMs, undefined, { signal }).catch(() => {});
    }
    return undefined;
  } finally {
    release();
  }
}

/** Waits until the port of an ended process is free. */
async function untilFree(port: number, withinMs: number, over: AbortSignal): Promise<void> {
  const { signal, release } = combinedSignal([over], withinMs);
  try {
    while (!signal.aborted && (await listeningAt(port, signal)) !== undefined)
      await setTimeout(FIRST_POLL_MS, undefined, { signal }).catch(() => {});
  } finally {
    release();
  }
}

function portTaken(port: number): ObserverError {
  return new ObserverError('port-taken', `port ${port} is taken: another program listens there`);
}

function notListening(
  exited: Exit | undefined,
  { address, startMs }: { readonly address: Address; readonly startMs: number },
  lines: readonly string[],
): ObserverError {
  const where = `127.0.0.1:${address.port} or [::1]:${address.port}`;
  const why =
    exited === undefined
      ? `the command did not listen on ${where} within ${startMs} ms`
      : `the command ended (${endedAs(exited)}) before it listened on ${where}`;
  const what = lines.length === 0 ? `${why}; it wrote no output` : why;
  const last = lines.slice(-SHOWN_LINES).map((line) => printable(line, LINE_CHARACTERS));
  const message = lines.length === 0 ? what : `${what}; its output: ${last.join(' / ')}`;
  const ended = exited === undefined ? `${STILL_RUNNING}, so the kit ended it` : endedAs(exited);
  return new ObserverError(exited === undefined ? 'not-listening' : 'exited', message, {
    failedStart: { address, what, said: { ended, lines } },
  });
}

const STILL_RUNNING = 'still running';

/** A shell reports the signal that ended its child as a status above 128. */
const SIGNAL_STATUS = 128;

function endedAs(exit: Exit | undefined): string {
  if (exit === undefined) return STILL_RUNNING;
  if (exit.signal !== null) return `signal ${exit.signal}`;
  const number = (exit.code ?? 0) - SIGNAL_STATUS;
  const [signal] = Object.entries(constants.signals).find((entry) => entry[1] === number) ?? [];
  return `exit status ${exit.code}${signal === undefined ? '' : ` (128 + ${signal})`}`;
}

/** Of standard output and standard error: the stream with a report on a crash, else the one with lines; rather the error. */
function saidLines(outputs: readonly Output[]): readonly string[] {
  const errorFirst = outputs.toReversed();
  const output =
    errorFirst.find(({ hasReport }) => hasReport) ?? errorFirst.find(({ lines }) => lines.length > 0);
  return output?.lines ?? [];
}
