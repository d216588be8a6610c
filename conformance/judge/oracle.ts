/** Scenario and observation in, verdict out. Pure: no I/O and no clock. Levels play no part; only the report uses them. */

import type { Lack } from '../scenario/lacks.ts';
import { type AnswerOutcome, leavesTrace, type Outcome, type Scenario } from '../scenario/scenario.ts';
import { printable } from '../util/printable.ts';
import { responseOf } from '../wire/frames.ts';
import { answerMismatch } from './answer.ts';
import { describeObservation, describeOutcome } from './describe.ts';
import { distinct, type Mismatch, mismatch } from './mismatch.ts';
import type { Observation } from './observe.ts';
import { describeCondition } from './store-oracle.ts';

/** The verdict on one attempt of a scenario. */
export type Verdict =
  | { readonly verdict: 'pass'; readonly outcome: Outcome; readonly disposition: Disposition }
  | {
      readonly verdict: 'fail';
      readonly disposition: Disposition;
      /** The permitted outcomes; one of them suffices. */
      readonly expected: readonly string[];
      /** The conditions on the store, all of which must hold too; absent if none was judged. */
      readonly conditions?: readonly string[];
      readonly observed: string;
      /** Why the observation is none of the expected outcomes. */
      readonly mismatches: readonly Mismatch[];
    }
  /** With a `disposition` if the target's treatment of the input was seen, and only what it proves is open. */
  | {
      readonly verdict: 'inconclusive';
      readonly reason: string;
      readonly disposition?: Disposition;
      /** The outcome was a permitted one, and only its control did not prove it. */
      readonly isUnproved?: true;
    }
  | Skipped
  /** A fault of the kit itself. */
  | { readonly verdict: 'error'; readonly reason: string };

/** Not judged, and why; `lacks` names what the run would need. */
export interface Skipped {
  readonly verdict: 'skipped';
  readonly lacks: Lack;
  readonly reason: string;
}

/**
 * How the target treated the input, in coarse classes. Two attempts with the same disposition show no difference in
 * treatment, and a control has to show one.
 */
export type Disposition = 'closed' | 'silent' | 'rejected' | 'answered' | 'stored' | 'died';

/** The scenario that judges whether an answer holds the id of its request (S3). */
const ECHO = 'submit/task-id-echoed';
/** Clauses about the id of an answer. */
const ID_CLAUSES: readonly string[] = ['S3', 'S5', 'S10'];

/**
 * Judges one connection. `idOf` gives the task ids that were sent. `echoesTaskId` is false for a target whose answers to
 * ordinary SUBMITs do not hold their ids: that fault fails one scenario, the others are judged without the id, and those
 * about the id are inconclusive.
 */
export function judgeObservation(
  scenario: Scenario,
  observation: Observation,
  idOf: (slot: number) => string,
  echoesTaskId = true,
): Verdict {
  if (!echoesTaskId && scenario.id !== ECHO && scenario.accept.some(requiresTaskId)) {
    const accept = scenario.accept.map((outcome) =>
      outcome.kind === 'answers' ? withoutTaskId(outcome) : outcome,
    );
    const verdict = judgeObservation({ ...scenario, accept }, observation, idOf);
    return verdict.verdict === 'pass' && ID_CLAUSES.includes(scenario.clause)
      ? {
          verdict: 'inconclusive',
          disposition: verdict.disposition,
          reason: `the target's answers do not hold the task_id of the request, which ${ECHO} judges`,
        }
      : verdict;
  }
  if (observation.ending.kind === 'connect-failed') {
    return {
      verdict: 'inconclusive',
      reason: `the connection failed (${printable(observation.ending.code)})`,
    };
  }
  if (observation.ending.kind === 'aborted') {
    return { verdict: 'inconclusive', reason: 'the run was interrupted' };
  }
  const mismatches: Mismatch[] = [];
  for (const outcome of scenario.accept) {
    const found = mismatchOf(outcome, observation, idOf);
    if (found === undefined) return { verdict: 'pass', outcome, disposition: dispositionOf(observation) };
    mismatches.push(found);
  }
  return {
    verdict: 'fail',
    disposition: dispositionOf(observation),
    expected: scenario.accept.map(describeOutcome),
    observed: describeObservation(observation),
    mismatches: distinct(mismatches),
  };
}

function requiresTaskId(outcome: Outcome): boolean {
  return outcome.kind === 'answers' && (outcome.taskId ?? outcome.taskIds) !== undefined;
}

function withoutTaskId({ taskId: _, taskIds: __, ...outcome }: AnswerOutcome): AnswerOutcome {
  return outcome;
}

/** Whether a failure is a proper rejection (400, with what else the outcome requires) where acceptance was expected. */
export function isRejection(
  { accept }: Scenario,
  observation: Observation,
  idOf: (slot: number) => string,
): boolean {
  return accept.some(
    (outcome) =>
      outcome.kind === 'answers' &&
      outcome.statuses?.includes(200) === true &&
      answerMismatch({ ...outcome, statuses: [400] }, observation, idOf) === undefined,
  );
}

