/**
 * A target that the kit starts itself: command line → placeholders filled in → process group → a port that accepts a
 * connection. The output is kept for the error message if it does not.
 */

import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { printable } from '../util/printable.ts';
import type { Address } from '../wire/transport.ts';
import { ObserverError } from './observer-error.ts';
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
  /** The last lines of the output, escaped, oldest first, including those before a restart. */
  readonly log: () => readonly string[];
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
  /** How many lines of output are kept. Default 20. */
  readonly logLines?: number | undefined;
}

const HOST = '127.0.0.1';
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 100;
/** UTF-16 units of one line of output that are kept. */
const LINE_CHARACTERS = 300;
/** Lines of output in an error message. */
const SHOWN_LINES = 3;

/**
 * Starts the command in a shell and waits until it listens. `{port}` is replaced by the port, `{dir}` by the path of a new,
 * empty store in its own folder. Throws an ObserverError ('no-port', 'port-taken', 'exited', 'not-listening') if it does
 * not listen, or the signal's reason if the signal fires first; no process and no folder remains then.
 */
export async function launch(command: string, options: LaunchOptions = {}): Promise<Launched> {
  const { signal, startMs = 10_000, logLines = 20 } = options;
  if (options.port === undefined && !command.includes('{port}'))
    throw new ObserverError(
      'no-port',
      'the command has no {port}, so the kit cannot choose where it listens',
    );
  const address = { host: HOST, port: options.port ?? (await freePort()) };
  const folder = command.includes('{dir}') ? await mkdtemp(join(tmpdir(), 'conform-')) : undefined;
  const dir = folder && join(folder, 'store');
  const line = command.replaceAll('{port}', String(address.port)).replaceAll('{dir}', () => dir ?? '');
  const tail = new Tail(logLines);
  const stopping = new AbortController();
  const over = AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])]);
  let group: ProcessGroup | undefined;

  const start = async (): Promise<void> => {
    if (await accepts(address, over))
      throw new ObserverError('port-taken', `port ${address.port} is taken: another program listens there`);
    over.throwIfAborted();
    group = await ProcessGroup.start(line);
    for (const stream of group.output) tail.follow(stream);
    if (await untilListening(address, group, startMs, over)) return;
    const { exited } = group;
    await group.end();
    over.throwIfAborted();
    throw notListening(exited, startMs, tail.lines);
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping.abort();
    signal?.removeEventListener('abort', stop);
    stopped ??= end(group, folder);
    return stopped;
  };

  try {
    for (const side of dir === undefined ? [] : ['received', 'submitted', 'results'])
      await mkdir(join(dir ?? '', side), { recursive: true, mode: 0o700 });
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  signal?.addEventListener('abort', stop);
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
    log: () => tail.lines,
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

function notListening(exited: Exit | undefined, startMs: number, log: readonly string[]): ObserverError {
  const said = log.length === 0 ? '' : `; its output: ${log.slice(-SHOWN_LINES).join(' / ')}`;
  if (exited === undefined)
    return new ObserverError('not-listening', `the command did not listen within ${startMs} ms${said}`);
  const how = exited.signal ?? `status ${exited.code}`;
  return new ObserverError('exited', `the command ended (${how}) before it listened${said}`);
}

async function end(group: ProcessGroup | undefined, folder: string | undefined): Promise<void> {
  await group?.end();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, HOST), 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new ObserverError('no-port', 'no port is free');
  return address.port;
}

/** The last lines of a program's output, bounded in number and length, and escaped. */
class Tail {
  readonly #maxLines: number;
  #lines: string[] = [];

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  follow(stream: Readable): void {
    let begun = '';
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => {
        const lines = (begun + text).split('\n');
        // One character more than the limit, so that a cut line is marked as cut.
        begun = (lines.pop() ?? '').slice(0, LINE_CHARACTERS + 1);
        for (const line of lines) this.#add(line);
      })
      .on('close', () => this.#add(begun));
  }

  #add(line: string): void {
    const text = line.trimEnd();
    if (text !== '') this.#lines = [...this.#lines, printable(text, LINE_CHARACTERS)].slice(-this.#maxLines);
  }
}
