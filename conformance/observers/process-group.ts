/**
 * A command of the user and all processes that it starts, which end together. They do not outlive the kit: a guard ends
 * them if the kit is killed. POSIX only.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { atExit } from '../util/at-exit.ts';
import { Guard } from './guard.ts';
import {
  commandLineOf,
  isOf,
  kinshipOf,
  type Leader,
  processesListeningOn,
  processesWith,
} from './marked-processes.ts';
import { ObserverError } from './observer-error.ts';
import { family } from './process.ts';

/** How a process ended: `code` is null if a signal ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that still runs. */
export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

interface GroupOptions {
  readonly folder?: string | undefined;
  readonly port?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether the kit writes to its standard input. Default false: the input is empty. */
  readonly hasInput?: boolean | undefined;
  /** Shared with other groups. Its owner looks for processes that left them. Default: one of its own. */
  readonly guard?: Guard | undefined;
}

/** How long the processes may take to end and close their output, after SIGTERM and again after SIGKILL. */
const GRACE_MS = 2000;
/** Between two looks whether a process that left the group has ended. */
const POLL_MS = 20;

export class ProcessGroup {
  /** Of the shell, or of the command that it executed in its place; also the id of the group. */
  readonly pid: number;
  /** Standard output and standard error. */
  readonly output: readonly Socket[];
  /** Standard input, with `hasInput`. */
  readonly input: Writable | undefined;
  readonly #port: number | undefined;
  readonly #guard: Guard;
  readonly #leader: Leader;
  readonly #sharesGuard: boolean;
  readonly #exit = new AbortController();
  readonly #closed: Promise<unknown>;
  readonly #forget: () => void;
  #exited: Exit | undefined;
  #isClosed = false;
  #isGone = false;

