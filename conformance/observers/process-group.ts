/**
 * A command of the user's with all that it starts, as one thing that can be ended. It does not outlive the kit: a guard,
 * a shell that waits for the kit's end of a pipe to close, ends it when the kit was killed and could not. POSIX only.
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

/** How long the processes may take to end, first when asked and then when made to, and their output to be closed. */
const GRACE_MS = 2000;

export class ProcessGroup {
  /** Of the shell, or of the command that took its place; the number of the group as well. */
  readonly pid: number;
  /** What it says: standard output and standard error. */
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
    // A kit that has nothing left to do ends, and the guard then ends what was left running.
    for (const held of [child, this.#guard, ...this.output]) held.unref();
  }

  /** Hands the line to the shell. Throws an ObserverError 'exited' if there is no process to be had. */
  static async start(line: string): Promise<ProcessGroup> {
    const child = spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) return new ProcessGroup(child, child.pid);
    const [cause] = await once(child, 'error');
    throw new ObserverError('exited', 'the shell could not be started', { cause });
  }

  /** Set from the moment on that the first process has ended; others of the group may live on. */
  get exited(): Exit | undefined {
    return this.#exited;
  }

  /** Fires at that moment. */
  get exit(): AbortSignal {
    return this.#exit.signal;
  }

  /**
   * Asks all of the group to end, and makes those that do not within the grace. That their output closes tells when they
   * have: a process that ended and waits for its parent to notice is still a member of its group.
   */
  async end(): Promise<void> {
    this.#signal('SIGTERM');
    await this.#closedWithinGrace();
    this.#signal('SIGKILL');
    // Who left the group may keep its output open for ever.
    await this.#closedWithinGrace();
    for (const stream of this.output) stream.destroy();
    this.#guard.stdin?.end('\n');
  }

  async #closedWithinGrace(): Promise<void> {
    const closed = new AbortController();
    const grace = setTimeout(GRACE_MS, undefined, { signal: closed.signal }).catch(() => {});
    await Promise.race([this.#closed, grace]);
    closed.abort();
  }

  /** Signals all of the group; 0 only finds out whether any is left. A number that was free once may be another's now. */
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
