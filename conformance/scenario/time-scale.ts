/** The waits of a slow scenario, for a target whose clock runs faster than real time. */

import type { Scenario, StoreTime } from './scenario.ts';

/** `timeScale` is how many times as fast as real time the target's clock runs. Other scenarios stay as they are. */
export function accelerated(scenario: Scenario, timeScale: number): Pick<Scenario, 'steps' | 'storeAt'> {
  const { steps, storeAt, slow } = scenario;
  if (!slow) return scenario;
  return {
    steps: steps.map((step) => (step.do === 'pause' ? { ...step, ms: step.ms / timeScale } : step)),
    ...(storeAt && { storeAt: scaled(storeAt, timeScale) }),
  };
}

function scaled(at: StoreTime, timeScale: number): StoreTime {
  if (at === 'answer') return at;
  if ('afterMs' in at) return { afterMs: at.afterMs / timeScale };
  return { fromMs: at.fromMs / timeScale, untilMs: at.untilMs / timeScale };
}
