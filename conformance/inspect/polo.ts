/** The reward of a task in both readings (P1 to P4), written from the formula of docs/protocol.md. */

/** The three times of a result, in milliseconds. */
export interface TaskTimes {
  readonly idleMs: number;
  readonly stagedMs: number;
  readonly cpuMs: number;
}

export interface Rewards {
  readonly documented: number;
  readonly proportional: number;
}

const MINUTE = 60_000;
const MOST_PENALTY = 0.3;
const LEAST_MULTIPLIER = 0.4;
/** In seconds: what idle and staged time are divided by. */
const IDLE_SECONDS = 60;
const STAGED_SECONDS = 600;

/** Undefined for a cpu time of −1 minute or less, for which the formula has no value (P4). */
export function rewardsOf({ idleMs, stagedMs, cpuMs }: TaskTimes): Rewards | undefined {
  if (cpuMs <= -MINUTE) return undefined;
  const bonus = Math.log2(1 + cpuMs / MINUTE);
  const reward = (penalty: (ms: number, seconds: number) => number): number => {
    const left = 1 - penalty(idleMs, IDLE_SECONDS) - penalty(stagedMs, STAGED_SECONDS);
    const raw = (1 + bonus) * Math.max(LEAST_MULTIPLIER, left);
    return Math.max(1, Math.floor(raw + 0.5));
  };
  const share = (ms: number, seconds: number): number => Math.max(ms, 0) / 1000 / seconds;
  return {
    documented: reward((ms, seconds) => Math.min(share(ms, seconds), MOST_PENALTY)),
    proportional: reward((ms, seconds) => MOST_PENALTY * Math.min(share(ms, seconds), 1)),
  };
}
