/**
 * The polo score: the reward of a completed task, computed from the three times that its file or its result message
 * carries (P1 to P5, R7). Names and the order of operations are those of fixtures/vectors/polo.json, so that every
 * value is equal to the last bit.
 */

import {
  POLO_BASE,
  POLO_IDLE_SCALE_S,
  POLO_MAX_PENALTY,
  POLO_MIN_MULTIPLIER,
  POLO_STAGED_SCALE_S,
} from './constants.ts';
import type { Int64 } from './message-types.ts';

/** How penalties are computed: as the documentation says (P2), or as the deployed implementation does (P3). */
export type PoloReading = 'documented' | 'proportional';

/** Times in milliseconds; an absent time is 0. A TaskFile and a TaskResultMessage are PoloTimes. */
export interface PoloTimes {
  /** From creation until the task was accepted or declined. */
  readonly timeIdleMs?: Int64;
  /** As the head of the queue, before execution. */
  readonly timeStagedMs?: Int64;
  /** From the start of execution until the results were sent. */
  readonly timeCpuMs?: Int64;
}

/** A reward and every value that it was computed from (P7). */
export interface PoloScoreBreakdown {
  /** The reading that the penalties follow. Not a documented part: the two readings give different rewards (P5). */
  readonly reading: PoloReading;
  /** POLO_BASE, 1. */
  readonly base: number;
  /** log2(1 + cpuMinutes). −Infinity for a cpu time of −1 minute or less, where the formula has no value (P4). */
  readonly cpuBonus: number;
  readonly cpuMinutes: number;
  /** The penalty for idle time, from 0 to 0.3. */
  readonly idleFactor: number;
  /** The penalty for staged time, from 0 to 0.3. */
  readonly stagedFactor: number;
  /** 1 minus both penalties, and at least 0.4. */
  readonly efficiencyMultiplier: number;
  /** (base + cpuBonus) × efficiencyMultiplier, before it is rounded and limited; −Infinity if cpuBonus is. */
  readonly rawReward: number;
  /** `rawReward` rounded half up; at least 1, and always finite. */
  readonly finalReward: number;
}

/** The reward of a completed task (P1): a whole number, at least 1. Default reading: 'documented' (P5). */
export function poloScoreReward(times: PoloTimes, reading: PoloReading = 'documented'): number {
  return poloScoreRewardDetailed(times, reading).finalReward;
}

/**
 * The reward of a completed task with every value that it was computed from (P7), and the reading. Default reading:
 * 'documented' (P5).
 */
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
    reading,
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

/** A negative time gives no penalty and no bonus (P4). */
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
 * Math.log2 differs from the vectors in the last bit of one value in thirty. The vectors were computed as exponent
 * plus logarithm of the fraction in [0.5, 1); log1p gives the logarithm of the fraction with the smallest error.
 */
function log2(x: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  const exponent = Math.floor(Math.log2(x)) + 1;
  return Math.log1p(x / 2 ** exponent - 1) * Math.LOG2E + exponent;
}
