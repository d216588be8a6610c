/**
 * Deadlines that follow the target: latencies in, deadlines out. They rise when the target becomes slower and fall when it
 * becomes faster; one slow answer among many changes little. Pure.
 */

import { ANSWER_WITHIN_MS } from '../../scenario/answer-deadline.ts';

/** The deadlines of a run that its report shows, in milliseconds. */
export interface ShownDeadlines {
  readonly connectMs: number;
  /** The longest time for an answer or a close. */
  readonly answerMs: number;
  /** After this time without a byte, the target counts as silent. */
  readonly quietMs: number;
  /** The shortest and the longest `answerMs` of the run, inclusive. Absent in reports of earlier versions. */
  readonly answerBounds?: { readonly floor: number; readonly cap: number };
}

/** The deadlines at one moment, in milliseconds. */
export interface Deadlines extends ShownDeadlines {
  /** As `answerMs`, for what a scenario of the same kind awaited for `answerMs` in vain. */
  readonly repeatMs: number;
  /** After this time without a byte, an attempt only waits, and the next scenario begins. */
  readonly settleMs: number;
}

interface Bounds {
  readonly floor: number;
  readonly cap: number;
}

/** The longest answer deadline of a slow target. */
const ANSWER_CAP_MS = 30_000;
const REPEAT_MS: Bounds = { floor: 1000, cap: ANSWER_CAP_MS };
const QUIET_MS: Bounds = { floor: 100, cap: 2000 };
const SETTLE_MS: Bounds = { floor: 20, cap: 10_000 };
/** Latencies that count: the last ones. */
const WINDOW = 32;

export class DeadlineEstimate {
  readonly #answer: Bounds;
  readonly #latencies: number[] = [];
  #now: Deadlines;
  #latencyMs = 0;

  /** `answerWithinMs` is the shortest answer deadline. Default: that of S8. */
  constructor(answerWithinMs = ANSWER_WITHIN_MS) {
    this.#answer = { floor: answerWithinMs, cap: Math.max(answerWithinMs, ANSWER_CAP_MS) };
    this.#now = this.#for(0);
  }

  /** Before the first latency: those of a target that answers at once. */
  get now(): Deadlines {
    return this.#now;
  }

  /** The shortest and the longest answer deadline, both inclusive, in milliseconds. */
  get answerBounds(): Bounds {
    return this.#answer;
  }

  /** How long an answer takes at present, in milliseconds: the median of the last latencies and their spread. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  /** Takes the latency of an answer, in milliseconds. */
  observe(latencyMs: number): void {
    this.#latencies.push(latencyMs);
    if (this.#latencies.length > WINDOW) this.#latencies.shift();
    this.#latencyMs = typical(this.#latencies);
    this.#now = this.#for(this.#latencyMs);
  }

  #for(latencyMs: number): Deadlines {
    const answerMs = clamp(10 * latencyMs, this.#answer);
    return {
      connectMs: answerMs,
      answerMs,
      repeatMs: Math.min(answerMs, clamp(10 * latencyMs, REPEAT_MS)),
      quietMs: clamp(5 * latencyMs, QUIET_MS),
      settleMs: clamp(3 * latencyMs, SETTLE_MS),
    };
  }
}

/** The median and the median distance from it, added. */
function typical(latencies: readonly number[]): number {
  const middle = median(latencies);
  return middle + median(latencies.map((latency) => Math.abs(latency - middle)));
}

/** The higher one of the two in the middle. Not empty. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function clamp(value: number, { floor, cap }: Bounds): number {
  return Math.round(Math.min(cap, Math.max(floor, value)));
}
