/** Repeats a measurement until its figures are steady. */

import { medianWithMargin } from './statistics.ts';

/** The widest margin of a steady figure: half the width of its 99 % confidence interval, as a share of the figure. */
export const STEADY_MARGIN = 0.1;

export interface Rounds {
  /** How often a measurement is made in any case. */
  readonly rounds: number;
  /** How often it may be made again while a figure is not steady. Default 0. */
  readonly extraRounds?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Measures once in each round and gives all rounds. `figuresOf` gives the figures of one round, always in the same order;
 * a figure is steady when the margin of its median over all rounds is at most `STEADY_MARGIN`. Rejects when the signal
 * fires.
 */
export async function measureRounds<Round>(
  { rounds, extraRounds = 0, signal }: Rounds,
  measure: () => Promise<Round>,
  figuresOf: (round: Round) => readonly number[],
): Promise<readonly Round[]> {
  const measured: Round[] = [];
  while (
    measured.length < rounds ||
    (measured.length < rounds + extraRounds && !isSteady(measured, figuresOf))
  ) {
    signal?.throwIfAborted();
    measured.push(await measure());
  }
  signal?.throwIfAborted();
  return measured;
}

function isSteady<Round>(
  measured: readonly Round[],
  figuresOf: (round: Round) => readonly number[],
): boolean {
  const rounds = measured.map(figuresOf);
  const first = rounds[0] ?? [];
  return first.every((_, index) => {
    const values = rounds.map((figures) => figures[index] ?? Number.NaN);
    return medianWithMargin(values).margin <= STEADY_MARGIN;
  });
}
