/**
 * The polo score: what a completed task earns, from the three times that its file or its result message carries (P1 to
 * P5, R7). Numbers keep the names and the order of operations of fixtures/vectors/polo.json, to the last bit.
 */

import {
  POLO_BASE,
  POLO_IDLE_SCALE_S,
  POLO_MAX_PENALTY,
  POLO_MIN_MULTIPLIER,
  POLO_STAGED_SCALE_S,
} from './constants.ts';
import type { Int64 } from './message-types.ts';

/** Two readings of the penalties are in circulation: that of the documentation (P2), and that of the deployment (P3). */
export type PoloReading = 'documented' | 'proportional';

/** Milliseconds; absent is 0. A TaskFile and a TaskResultMessage are PoloTimes. */
export interface PoloTimes {
  readonly timeIdleMs?: Int64;
  readonly timeStagedMs?: Int64;
  readonly timeCpuMs?: Int64;
}

/** How a reward came about (P7). */
export interface PoloScoreBreakdown {
  readonly base: number;
  /** log2(1 + cpuMinutes); −Infinity for a cpu time of −1 minute or less, for which the formula has no value (P4). */
  readonly cpuBonus: number;
  readonly cpuMinutes: number;
  /** Penalty for idle time, 0 to 0.3. */
  readonly idleFactor: number;
  /** Penalty for staged time, 0 to 0.3. */
  readonly stagedFactor: number;
  /** What the penalties leave, 0.4 to 1. */
  readonly efficiencyMultiplier: number;
  /** Before rounding, and before the minimum of 1. */
  readonly rawReward: number;
  /** Rounded half up; at least 1, always finite. */
  readonly finalReward: number;
}

/** The reward of a completed task: a whole number, at least 1. */
export function poloScoreReward(times: PoloTimes, reading: PoloReading = 'documented'): number {
  return poloScoreRewardDetailed(times, reading).finalReward;
}

/** The reward with everything it was computed from. */
export function poloScoreRewardDetailed(
  times: PoloTimes,
  reading: PoloReading = 'documented',
): PoloScoreBreakdown {
  const cpuMinutes = Number(times.timeCpuMs ?? 0) / 60_000;
  const cpuBonus = log2(1 + cpuMinutes);
  const idleFactor = penalty(times.timeIdleMs ?? 0, POLO_IDLE_SCALE_S, reading);
  const stagedFactor = penalty(times.timeStagedMs ?? 0, POLO_STAGED_SCALE_S, reading);
  const efficiencyMultiplier = Math.max(POLO_MIN_MULTIPLIER, 1 - idleFactor - stagedFactor);
  const rawReward = (POLO_BASE + cpuBonus) * efficiencyMultiplier;
  return {
    base: POLO_BASE,
    cpuBonus,
    cpuMinutes,
    idleFactor,
    stagedFactor,
    efficiencyMultiplier,
    rawReward,
    finalReward: Math.max(1, Math.round(rawReward)),
  };
}

/** A negative time is no penalty, and never a bonus (P4). */
function penalty(ms: Int64, scaleSeconds: number, reading: PoloReading): number {
  const share = Math.max(0, Number(ms) / 1000 / scaleSeconds);
  switch (reading) {
    case 'documented':
      return Math.min(share, POLO_MAX_PENALTY);
    case 'proportional':
      return Math.min(share, 1) * POLO_MAX_PENALTY;
  }
}

/**
 * Math.log2 differs from the vectors in the last bit of one value in thirty. Exponent and fraction apart, the fraction
 * in [0.5, 1), is how they were computed; log1p gives the fraction's logarithm with the fewest bits lost.
 */
function log2(x: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  const exponent = Math.floor(Math.log2(x)) + 1;
  return Math.log1p(x / 2 ** exponent - 1) * Math.LOG2E + exponent;
}