/** The verdict if the target does not answer the liveness probe after the attempt: a crash is never a pass. */
export function judgeDeath(scenario: Scenario, observation: Observation): Verdict {
  return {
    verdict: 'fail',
    disposition: 'died',
    expected: scenario.accept.map(describeOutcome),
    observed: `${describeObservation(observation)}; after that the target no longer answered on a fresh connection`,
    mismatches: [
      mismatch(wasGone(scenario, observation) ? 'gone' : 'died', 'the target died, or no longer answers'),
    ],
  };
}

/** Whether nothing of the scenario reached the target. With several connections, an earlier one may have ended it. */
function wasGone({ copies, background, earlier, simultaneous }: Scenario, { ending }: Observation): boolean {
  const isSingle = !(copies || background || earlier || simultaneous);
  return isSingle && ending.kind === 'connect-failed';
}

/** Applies the conditions on store and process: a pass becomes a fail if one does not hold. */
export function judgeSideEffects(
  verdict: Verdict,
  scenario: Scenario,
  observation: Observation,
  mismatches: readonly Mismatch[],
): Verdict {
  if (verdict.verdict !== 'pass') return verdict;
  const isTrace = leavesTrace(scenario);
  if (mismatches.length === 0) return isTrace ? { ...verdict, disposition: 'stored' } : verdict;
  return {
    verdict: 'fail',
    // A file that must not be touched and was shows at least that the input was stored.
    disposition: scenario.store && !isTrace ? 'stored' : verdict.disposition,
    expected: scenario.accept.map(describeOutcome),
    ...(scenario.store && { conditions: scenario.store.map(describeCondition) }),
    observed: describeObservation(observation),
    mismatches,
  };
}

/**
 * Compares with the control of the same run. A refusal counts only if the control passed and was not refused in the same
 * way. A failure with the same disposition as the control's failure has the control's cause, and is inconclusive. But an
 * unproved control is no cause for the failure of a scenario with `isProof`, which needs no control to pass.
 */
export function applyControl(
  verdict: Verdict,
  controlId: string,
  control: Verdict | undefined,
  isProof = false,
): Verdict {
  if (verdict.verdict !== 'pass' && verdict.verdict !== 'fail') return verdict;
  const { disposition } = verdict;
  const inconclusive = { verdict: 'inconclusive', disposition } as const;
  if (verdict.verdict === 'fail') {
    const isControlsOwn =
      control?.verdict === 'fail' ||
      (control?.verdict === 'inconclusive' && !(isProof && control.isUnproved === true));
    return isControlsOwn && control.disposition === disposition
      ? { ...inconclusive, reason: `its control ${controlId} failed in the same way: ${verdict.observed}` }
      : verdict;
  }
  const unproved = (reason: string): Verdict => ({ ...inconclusive, reason, isUnproved: true });
  if (disposition === 'stored' || !needsControl(verdict.outcome)) return verdict;
  if (control?.verdict === 'skipped') return control;
  if (control?.verdict !== 'pass') {
    return unproved(`the outcome was ${disposition}, but its control ${controlId} did not pass`);
  }
  if (control.disposition !== disposition) return verdict;
  return disposition === 'rejected'
    ? REJECTS_EVERYTHING
    : unproved(`the outcome was ${disposition}, and the outcome of its control ${controlId} was too`);
}

/** For a target whose policy rejects every legal task (S7). */
export const REJECTS_EVERYTHING: Skipped = {
  verdict: 'skipped',
  lacks: 'acceptance',
  reason: 'the target rejects every task by policy (S7)',
};

/** Whether a pass with this outcome proves something only together with a control. */
export function needsControl(outcome: Outcome): boolean {
  return outcome.kind !== 'answers' || (outcome.statuses !== undefined && !outcome.statuses.includes(200));
}

/** The status of the first answer: 200 or 400; undefined for any other, and without an answer. */
export function statusOf({ frames: [first] }: Observation): 200 | 400 | undefined {
  const status = first && responseOf(first).status;
  if (status === undefined || !('value' in status)) return undefined;
  return status.value === 200 || status.value === 400 ? status.value : undefined;
}

function dispositionOf(observation: Observation): Disposition {
  if (observation.frames.length > 0) return statusOf(observation) === 400 ? 'rejected' : 'answered';
  if (observation.restBytes > 0) return 'answered';
  return observation.ending.kind === 'fin' || observation.ending.kind === 'reset' ? 'closed' : 'silent';
}

/** Why the observation does not match the outcome; undefined if it does. */
function mismatchOf(
  outcome: Outcome,
  observation: Observation,
  idOf: (slot: number) => string,
): Mismatch | undefined {
  const { frames, restBytes, ending } = observation;
  if (outcome.kind === 'answers') return answerMismatch(outcome, observation, idOf);
  if (frames.length > 0) return mismatch('answered', 'the target answered');
  if (restBytes > 0) return mismatch('partial frame', 'the target sent bytes that form no complete frame');
  if (outcome.kind === 'silent-until-reset') return undefined;
  const closed = ending.kind === 'fin' || ending.kind === 'reset';
  if (outcome.kind === 'closes')
    return closed ? undefined : mismatch('kept open', 'the target kept the connection open');
  return closed ? mismatch('closed', 'the target closed the connection') : undefined;
}
