/** Collects how far a campaign was at moments of its time. */

import type { Timeline, TimelineSample } from '../../conformance/index.ts';
import type { Progress } from '../../fuzz/index.ts';

const MOST_SAMPLES = 256;

/** Keeps at most 256 samples, about the same time apart, whatever the duration of the campaign is. */
export class TimelineRecorder {
  #samples: TimelineSample[];
  readonly #findings: { readonly id: string; readonly atMs: number }[] = [];
  #intervalMs = 0;
  #lastMs = 0;

  /** `saved`: the end of an earlier campaign that continues. */
  constructor(saved?: Pick<Progress, 'elapsedMs' | 'stats'>) {
    this.#samples = saved === undefined ? [{ atMs: 0, cases: 0, signatures: 0 }] : [];
    if (saved !== undefined) this.take(saved);
  }

  take({ elapsedMs, stats, edges }: Pick<Progress, 'elapsedMs' | 'stats' | 'edges'>): void {
    this.#lastMs = elapsedMs;
    const atMs = Math.round(elapsedMs);
    const previous = this.#samples.at(-1);
    if (previous !== undefined && atMs - previous.atMs < this.#intervalMs) return;
    const { cases, signatures } = stats;
    this.#samples.push({
      ...{ atMs, cases, signatures: Object.keys(signatures).length },
      ...(edges !== undefined && { edges }),
    });
    if (this.#samples.length < MOST_SAMPLES) return;
    this.#samples = this.#samples.filter((_, at) => at % 2 === 1);
    this.#intervalMs = atMs / this.#samples.length;
  }

  /** `id` is that of the record of the finding. */
  found(id: string): void {
    this.#findings.push({ id, atMs: Math.round(this.#lastMs) });
  }

  get timeline(): Timeline {
    return { samples: this.#samples, findings: this.#findings };
  }
}
