/**
 * A latency histogram, of bounded size and three digits, corrected for coordinated omission: a sender that waits for a
 * slow answer sends nothing meanwhile, and would so leave out just the moments in which it would have waited as well.
 */

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** An hour, in nanoseconds. */
const HIGHEST_NS = 3.6e12;

export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 3 });
  readonly #expectedNs: number;

  /**
   * `expectedNs`: in which time the sender would have sent the next; Infinity when latencies count from the moment at
   * which they were due, which needs no correction.
   */
  constructor(expectedNs: number) {
    this.#expectedNs = expectedNs;
  }

  /** For a latency beyond the expected time, also those that would have been sent, and have waited, meanwhile. */
  record(ns: number): void {
    for (let waited = ns; waited > 0; waited -= this.#expectedNs) {
      this.#histogram.record(Math.min(Math.max(1, Math.round(waited)), HIGHEST_NS));
      if (waited < 2 * this.#expectedNs) break;
    }
  }

  /** Nanoseconds; 0 when nothing was recorded. `percentile` is over 0 and at most 100. */
  at(percentile: number): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.percentile(percentile);
  }

  get highest(): number {
    return this.#histogram.count === 0 ? 0 : this.#histogram.max;
  }
}
