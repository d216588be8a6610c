/** The monitors of a campaign: those that its target permits. */

import type { Case } from '../case/case.ts';
import type { Evaluator } from '../oracle/evaluator.ts';
import type { Calibration } from '../target/calibration.ts';
import { idleMonitor } from '../target/idle-monitor.ts';
import type { Monitor } from '../target/monitors.ts';
import { resourceMonitor } from '../target/resource-monitor.ts';
import { scalingMonitor } from '../target/scaling-monitor.ts';
import { storeMonitor } from '../target/store-monitor.ts';
import { storedTaskMonitor } from '../target/stored-task-monitor.ts';
import type { CampaignOptions } from './types.ts';

export interface CampaignMonitorsOptions extends Pick<CampaignOptions, 'target' | 'timeMs' | 'signal'> {
  readonly calibration: Calibration;
  /** Executes the cases of the monitors. */
  readonly evaluator: Evaluator;
  /** Connections in flight. */
  readonly jobs: number;
  /** Milliseconds until the end of the time. */
  readonly leftMs: () => number;
}

export function monitorsOf(options: CampaignMonitorsOptions): readonly Monitor[] {
  const { target, timeMs, signal, calibration, evaluator, jobs, leftMs } = options;
  const { behaviour, waits, confirmWaits, health } = calibration;
  const { process, restart, tasksDir } = target;
  const { usualMs } = behaviour;
  const confirmed = (value: Case) => evaluator.run(value, confirmWaits);
  const ofProcess = process && {
    ...{ process, restart, jobs, usualMs, timeMs, signal, leftMs },
    run: (value: Case) => evaluator.run(value, waits),
    closesWithinMs: health.deadlines.answerMs,
  };
  return [
    ...(ofProcess ? [resourceMonitor(ofProcess), idleMonitor(ofProcess)] : []),
    scalingMonitor({ ...(process && { process }), run: confirmed, leftMs, signal }),
    ...(tasksDir === undefined ? [] : [storedTaskMonitor(tasksDir, confirmed), storeMonitor(tasksDir)]),
  ];
}
