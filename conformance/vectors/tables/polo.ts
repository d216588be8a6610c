/**
 * The reward under both readings (P1 to P3), from the formula of the protocol. The times are near each bound, or are
 * those of the observed vectors.
 */
import type { PoloVector } from '../build/vector.ts';

type Times = Pick<PoloVector, 'time_cpu_ms' | 'time_idle_ms' | 'time_staged_ms'>;

const MINUTE = 60_000;
const READINGS = ['documented', 'proportional'] as const;

function vector(reading: PoloVector['reading'], times: Times, note?: string): PoloVector {
  const { time_cpu_ms: cpu, time_idle_ms: idle, time_staged_ms: staged } = times;
  const share = (ms: number, seconds: number) =>
    reading === 'documented'
      ? Math.min(Math.max(ms, 0) / 1000 / seconds, 0.3)
      : 0.3 * Math.min(Math.max(ms, 0) / 1000 / seconds, 1);
  const [idleFactor, stagedFactor] = [share(idle, 60), share(staged, 600)];
  const cpuBonus = Math.log2(1 + cpu / MINUTE);
  const multiplier = Math.max(0.4, 1 - idleFactor - stagedFactor);
  const raw = (1 + cpuBonus) * multiplier;
  const slug = [cpu, idle, staged].map((ms) => String(ms).replace('-', 'minus-')).join('-');
  return {
    id: `polo-${reading}-${slug}`,
    note: note ?? `${cpu} ms of work, ${idle} ms idle, ${staged} ms staged.`,
    clause: idle < 0 || staged < 0 ? 'P4' : reading === 'documented' ? 'P2' : 'P3',
    level: 'must',
    source: 'derived',
    reading,
    time_cpu_ms: cpu,
    time_idle_ms: idle,
    time_staged_ms: staged,
    expected: {
      base: 1,
      cpu_bonus: cpuBonus,
      cpu_minutes: cpu / MINUTE,
      idle_factor: idleFactor,
      staged_factor: stagedFactor,
      efficiency_multiplier: multiplier,
      raw_reward: raw,
      final_reward: Math.max(1, Math.floor(raw + 0.5)),
    },
  };
}

function at(time_cpu_ms: number, time_idle_ms = 0, time_staged_ms = 0): Times {
  return { time_cpu_ms, time_idle_ms, time_staged_ms };
}

/** Times that distinguish implementations. Each is used under both readings. */
const CHOSEN: readonly (readonly [Times, string])[] = [
  [at(7 * MINUTE, 6000, 60_000), 'A tenth of each scale: penalties of 0.1, or of 0.03.'],
  [at(15 * MINUTE, 18_000, 180_000), 'Where the documented penalties become full.'],
  [at(15 * MINUTE, 60_000, 600_000), 'Where the proportional penalties become full.'],
  [at(15 * MINUTE, 60_001, 600_001), 'Just above the full penalties of both readings.'],
  [at(15 * MINUTE, 3_600_000, 3_600_000), 'Full penalties leave 0.4.'],
  [at(31 * MINUTE, 15_000, 0), 'Documented: 4.5 before rounding, which is rounded up.'],
  [at(31 * MINUTE, 50_000, 0), 'Proportional: 4.5 before rounding, which is rounded up.'],
  [at(31 * MINUTE, -1000, -1000), 'Negative times give no penalty and no bonus.'],
  [at(31 * MINUTE, -60_000, 600_000), 'A negative time does not reduce the penalty of the other time.'],
  [at(1), 'A millisecond of work.'],
  [at(59_999), 'Minutes of work are not rounded.'],
  [at(24 * 60 * MINUTE), 'A day of work: there is no cap.'],
  [at(-15_000), 'A negative bonus; the reward is at least 1.'],
  [at(-59_999), 'The least cpu time for which the formula has a value.'],
];

/** `observed` has vectors of the proportional reading. Each also gives a vector of the documented reading. */
export function polo(observed: readonly PoloVector[]): readonly PoloVector[] {
  return [
    ...CHOSEN.flatMap(([times, note]) => READINGS.map((reading) => vector(reading, times, note))),
    ...observed.map((times) => vector('documented', times)),
  ];
}
