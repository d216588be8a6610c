/**
 * Replays a saved finding: does its case still break its invariant? That it does not proves nothing where the case did not
 * always show the fault, or the target is not the one that the finding is about.
 */

import { type InvariantId, isDifference } from '../oracle/invariants.ts';
import type { Calibration } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import { Confirmer, isFatal, REPORTED_SYMPTOM, TargetLostError } from './confirm.ts';
import { describeExecution } from './describe.ts';
import type { SavedFinding } from './finding-files.ts';

/** What a replay has shown. */
export interface Replay {
  /** 'fixed' is proved: the case always showed the fault before, and does not show it on a target of the same behaviour. */
  readonly verdict: 'fails' | 'fixed' | 'unknown';
  /** Why the verdict is unknown: a clause of a sentence. */
  readonly because?: string;
  /** In how many of the attempts the finding's invariant was broken, by any symptom, or the target stopped. */
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

/**
 * Whether its connections alone can show it: they do not show growth and stray files; a difference needs two targets, and a
 * report the output of the target.
 */
export function isReplayable(
  { value, invariant, symptom }: SavedFinding,
  { against, life }: Target,
): boolean {
  if (value.connections.length === 0 || MONITORED.includes(invariant)) return false;
  if (symptom === REPORTED_SYMPTOM) return life !== undefined;
  return !isDifference(invariant) || against !== undefined;
}

/** The target was gone before the case was sent, so nothing is known about the finding. */
export class TargetGoneError extends TargetLostError {
  override readonly name = 'TargetGoneError';
}

/** A finding that fails in one of the attempts still fails. */
const ATTEMPTS = 3;

/**
 * Executes the case three times, and waits for the effect each time as a campaign does. Throws a TargetLostError if the target
 * stops and does not come back, a TargetGoneError if it does so before, and the reason of the signal of the calibration.
 */
export async function replay(
  finding: SavedFinding,
  target: Target,
  calibration: Calibration,
): Promise<Replay> {
  const { value, invariant, history, symptom } = finding;
  const isThorough = isFatal(finding);
  const confirmer = new Confirmer({ ...calibration, target, jobs: 1 });
  let failed = 0;
  let isReached = true;
  let observed: string[] = [];
  try {
    // What ended the target before is not this case's effect.
    const isHealthy =
      (await confirmer.probeAndRestart().catch((error: unknown) => {
        throw error instanceof TargetLostError ? new TargetGoneError(error.symptom, { cause: error }) : error;
      })) === undefined;
    const attempt = async (): Promise<void> => {
      const symptoms = await confirmer.symptomsOf(value, calibration.confirmWaits, { isThorough });
      const broken = symptoms.filter((symptom) => symptom.invariant === invariant || isFatal(symptom));
      if (broken.length > 0) failed += 1;
      const endings = confirmer.lastExecutions.map(({ reply }) => reply.ending);
      // In turn, no message follows one that was refused or got no reaction.
      const isWhole = value.arrangement === 'at-once' || endings.length === value.connections.length;
      if (endings[0] === 'refused' || !isWhole) isReached = false;
      observed = [
        ...confirmer.lastExecutions.flatMap(describeExecution),
        ...broken.map(({ detail }) => detail),
      ];
    };
    const attempts = async (): Promise<void> => {
      for (let made = 0; made < ATTEMPTS; made += 1) await attempt();
    };
    const isNew = history !== undefined && confirmer.canRestart;
    if (isNew)
      await confirmer.inNewLives(
        { invariant, symptom, clause: 'T3', detail: 'the target does not start again' },
        attempts,
      );
    else await attempts();
    const because =
      isHealthy && isReached ? doubtOf(finding, calibration, isNew) : 'the target stopped meanwhile';
    const common = { failed, attempts: ATTEMPTS, observed };
    if (failed > 0) return { verdict: 'fails', ...common };
    return because === undefined
      ? { verdict: 'fixed', ...common }
      : { verdict: 'unknown', because, ...common };
  } finally {
    confirmer.release();
  }
}

/** Why a case that breaks nothing does not show that the fault is gone; undefined if it does. */
function doubtOf(
  { failed, attempts, target, history }: SavedFinding,
  { behaviour }: Calibration,
  isNew: boolean,
): string | undefined {
  if (attempts < 2) return 'its cause was not confirmed';
  if (failed < attempts) return `it failed in ${failed} of ${attempts} attempts only when it was found`;
  if (history !== undefined && !isNew)
    return 'it shows only on a server that was just started; give the command that starts it with --exec';
  const differs = (name: string, now: boolean): boolean => target[name] !== undefined && target[name] !== now;
  if (differs('closes_after_a_frame', behaviour.closes) || differs('serves_several', behaviour.servesSeveral))
    return 'the target treats connections otherwise than when it was found';
  return undefined;
}
