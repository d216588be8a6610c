/**
 * A target that the kit starts itself: command line → placeholders filled in → process group → a port that accepts a
 * connection. What the process says is kept, to explain why it does not listen or why it ends.
 */

import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import net from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { printable } from '../util/printable.ts';
import { temporaryFolder } from '../util/temporary-folder.ts';
import type { Address } from '../wire/transport.ts';
import type { ProcessEnd } from './observer.ts';
import { ObserverError } from './observer-error.ts';
import { Output } from './output.ts';
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
  /** Ends the target and starts it again on the same port and directory. Throws as `launch` does. */
  readonly restart: () => Promise<void>;
  /** As `restart`, but ends the target by SIGKILL at once. */
  readonly kill: () => Promise<void>;
  /** Ends the target by SIGTERM, then SIGKILL, and removes its directory. It cannot be restarted afterwards. */
  readonly stop: () => Promise<void>;
}

/** Options of `launch`. */
export interface LaunchOptions {
  /** The port on 127.0.0.1. Default: a free port, which the command has to take from `{port}`. */
  readonly port?: number | undefined;
  /** Ends the target at any time. */
  readonly signal?: AbortSignal | undefined;
  /** How long the target may take to listen, in milliseconds. Default 10 000. */
  readonly startMs?: number | undefined;
}

const HOST = '127.0.0.1';
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 100;
/** A process whose connections are closed may need a moment until it has ended and its output is read. */
const END_MS = 500;
/** UTF-16 units of one line of output in an error message. */
const LINE_CHARACTERS = 300;
/** Lines of output in an error message. */
const SHOWN_LINES = 3;

/**
 * Starts the command in a shell and waits until it listens. `{port}` is replaced by the port, `{dir}` by the path of a new,
 * empty store in its own folder, in memory where there is room. Throws an ObserverError ('no-port', 'port-taken', 'exited', 'not-listening') if it does
 * not listen, or the signal's reason if the signal fires first; no process and no folder remains then.
 */
export async function launch(command: string, options: LaunchOptions = {}): Promise<Launched> {
  const { signal, startMs = 10_000 } = options;
  if (options.port === undefined && !command.includes('{port}'))
    throw new ObserverError(
      'no-port',
      'the command has no {port}, so the kit cannot choose where it listens',
    );
  const address = { host: HOST, port: options.port ?? (await freePort()) };
  const folder = command.includes('{dir}') ? (await temporaryFolder()).path : undefined;
  const dir = folder && join(folder, 'store');
  const line = command.replaceAll('{port}', String(address.port)).replaceAll('{dir}', () => dir ?? '');
  const stopping = new AbortController();
  const over = AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])]);
  let group: ProcessGroup | undefined;
  let outputs: readonly Output[] = [];

  const start = async (): Promise<void> => {
    if (await accepts(address, over))
      throw new ObserverError('port-taken', `port ${address.port} is taken: another program listens there`);
    over.throwIfAborted();
    group = await ProcessGroup.start(line);
    outputs = group.output.map((stream) => new Output(stream));
    if (await untilListening(address, group, startMs, over)) return;
    const { exited } = group;
    await group.end();
    over.throwIfAborted();
    throw notListening(exited, startMs, saidLines(outputs));
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping.abort();
    signal?.removeEventListener('abort', onAbort);
    stopped ??= end(group, folder);
    return stopped;
  };

  // A folder that stays is reported by the caller's own stop.
  const onAbort = (): void => void stop().catch(() => {});

  try {
    for (const side of dir === undefined ? [] : ['received', 'submitted', 'results'])
      await mkdir(join(dir ?? '', side), { recursive: true, mode: 0o700 });
    await start();
  } catch (error) {
    // Why it does not listen is worth more than a folder that stays.
    await stop().catch(() => {});
    throw error;
  }
  signal?.addEventListener('abort', onAbort);
  const restart = async (isKilled: boolean): Promise<void> => {
    await group?.end(isKilled);
    await untilFree(address, startMs, over);
    await start();
  };
  return {
    address,
    dir,
    pid: () => group?.pid ?? 0,
    exited: () => group?.exited,
    describeEnd: async () => {
      await group?.closedWithin(END_MS);
      return { ended: endedAs(group?.exited), lines: saidLines(outputs) };
    },
    restart: () => restart(false),
    kill: () => restart(true),
    stop,
  };
}

/** True once the command listens; false if it ends, if `startMs` passes, or if `over` fires. */
async function untilListening(
  address: Address,
  group: ProcessGroup,
  startMs: number,
  over: AbortSignal,
): Promise<boolean> {
  const signal = AbortSignal.any([over, group.exit, AbortSignal.timeout(startMs)]);
  for (let pollMs = FIRST_POLL_MS; !signal.aborted; pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)) {
    if (await accepts(address, signal)) return true;
    await setTimeout(pollMs, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** Waits until the port of an ended process is free. */
async function untilFree(address: Address, withinMs: number, over: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([over, AbortSignal.timeout(withinMs)]);
  while (!signal.aborted && (await accepts(address, signal)))
    await setTimeout(FIRST_POLL_MS, undefined, { signal }).catch(() => {});
}

async function accepts(address: Address, signal: AbortSignal): Promise<boolean> {
  const socket = net.connect(address);
  try {
    await once(socket, 'connect', { signal });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}

function notListening(exited: Exit | undefined, startMs: number, lines: readonly string[]): ObserverError {
  const last = lines.slice(-SHOWN_LINES).map((line) => printable(line, LINE_CHARACTERS));
  const said = last.length === 0 ? '' : `; its output: ${last.join(' / ')}`;
  if (exited === undefined)
    return new ObserverError('not-listening', `the command did not listen within ${startMs} ms${said}`);
  return new ObserverError('exited', `the command ended (${endedAs(exited)}) before it listened${said}`);
}

/** A shell reports the signal that ended its child as a status above 128. */
const SIGNAL_STATUS = 128;

function endedAs(exit: Exit | undefined): string {
  if (exit === undefined) return 'still running';
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

async function end(group: ProcessGroup | undefined, folder: string | undefined): Promise<void> {
  await group?.end();
  // A process that outlives its group may still write a file.
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, HOST), 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new ObserverError('no-port', 'no port is free');
  return address.port;
}