  private constructor(child: ChildProcess, pid: number, guard: Guard, { port, guard: shared }: GroupOptions) {
    this.pid = pid;
    this.#guard = guard;
    this.#leader = { pid, mark: guard.mark, started: kinshipOf(pid)?.started ?? 0 };
    this.#sharesGuard = shared !== undefined;
    this.#port = port;
    this.output = [child.stdout, child.stderr].filter((stream) => stream instanceof Socket);
    this.input = child.stdin ?? undefined;
    this.#closed = once(child, 'close').then(() => {
      this.#isClosed = true;
    });
    child.on('exit', (code, signal) => {
      this.#exited = { code, signal };
      this.#signal(0);
      this.#exit.abort();
    });
    guard.add(pid);
    this.#forget = atExit(() => this.#signal('SIGKILL'));
    // The kit can end while the command runs; the guard then ends the command.
    for (const held of [child, ...this.output]) held.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
  }

  /**
   * Passes the line to the shell. If the kit is killed, `folder` is removed after the processes; default: none. `port`:
   * where a process that left the group and cleared its environment is looked for. Throws an ObserverError 'exited' if the
   * shell cannot be started.
   */
  static async start(line: string, options: GroupOptions = {}): Promise<ProcessGroup> {
    const guard = options.guard ?? new Guard(options.folder);
    const child = spawn('/bin/sh', ['-c', line], {
      detached: true,
      env: { ...process.env, ...options.env, ...guard.mark.env },
      stdio: [options.hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) return new ProcessGroup(child, child.pid, guard, options);
    if (options.guard === undefined) guard.done();
    const [cause] = await once(child, 'error');
    throw new ObserverError('exited', 'the shell could not be started', { cause });
  }

  /** Set when the first process has ended; others of the group can still run. */
  get exited(): Exit | undefined {
    return this.#exited;
  }

  /** Aborts at that moment. */
  get exit(): AbortSignal {
    return this.#exit.signal;
  }

  /** The processes of the group that still run; elsewhere than on Linux none is found. */
  async members(): Promise<readonly LeftProcess[]> {
    this.#signal(0);
    if (this.#isGone) return [];
    const pids = await processesWith(this.#guard.mark);
    return named(pids.filter((pid) => kinshipOf(pid)?.group === this.pid));
  }

  /** The processes that still run after the first one has ended, also those that left the group. */
  async others(): Promise<readonly LeftProcess[]> {
    return named((await this.#outside()).filter((pid) => pid !== this.pid));
  }

  /**
   * Sends SIGTERM to the group, and SIGKILL after the grace period; with `isKilled`, SIGKILL at once. The processes have
   * ended when their output is closed; a process that its parent has not waited for is still a member of the group. Then
   * ends the processes that left the group in the same way. Resolves to those that do not end.
   */
  async end(isKilled = false): Promise<readonly LeftProcess[]> {
    if (!isKilled) {
      this.#signal('SIGTERM');
      await this.#endedWithin(GRACE_MS);
    }
    this.#signal('SIGKILL');
    await this.#endedWithin(GRACE_MS);
    const left = this.#sharesGuard ? [] : await endMarked(() => this.#outside(), isKilled);
    await this.closedWithin(left.length > 0 ? 0 : GRACE_MS);
    for (const stream of this.output) stream.destroy();
    this.#forget();
    if (!this.#sharesGuard) this.#guard.done();
    return left;
  }

  /** Resolves when the first process has ended and the output is closed, at the latest after `withinMs`. */
  async closedWithin(withinMs: number): Promise<void> {
    const closed = new AbortController();
    const time = setTimeout(withinMs, undefined, { signal: closed.signal }).catch(() => {});
    await Promise.race([this.#closed, time]);
    closed.abort();
  }

  /** As `closedWithin`, or when no process of the group is left: one that left it can keep the output open forever. */
  async #endedWithin(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    while (!this.#isClosed && !this.#isGone && performance.now() < until) {
      await this.closedWithin(POLL_MS);
      this.#signal(0);
    }
  }

  /** Whether processes listen on the port, and the command has started none of them. */
  async hasLostPort(): Promise<boolean> {
    if (this.#port === undefined) return false;
    // Nearly every target is found so, without a look at all processes.
    const near = await processesListeningOn(this.#port, family(this.pid));
    if (near.length > 0) return false;
    const { own, others } = await this.#listening();
    return own.length === 0 && others.length > 0;
  }

  async #outside(): Promise<readonly number[]> {
    const { own } = await this.#listening();
    return [...new Set([...(await processesWith(this.#guard.mark)), ...own])];
  }

  async #listening(): Promise<{ readonly own: readonly number[]; readonly others: readonly number[] }> {
    const pids = this.#port === undefined ? [] : await processesListeningOn(this.#port);
    const areOwn = await Promise.all(pids.map((pid) => isOf(this.#leader, pid)));
    return { own: pids.filter((_, at) => areOwn[at]), others: pids.filter((_, at) => !areOwn[at]) };
  }

  /**
   * Signals the group; 0 only checks whether a process is left. Never signals again once the group is gone, because its id
   * can belong to other processes then.
   */
  #signal(signal: NodeJS.Signals | 0): void {
    if (this.#isGone) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      this.#isGone = true;
      this.#guard.gone(this.pid);
    }
  }
}

/** Ends the processes that `find` finds, by SIGTERM and then SIGKILL. Resolves to those that do not end. */
async function endMarked(
  find: () => Promise<readonly number[]>,
  isKilled: boolean,
): Promise<readonly LeftProcess[]> {
  let pids = await find();
  for (const signal of isKilled ? (['SIGKILL'] as const) : (['SIGTERM', 'SIGKILL'] as const)) {
    const until = performance.now() + GRACE_MS;
    const signalled = new Set<number>();
    while (pids.length > 0 && performance.now() < until) {
      for (const pid of pids.filter((pid) => !signalled.has(pid))) signalProcess(pid, signal);
      for (const pid of pids) signalled.add(pid);
      await setTimeout(POLL_MS);
      pids = await find();
    }
  }
  return named(pids);
}

/** Ends the processes that left the groups of a shared guard. Resolves to all of them, with their command lines. */
export async function endStrays({ mark }: Guard): Promise<readonly LeftProcess[]> {
  const strays = await named(await processesWith(mark));
  if (strays.length > 0) await endMarked(() => processesWith(mark), true);
  return strays;
}

function named(pids: readonly number[]): Promise<LeftProcess[]> {
  return Promise.all(pids.map(async (pid) => ({ pid, command: await commandLineOf(pid) })));
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or belongs to another user.
  }
}
