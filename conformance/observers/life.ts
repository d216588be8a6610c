/**
 * Signs that the process of a target ends: its exit, the first line of a report on a crash, and a core that is being written.
 * A process that dies still serves for a while: a sanitizer takes up to a second to write its report, and the other threads
 * answer meanwhile.
 */

import { readdir, readFile } from 'node:fs/promises';
import type { LifeObserver } from './observer.ts';
import type { ReportKind } from './output.ts';
import { family } from './process.ts';

/** Collects the signs of a command, also across its restarts. */
export class Life implements LifeObserver {
  readonly #pid: () => number;
  readonly #listeners = new Set<() => void>();
  readonly #reports: Record<ReportKind, number> = { error: 0, warning: 0, runtime: 0 };
  #exit: AbortSignal | undefined;

  constructor(pid: () => number) {
    this.#pid = pid;
  }

  /** A process has started. `exit` aborts when it ends. */
  begin(exit: AbortSignal): void {
    this.#exit = exit;
    exit.addEventListener('abort', () => {
      if (exit === this.#exit) this.#announce();
    });
  }

  /** The first line of a report has arrived. */
  addReport(kind: ReportKind): void {
    this.#reports[kind] += 1;
    this.#announce();
  }

  hasEnded(): boolean {
    return this.#exit?.aborted === true;
  }

  reports(): Readonly<Record<ReportKind, number>> {
    return { ...this.#reports };
  }

  watch(onSign: () => void): () => void {
    this.#listeners.add(onSign);
    return () => this.#listeners.delete(onSign);
  }

  async isDying(): Promise<boolean> {
    const states = await Promise.all(family(this.#pid()).map(stateOf));
    return states[0] === 'ends' || states.includes('dumps');
  }

  async isBusy(): Promise<boolean> {
    const states = await Promise.all(family(this.#pid()).map(threadStates));
    // The first process is a zombie until the kit notices its end.
    return states.flat().some((state) => state === 'R' || state === 'D') || states[0]?.[0] === 'Z';
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** 'ends': all of its threads but the first may still run. 'dumps': it has crashed, and its core is being written. */
async function stateOf(pid: number): Promise<'runs' | 'ends' | 'dumps'> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  if (/^CoreDumping:\s+1/m.test(status)) return 'dumps';
  return /^State:\s+[ZX]/m.test(status) ? 'ends' : 'runs';
}

/** The states of its threads, such as 'S' of one that waits. Empty if the process has ended. */
async function threadStates(pid: number): Promise<readonly string[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ''));
  // The name in parentheses may hold anything.
  return (await Promise.all(stats)).map((stat) => stat.charAt(stat.lastIndexOf(')') + 2));
}
