/**
 * Monitors the CPU time of the target while nothing is in flight. A loop that does not end, in a thread or between two events,
 * leaves the target able to answer, so the wire does not show it. Work that ends, such as a sweep of the store or a garbage
 * collection, is no breach.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { printable } from '../../conformance/util/printable.ts';
import { type Case, caseSize } from '../case/case.ts';
import { computes } from './cpu-use.ts';
import {
  isTimeOver,
  type Monitor,
  type MonitorBreach,
  type MonitorOptions,
  type Point,
  symptomOf,
} from './monitors.ts';
import { isQuiet } from './soak-class.ts';

/** Above this share of one core the process is busy. */
const BUSY_SHARE = 0.08;
/** Batches between two looks, and the milliseconds of a look. */
const BATCHES_PER_LOOK = 4;
const LOOK_MS = 100;
/** A process is in a loop if it is busy in each of so many windows. */
const WINDOW_MS = 300;
const WINDOWS = 10;
const WINDOWS_WITHOUT_CASE = 50;
/** The same for a case that is tried alone, and for several. */
const WINDOWS_ALONE = 4;
const WINDOWS_TOGETHER = 2;
/** Most cases that the cause is searched in. */
const CANDIDATES = 32;

/** Monitors the CPU time of the target's process without load. */
export function idleMonitor(options: MonitorOptions): Monitor {
  return new IdleMonitor(options);
}

class IdleMonitor implements Monitor {
  readonly #options: MonitorOptions;
  isSpent = false;
  #batches = 0;
  /** Whether it is of no use to look: a breach was reported, or the target is busy without any case. */
  #isOver = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** A target may be busy since a malformed frame of the calibration. A new process shows whether it always is. */
  async start(): Promise<void> {
    const isBusy = await this.#isBusyWithin(LOOK_MS);
    this.#isOver = isBusy === undefined || (isBusy && (await this.#isBusyFor(WINDOWS_ALONE)));
    const { restart } = this.#options;
    if (!this.#isOver || isBusy === undefined || restart === undefined) return;
    await restart();
    this.#isOver = await this.#staysBusy();
  }

  async check(cases: () => readonly Case[], { isLast }: Point): Promise<MonitorBreach | undefined> {
    this.isSpent = false;
    this.#batches += 1;
    if (this.#isOver || isTimeOver(this.#options) || (this.#batches % BATCHES_PER_LOOK !== 0 && !isLast))
      return undefined;
    const { restart } = this.#options;
    // Without a restart there is no second look at it, so the first one is longer.
    const windows = restart === undefined ? WINDOWS_WITHOUT_CASE : WINDOWS;
    if (!(await this.#isBusyWithin(LOOK_MS)) || !(await this.#isBusyFor(windows))) return undefined;
    const cause = restart && (await this.#search(cases(), restart));
    if (restart !== undefined && cause === undefined) return undefined;
    this.#isOver = true;
    const detail = `the process uses the CPU while no connection is open, for ${(windows * WINDOW_MS) / 1000} seconds and more`;
    const breach = symptomOf(
      'idles',
      cause === undefined ? detail : `${detail}, after "${cause.name}"`,
      'busy',
    );
    return { ...breach, ...(cause !== undefined && { value: cause.value }) };
  }

  /** The case after which a new process is busy; undefined if none of the cases alone makes it busy, or the time is over before. */
  async #search(
    cases: readonly Case[],
    restart: () => Promise<void>,
  ): Promise<{ readonly value: Case; readonly name: string } | undefined> {
    const quiet = cases.filter(isQuiet);
    const stride = Math.max(1, Math.floor(quiet.length / CANDIDATES));
    const makesBusy = async (some: readonly Case[], windows: number): Promise<boolean> => {
      if (isTimeOver(this.#options)) return false;
      await restart();
      if (await this.#staysBusy()) return false;
      await Promise.all(some.map((value) => this.#options.run(value)));
      return this.#isBusyFor(windows);
    };
    let list = quiet.filter((_, at) => at % stride === 0).sort((a, b) => caseSize(a) - caseSize(b));
    this.isSpent = true;
    if (!(await makesBusy(list, WINDOWS_TOGETHER))) return undefined;
    while (list.length > 1) {
      const half = list.slice(0, Math.ceil(list.length / 2));
      list = (await makesBusy(half, WINDOWS_TOGETHER)) ? half : list.slice(half.length);
    }
    const [value] = list;
    if (value === undefined || !(await makesBusy([value], WINDOWS_ALONE))) return undefined;
    const { signatures } = await this.#options.run(value);
    return { value, name: printable(signatures[0] ?? '') };
  }

  /** Whether a new process is still busy after a time that is enough to start. */
  #staysBusy(): Promise<boolean> {
    return this.#isBusyFor(WINDOWS);
  }

  /** Whether the process is busy in each of so many windows in a row. */
  async #isBusyFor(windows: number): Promise<boolean> {
    for (let left = windows; left > 0; left -= 1)
      if (isTimeOver(this.#options) || !(await this.#isBusyWithin(WINDOW_MS))) return false;
    return true;
  }

  /** Whether the process is busy within so many milliseconds from now. Undefined without data. */
  async #isBusyWithin(ms: number): Promise<boolean | undefined> {
    const { process } = this.#options;
    const before = await process.look?.();
    const beganAt = performance.now();
    await setTimeout(ms);
    const after = await process.look?.();
    if (before === undefined || after === undefined) return undefined;
    return computes(before, after, performance.now() - beganAt, BUSY_SHARE);
  }
}
