/**
 * Replays a saved finding: does its case still break its invariant? That it does not proves nothing where the case did not
 * always show the fault, or the target is not the one that the finding is about.
 */

import { performance } from 'node:perf_hooks';
import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Execution } from '../execute/execute.ts';
import { type EvaluatedCase, Evaluator } from '../oracle/evaluator.ts';
import { type InvariantId, isDifference, type Symptom } from '../oracle/invariants.ts';
import type { Calibration } from '../target/calibration.ts';
import { growthText, resourceOf } from '../target/resource-monitor.ts';
import { type Resource, soakCase, withoutQuarantine } from '../target/soak.ts';
import type { Target } from '../target/target.ts';
import { Confirmer } from './confirm.ts';
import { describeExecutions } from './describe.ts';
import { isFatal, REPORTED_SYMPTOM, TargetLostError } from './fatal-symptom.ts';
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
  /** What was observed in the last attempt that failed, or the last one, for a person. Contains what the target sent, escaped. */
  readonly observed: readonly string[];
}

/** Breaches that a monitor sees between batches, and no connection shows. */
const MONITORED: readonly InvariantId[] = ['idles', 'scales', 'stores-as-sent', 'keeps-to-store'];

/**
 * Whether it can be shown again: connections do not show stray files, a difference needs two targets, a report the output of the
 * target, and what it keeps its process.
 */
