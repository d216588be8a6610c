/** The monitors of a campaign: those that its target permits. */

import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Evaluator } from '../oracle/evaluator.ts';
import type { Calibration } from '../target/calibration.ts';
import { idleMonitor } from '../target/idle-monitor.ts';
import type { Monitor } from '../target/monitors.ts';
import { resourceMonitor } from '../target/resource-monitor.ts';
import { scalingMonitor } from '../target/scaling-monitor.ts';
import { storeMonitor } from '../target/store-monitor.ts';
import { storedTaskMonitor } from '../target/stored-task-monitor.ts';
import type { Confirmer } from '../triage/confirm.ts';
import type { CampaignOptions } from './types.ts';

export interface CampaignMonitorsOptions extends Pick<CampaignOptions, 'target' | 'timeMs'> {
  readonly calibration: Calibration;
  /** Executes the cases of the monitors. */
  readonly evaluator: Evaluator;
  /** Connections in flight. */
  readonly jobs: number;
  /** Restarts the target where the kit can. */
  readonly confirmer: Confirmer;
  /** Milliseconds until the end of the time. */
  readonly leftMs: () => number;
  /** Ends what the monitors do. */
  readonly signal: AbortSignal;
}

export function monitorsOf(options: CampaignMonitorsOptions): readonly Monitor[] {
  const { target, timeMs, signal, calibration, evaluator, confirmer, jobs, leftMs } = options;
  const { behaviour, waits, confirmWaits, health } = calibration;
  const { process, tasksDir } = target;
  const { usualMs } = behaviour;
  const runWith = (how: Waits) => (value: Case) => unlessAborted(evaluator.run(value, how), signal);
  const confirmed = runWith(confirmWaits);
  const ofProcess = process && {
    ...{ process, jobs, usualMs, timeMs, signal, leftMs },
    ...(confirmer.canRestart && { restart: confirmer.startAgain.bind(confirmer) }),
    run: runWith(waits),
    closesWithinMs: health.deadlines.answerMs,
  };
  return [
    ...(ofProcess ? [resourceMonitor(ofProcess), idleMonitor(ofProcess)] : []),
    scalingMonitor({ ...(process && { process }), run: confirmed, leftMs, signal }),
    ...(tasksDir === undefined ? [] : [storedTaskMonitor(tasksDir, confirmed), storeMonitor(tasksDir)]),
  ];
}
