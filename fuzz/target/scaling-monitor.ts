/**
 * Monitors how the time of a reaction grows with the size of a frame. A parser whose time grows with the square of the size
 * lets one peer keep the target busy for minutes with a single legal frame. Each shape of payload is sent in growing sizes until
 * the time is clear of the latency; the least of several times at four sizes then shows how it grows. A busy machine delays some
 * reactions at random, so the times are measured in two rounds, and the CPU time of the process has to grow alike where it is known.
 */

import { performance } from 'node:perf_hooks';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, EXACT } from '../case/case.ts';
import {
  isTimeOver,
  type Monitor,
  type MonitorBreach,
  type MonitorOptions,
  type Point,
  symptomOf,
} from './monitors.ts';

/** What a field that no receiver knows (M1) holds, in so many bytes or nearly. */
type Shape = (bytes: number) => string;

/** By their names. Permanent: parts of symptoms. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'a long string': (bytes) => `"${'a'.repeat(bytes)}"`,
  'a string of escapes': (bytes) => `"${'\\u0061'.repeat(bytes / 6)}"`,
  'many names': (bytes) => `{${Array.from({ length: bytes / 10 }, (_, at) => `"k${at}":0`).join(',')}}`,
  'many elements': (bytes) => `[${'0,'.repeat(bytes / 2)}0]`,
  'one name many times': (bytes) => `{${'"a":0,'.repeat(bytes / 6)}"a":0}`,
  'white space': (bytes) => `${' '.repeat(bytes)}0`,
  'a string without an end': (bytes) => `"${'\\"'.repeat(bytes / 2)}`,
};

const KiB = 1024;
/** Sizes in bytes: the first, the factor to the next, and the largest. */
const SIZES = { first: 8 * KiB, factor: 4, last: 256 * KiB };
/** A time is clear of the latency from so many milliseconds on. */
const CLEAR_MS = 150;
/** Twice the size takes twice the time in proportion, and four times the time by the square. */
const STEEP = 3;
/** The sizes that are compared, as shares of the first one that is clear. */
const SHARES = [1 / 4, 1 / 2, 1, 2];
/** Times of which the least counts, and rounds in each of which the least so far has to be steep. */
const TIMES = 3;
const ROUNDS = 2;
/** Cases after which it is measured, and the milliseconds that it may take. */
const AFTER_CASES = 1000;
const BUDGET_MS = 8000;
/** It may take one of so many parts of the time that is left. */
const BUDGET_SHARE = 12;

/** `process`: absent if the CPU time of the target is unknown. */
export type ScalingOptions = Pick<MonitorOptions, 'run' | 'leftMs' | 'signal'> &
  Partial<Pick<MonitorOptions, 'process'>>;

/** Times in milliseconds. */
interface Cost {
  readonly wallMs: number;
  /** Undefined if it is unknown. */
  readonly cpuMs: number | undefined;
}

/** Monitors how the time grows with the size. Measures once in a campaign. `run` has to wait for as long as the protocol does. */
export function scalingMonitor(options: ScalingOptions): Monitor {
  return new ScalingMonitor(options);
}

class ScalingMonitor implements Monitor {
  readonly #options: ScalingOptions;
  #isOver = false;
  #until = 0;

  constructor(options: ScalingOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {}

  async check(_: unknown, { cases }: Point): Promise<MonitorBreach | undefined> {
    if (this.#isOver || cases < AFTER_CASES || isTimeOver(this.#options)) return undefined;
    this.#isOver = true;
    this.#until = performance.now() + Math.min(BUDGET_MS, this.#options.leftMs() / BUDGET_SHARE);
    for (const [name, shape] of Object.entries(SHAPES)) {
      const breach = await this.#measure(name, shape);
      if (breach !== undefined) return breach;
      if (this.#hasEnded()) return undefined;
    }
    return undefined;
  }

  /** Whether no other shape and no other size is begun. */
  #hasEnded(): boolean {
    return performance.now() > this.#until || isTimeOver(this.#options);
  }

  async #measure(name: string, shape: Shape): Promise<MonitorBreach | undefined> {
    const latencyMs = Math.min(await this.#timeMs(shape, 0), await this.#timeMs(shape, 0));
    for (let bytes = SIZES.first; bytes <= SIZES.last && !this.#hasEnded(); bytes *= SIZES.factor) {
      if ((await this.#timeMs(shape, bytes)) - latencyMs < CLEAR_MS) continue;
      const sizes = SHARES.map((share) => share * bytes);
      let costs: Cost[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = costs;
        costs = [];
        for (const [at, size] of sizes.entries()) {
          const cost = await this.#leastOf(shape, size, before[at]);
          if (cost === undefined) return undefined;
          costs.push(cost);
        }
        if (!isSteep(costs, latencyMs)) return undefined;
      }
      const shown = sizes
        .map((size, at) => `${size / KiB} KiB in ${costs[at]?.wallMs.toFixed(0)} ms`)
        .join(', ');
      const detail = `the time grows faster than the size, for a field that holds ${name}: ${shown}`;
      return { ...symptomOf('scales', detail, name), value: caseOf(shape, 2 * bytes) };
    }
    return undefined;
  }

  /** Undefined if the time of the campaign is over. */
  async #leastOf(shape: Shape, bytes: number, before: Cost | undefined): Promise<Cost | undefined> {
    let cost = before;
    for (let left = TIMES; left > 0; left -= 1) {
      if (isTimeOver(this.#options)) return undefined;
      cost = least(await this.#costOf(shape, bytes), cost);
    }
    return cost;
  }

  /** Until the last byte of the reaction, in milliseconds. */
  async #timeMs(shape: Shape, bytes: number): Promise<number> {
    const { executions } = await this.#options.run(caseOf(shape, bytes));
    return executions[0]?.reply.afterMs ?? 0;
  }

  async #costOf(shape: Shape, bytes: number): Promise<Cost> {
    const cpuMs = async (): Promise<number | undefined> => (await this.#options.process?.look?.())?.cpuMs;
    const before = await cpuMs();
    const wallMs = await this.#timeMs(shape, bytes);
    const after = await cpuMs();
    return {
      wallMs,
      cpuMs: before === undefined || after === undefined ? undefined : after - before,
    };
  }
}

function least(one: Cost, other: Cost | undefined): Cost {
  if (other === undefined) return one;
  const isKnown = one.cpuMs !== undefined && other.cpuMs !== undefined;
  return {
    wallMs: Math.min(one.wallMs, other.wallMs),
    cpuMs: isKnown ? Math.min(one.cpuMs, other.cpuMs) : undefined,
  };
}

/** Whether each cost is far more than twice the one before. The CPU time is measured in steps: only its last step is precise. */
function isSteep(costs: readonly Cost[], latencyMs: number): boolean {
  const times = costs.map(({ wallMs }) => Math.max(1, wallMs - latencyMs));
  const isEach = times.every((time, at) => at === 0 || time >= STEEP * (times[at - 1] ?? 0));
  const [before, last] = costs.slice(-2);
  if (!isEach || before?.cpuMs === undefined || last?.cpuMs === undefined) return isEach;
  return last.cpuMs >= CLEAR_MS && last.cpuMs >= STEEP * before.cpuMs;
}

function caseOf(shape: Shape, bytes: number): Case {
  const known = `"task_id":"${newTaskId()}","task_description":"a","from_addr":"b","to_addr":"c"`;
  const payload = Buffer.from(`{${known},"x":${shape(bytes)}}`);
  return { arrangement: 'at-once', connections: [[{ do: 'frame', type: 1, declared: EXACT, payload }]] };
}