export function isReplayable(
  { value, invariant, symptom }: SavedFinding,
  { against, life, process }: Target,
): boolean {
  if (value.connections.length === 0) return false;
  if (invariant === 'frees-resources') return process !== undefined && resourceOf(symptom) !== undefined;
  if (MONITORED.includes(invariant)) return false;
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
 * Executes the case three times, with the waits of a campaign that confirms. Throws a TargetLostError if the target
 * stops and does not come back, a TargetGoneError if it does so before, and the reason of the signal of the calibration.
 */
export async function replay(
  finding: SavedFinding,
  target: Target,
  calibration: Calibration,
): Promise<Replay> {
  const resource = finding.invariant === 'frees-resources' ? resourceOf(finding.symptom) : undefined;
  if (resource !== undefined) return replayLeak(resource, finding, target, calibration);
  const confirmer = new Confirmer({ ...calibration, target, jobs: 1 });
  try {
    // What ended the target before is not this case's effect.
    const isHealthy =
      (await confirmer.probeAndRestart().catch((error: unknown) => {
        throw error instanceof TargetLostError ? new TargetGoneError(error.symptom, { cause: error }) : error;
      })) === undefined;
    const isNew = finding.history !== undefined && confirmer.canRestart;
    const attempts = await attemptsOf(confirmer, finding, calibration.confirmWaits);
    const isReached = attempts.every(({ executions }) => isWhole(executions, finding.value));
    const brokenIn = ({ breaches }: Attempt): Symptom[] =>
      breaches.filter((symptom) => symptom.invariant === finding.invariant || isFatal(symptom));
    const failing = attempts.filter((attempt) => brokenIn(attempt).length > 0);
    const shown = failing.at(-1) ?? attempts.at(-1);
    const observed = shown
      ? [
          ...describeExecutions(shown.executions, calibration.behaviour, finding.invariant),
          ...brokenIn(shown).map(({ detail }) => detail),
        ]
      : [];
    const because =
      isHealthy && isReached ? doubtOf(finding, calibration, isNew) : 'the target stopped meanwhile';
    const common = { failed: failing.length, attempts: ATTEMPTS, observed };
    return failing.length > 0 ? { verdict: 'fails', ...common } : withoutFailure(because, common);
  } finally {
    confirmer.release();
  }
}

/**
 * Soaks the target with the case of a leak. Three soaks without a sign prove that it is gone, each on a process that was just
 * started: in what another one has freed, a leak of memory has room.
 */
async function replayLeak(
  resource: Resource,
  finding: SavedFinding,
  target: Target,
  calibration: Calibration,
): Promise<Replay> {
  const { behaviour, waits, health } = calibration;
  const { address, process, restart } = target;
  const renewed = restart && { ...target, restart: () => restart(withoutQuarantine()) };
  const confirmer = new Confirmer({ ...calibration, target: renewed ?? target, jobs: LEAK_JOBS });
  const evaluator = new Evaluator({ address, behaviour });
  const until = performance.now() + LEAK_MS;
  const isOver = (): boolean => performance.now() > until || health.signal?.aborted === true;
  try {
    for (let attempt = 1; attempt <= ATTEMPTS && !isOver(); attempt += 1) {
      await confirmer.renew(notRestarted(finding));
      const leak = await soakCase(resource, finding.value, {
        look: async () => process?.look?.(),
        run: (value) => evaluator.run(value, waits),
        jobs: LEAK_JOBS,
        usualMs: behaviour.usualMs,
        closesWithinMs: health.deadlines.answerMs,
        isOver,
        signal: health.signal,
      });
      if (leak !== undefined)
        return {
          ...{ verdict: 'fails', failed: 1, attempts: attempt },
          observed: [`1 000 such cases ${growthText(resource, leak)}`],
        };
    }
    health.signal?.throwIfAborted();
    const doubt = async (): Promise<string | undefined> => {
      if ((await process?.look?.()) === undefined) return 'its process cannot be observed';
      if (isOver()) return `the time was over after ${LEAK_MS / 1000} s`;
      if (restart === undefined && resource === 'memory')
        return 'memory that a process has freed hides it; give the command that starts the target with --exec';
      return doubtOf(finding, calibration, false);
    };
    return withoutFailure(await doubt(), { failed: 0, attempts: ATTEMPTS, observed: [] });
  } finally {
    evaluator.release();
    confirmer.release();
  }
}

/** Milliseconds of all soaks, and cases in flight. */
const LEAK_MS = 120_000;
const LEAK_JOBS = 4;

type Attempt = Pick<EvaluatedCase, 'executions' | 'breaches'>;

/** Whether the target took the whole case. In turn, no message follows one that was refused or got no reaction. */
function isWhole(executions: readonly Execution[], { arrangement, connections }: Case): boolean {
  if (executions[0]?.reply.ending === 'refused') return false;
  return arrangement === 'at-once' || executions.length === connections.length;
}

/**
 * Of a history, each on a target that was just started, where the kit can start it. Of a case that may stop the target, one
 * after another: what follows it decides. Others concurrently, as when it was found.
 */
async function attemptsOf(
  confirmer: Confirmer,
  finding: SavedFinding,
  waits: Waits,
): Promise<readonly Attempt[]> {
  const { value, history } = finding;
  const inTurn = async (): Promise<readonly Attempt[]> => {
    const attempts: Attempt[] = [];
    while (attempts.length < ATTEMPTS) {
      const breaches = await confirmer.symptomsOf(value, waits, { isThorough: isFatal(finding) });
      attempts.push({ executions: confirmer.lastExecutions, breaches });
    }
    return attempts;
  };
  if (history !== undefined && confirmer.canRestart) {
    return confirmer.inNewLives(notRestarted(finding), inTurn);
  }
  if (history !== undefined || isFatal(finding)) return inTurn();
  const attempts = await confirmer.repeat(value, ATTEMPTS, waits);
  const { fatalMeanwhile } = confirmer;
  return attempts.map(({ executions, breaches }) => ({
    executions,
    breaches: fatalMeanwhile ? [fatalMeanwhile] : breaches,
  }));
}

/** The symptom if the target cannot be started again for the finding. */
function notRestarted({ invariant, symptom }: SavedFinding): Symptom {
  return { invariant, symptom, clause: 'T3', detail: 'the target does not start again' };
}

/** What a replay says in which nothing failed. `because`: why that proves nothing, if so. */
function withoutFailure(
  because: string | undefined,
  seen: Pick<Replay, 'failed' | 'attempts' | 'observed'>,
): Replay {
  return because === undefined ? { verdict: 'fixed', ...seen } : { verdict: 'unknown', because, ...seen };
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
