/** Plays saved findings against a target again: does each still break its invariant? */

import { isDifference } from '../oracle/invariants.ts';
import type { Calibration } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import { Confirmer } from './confirm.ts';
import { describePlayed } from './describe.ts';
import type { SavedFinding } from './finding-files.ts';

export interface Replay {
  /** In how many of the plays the finding's invariant was broken, however it showed. */
  readonly failed: number;
  readonly attempts: number;
  /** What was seen in the last play, for a person. */
  readonly observed: readonly string[];
}

/** Whether playing its case can show it: growth and leftovers hang on no single one, a difference needs two targets. */
export function isReplayable({ value, invariant }: SavedFinding, { against }: Target): boolean {
  return value.connections.length > 0 && (!isDifference(invariant) || against !== undefined);
}

/** One that fails only sometimes still fails. */
const ATTEMPTS = 3;

/** Throws a GoneError if the target dies and does not come back. */
export async function replay(
  { value, invariant }: SavedFinding,
  target: Target,
  calibration: Calibration,
): Promise<Replay> {
  const confirmer = new Confirmer({ ...calibration, target, jobs: 1 });
  let failed = 0;
  let observed: string[] = [];
  try {
    for (let play = 0; play < ATTEMPTS; play += 1) {
      const symptoms = await confirmer.symptomsOf(value, calibration.confirmWaits);
      const broken = symptoms.filter((symptom) => symptom.invariant === invariant);
      if (broken.length > 0) failed += 1;
      observed = [...confirmer.lastExecutions.flatMap(describePlayed), ...broken.map(({ detail }) => detail)];
    }
    return { failed, attempts: ATTEMPTS, observed };
  } finally {
    confirmer.release();
  }
}
