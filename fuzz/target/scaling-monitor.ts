/**
 * Monitors how the time of a reaction grows with the size of a frame. A parser whose time grows with the square of the size
 * lets one peer keep the target busy for minutes with a single legal frame. Each shape of payload is sent in growing sizes until
 * the time is clear of the latency; the least of several times at three sizes then shows how it grows.
 */

import { performance } from 'node:perf_hooks';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, EXACT } from '../case/case.ts';
import { type Monitor, type MonitorBreach, type MonitorOptions, type Point, symptomOf } from './monitors.ts';

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
const SIZES = { first: 8 * KiB, factor: 4, last: 512 * KiB };
/** A time is clear of the latency from so many milliseconds on. */
const CLEAR_MS = 150;
/** Twice the size takes twice the time in proportion, and four times the time by the square. */
const STEEP = 2.8;
/** Times of which the least counts. */
const TIMES = 3;
/** Cases after which it is measured, and the milliseconds that it may take. */
const AFTER_CASES = 1000;
const BUDGET_MS = 6000;

/** Monitors how the time grows with the size. Measures once in a campaign. `run` has to wait for as long as the protocol does. */
export function scalingMonitor(options: Pick<MonitorOptions, 'run' | 'leftMs' | 'signal'>): Monitor {
  return new ScalingMonitor(options);
}

class ScalingMonitor implements Monitor {
  readonly #options: Pick<MonitorOptions, 'run' | 'leftMs' | 'signal'>;
  #isOver = false;
  #until = 0;

  constructor(options: Pick<MonitorOptions, 'run' | 'leftMs' | 'signal'>) {
    this.#options = options;
  }

  async start(): Promise<void> {}

  async check(_: unknown, { cases }: Point): Promise<MonitorBreach | undefined> {
    if (this.#isOver || cases < AFTER_CASES) return undefined;
    this.#isOver = true;
    this.#until = performance.now() + Math.min(BUDGET_MS, this.#options.leftMs() / 2);
    for (const [name, shape] of Object.entries(SHAPES)) {
      const breach = await this.#measure(name, shape);
      if (breach !== undefined) return breach;
      if (this.#hasEnded()) return undefined;
    }
    return undefined;
  }

  #hasEnded(): boolean {
    return performance.now() > this.#until || this.#options.signal?.aborted === true;
  }

  async #measure(name: string, shape: Shape): Promise<MonitorBreach | undefined> {
    const latencyMs = await this.#leastMs(shape, 0);
    for (let bytes = SIZES.first; bytes <= SIZES.last && !this.#hasEnded(); bytes *= SIZES.factor) {
      if ((await this.#timeMs(shape, bytes)) - latencyMs < CLEAR_MS) continue;
      const sizes = [bytes / 4, bytes / 2, bytes];
      const times: number[] = [];
      for (const size of sizes) times.push((await this.#leastMs(shape, size)) - latencyMs);
      const [small = 0, middle = 0, large = 0] = times;
      if (large < CLEAR_MS) continue;
      if (middle < STEEP * Math.max(small, 1) || large < STEEP * middle) return undefined;
      const shown = sizes.map((size, at) => `${size / KiB} KiB in ${times[at]?.toFixed(0)} ms`).join(', ');
      const detail = `the time grows faster than the size, for a field that holds ${name}: ${shown}`;
      return { ...symptomOf('scales', detail, name), value: caseOf(shape, bytes) };
    }
    return undefined;
  }

  /** The least of several times, in milliseconds. */
  async #leastMs(shape: Shape, bytes: number): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let left = TIMES; left > 0; left -= 1) least = Math.min(least, await this.#timeMs(shape, bytes));
    return least;
  }

  /** Until the last byte of the reaction. */
  async #timeMs(shape: Shape, bytes: number): Promise<number> {
    const { executions } = await this.#options.run(caseOf(shape, bytes));
    return executions[0]?.reply.afterMs ?? 0;
  }
}

function caseOf(shape: Shape, bytes: number): Case {
  const known = `"task_id":"${newTaskId()}","task_description":"a","from_addr":"b","to_addr":"c"`;
  const payload = Buffer.from(`{${known},"x":${shape(bytes)}}`);
  return { arrangement: 'at-once', connections: [[{ do: 'frame', type: 1, declared: EXACT, payload }]] };
}
