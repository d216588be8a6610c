/**
 * A command of the user and all processes that it starts, which end together. They do not outlive the kit: a guard, a
 * shell that waits until the kit's end of a pipe closes, ends them if the kit is killed. POSIX only.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { ObserverError } from './observer-error.ts';

/** How a process ended: `code` is null if a signal ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long the processes may take to end and close their output, after SIGTERM and again after SIGKILL. */
const GRACE_MS = 2000;

export class ProcessGroup {
  /** Of the shell, or of the command that it executed in its place; also the id of the group. */
  readonly pid: number;
  /** Standard output and standard error. */
  readonly output: readonly Socket[];
  readonly #guard: ChildProcess;
  readonly #exit = new AbortController();
  readonly #closed: Promise<unknown>;
  #exited: Exit | undefined;
  #isGone = false;

  private constructor(child: ChildProcess, pid: number) {
    this.pid = pid;
    this.output = [child.stdout, child.stderr].filter((stream) => stream instanceof Socket);
    this.#closed = once(child, 'close');
    child.on('exit', (code, signal) => {
      this.#exited = { code, signal };
      this.#signal(0);
      this.#exit.abort();
    });
    this.#guard = spawn('/bin/sh', ['-c', `read -r _ || kill -9 -${pid}`], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#guard.on('error', () => {});
    this.#guard.stdin?.on('error', () => {});
    // The kit can end while the command runs; the guard then ends the command.
    for (const held of [child, this.#guard, ...this.output]) held.unref();
  }

  /** Passes the line to the shell. Throws an ObserverError 'exited' if the shell cannot be started. */
  static async start(line: string): Promise<ProcessGroup> {
    const child = spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) return new ProcessGroup(child, child.pid);
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

  /**
   * Sends SIGTERM to the group, and SIGKILL after the grace period; with `isKilled`, SIGKILL at once. The processes have
   * ended when their output is closed; a process that its parent has not waited for is still a member of the group.
   */
  async end(isKilled = false): Promise<void> {
    if (!isKilled) {
      this.#signal('SIGTERM');
      await this.closedWithin(GRACE_MS);
    }
    this.#signal('SIGKILL');
    // A process that left the group can keep the output open forever.
    await this.closedWithin(GRACE_MS);
    for (const stream of this.output) stream.destroy();
    this.#guard.stdin?.end('\n');
  }

  /** Resolves when the first process has ended and the output is closed, at the latest after `withinMs`. */
  async closedWithin(withinMs: number): Promise<void> {
    const closed = new AbortController();
    const time = setTimeout(withinMs, undefined, { signal: closed.signal }).catch(() => {});
    await Promise.race([this.#closed, time]);
    closed.abort();
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
      this.#guard.stdin?.end('\n');
    }
  }
}
