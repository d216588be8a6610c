/** Replays a saved finding: does its case still break its invariant? */

import { type InvariantId, isDifference } from '../oracle/invariants.ts';
import type { Calibration } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import { Confirmer } from './confirm.ts';
import { describeExecution } from './describe.ts';
import type { SavedFinding } from './finding-files.ts';

/** What a replay has shown. */
export interface Replay {
  /** In how many of the attempts the finding's invariant was broken, by any symptom. */
  readonly failed: number;
  readonly attempts: number;
  /** What was observed in the last attempt, for a person. Contains what the target sent, escaped. */
  readonly observed: readonly string[];
}

/** Breaches that a monitor sees between batches, and no connection shows. */
const MONITORED: readonly InvariantId[] = [
  'frees-resources',
  'idles',
  'scales',
  'stores-as-sent',
  'keeps-to-store',
];

/** Whether its connections alone can show it: they do not show growth and stray files; a difference needs two targets. */
export function isReplayable({ value, invariant }: SavedFinding, { against }: Target): boolean {
  if (value.connections.length === 0 || MONITORED.includes(invariant)) return false;
  return !isDifference(invariant) || against !== undefined;
}

/** A finding that fails in one of the attempts still fails. */
const ATTEMPTS = 3;

/** Executes the case three times. Throws a TargetLostError if the target stops and does not come back, and the reason of the signal of the calibration. */
export async function replay(
  { value, invariant }: SavedFinding,
  target: Target,
  calibration: Calibration,
): Promise<Replay> {
  const confirmer = new Confirmer({ ...calibration, target, jobs: 1 });
  let failed = 0;
  let observed: string[] = [];
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const symptoms = await confirmer.symptomsOf(value, calibration.confirmWaits);
      const broken = symptoms.filter((symptom) => symptom.invariant === invariant);
      if (broken.length > 0) failed += 1;
      observed = [
        ...confirmer.lastExecutions.flatMap(describeExecution),
        ...broken.map(({ detail }) => detail),
      ];
    }
    return { failed, attempts: ATTEMPTS, observed };
  } finally {
    confirmer.release();
  }
}
