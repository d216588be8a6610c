/**
 * Scenario and observation in, verdict out. Pure: no I/O, no clock, and nothing of the level, which only the report
 * combines with a verdict.
 */

import { render } from '../scenario/bytes.ts';
import { type AnswerOutcome, leavesTrace, type Outcome, type Scenario } from '../scenario/scenario.ts';
import { printable } from '../util/printable.ts';
import { describeObservation, describeOutcome, describeProblem } from './describe.ts';
import { type Field, type Observation, responseProblem, viewAsResponse } from './observe.ts';
import { describeCondition } from './store-oracle.ts';

/** The verdict on one attempt of a scenario. */
export type Verdict =
  | { readonly verdict: 'pass'; readonly outcome: Outcome; readonly disposition: Disposition }
  | {
      readonly verdict: 'fail';
      readonly disposition: Disposition;
      readonly expected: readonly string[];
      readonly observed: string;
      /** Why the observation is none of the expected outcomes: one line each. */
      readonly mismatches: readonly string[];
    }
  /** With a `disposition` if the target's treatment of the input was seen, and only what it proves is open. */
  | { readonly verdict: 'inconclusive'; readonly reason: string; readonly disposition?: Disposition }
  | { readonly verdict: 'skipped'; readonly reason: string }
  /** A fault of the kit itself. */
  | { readonly verdict: 'error'; readonly reason: string };

/**
 * What the target did with the input, coarsely. Two plays of the same disposition show no difference in treatment,
 * which is what a control has to show.
 */
export type Disposition = 'closed' | 'silent' | 'rejected' | 'answered' | 'stored' | 'died';

/** Judges one play. `idOf` gives the task ids that it used. */
export function judgeObservation(
  scenario: Scenario,
  observation: Observation,
  idOf: (slot: number) => string,
): Verdict {
  if (observation.ending.kind === 'connect-failed') {
    return {
      verdict: 'inconclusive',
      reason: `no connection came about (${printable(observation.ending.code)})`,
    };
  }
  if (observation.ending.kind === 'aborted') {
    return { verdict: 'inconclusive', reason: 'the play was interrupted' };
  }
  const mismatches: string[] = [];
  for (const outcome of scenario.accept) {
    const mismatch = mismatchOf(outcome, observation, idOf);
    if (mismatch === undefined) return { verdict: 'pass', outcome, disposition: dispositionOf(observation) };
    mismatches.push(mismatch);
  }
  return {
    verdict: 'fail',
    disposition: dispositionOf(observation),
    expected: scenario.accept.map(describeOutcome),
    observed: describeObservation(observation),
    mismatches: [...new Set(mismatches)],
  };
}

/** Judges a play after which the target no longer answered on a fresh connection: a crash is never a pass. */
export function judgeDeath(scenario: Scenario, observation: Observation): Verdict {
  return {
    verdict: 'fail',
    disposition: 'died',
    expected: scenario.accept.map(describeOutcome),
    observed: `${describeObservation(observation)}; after that the target no longer answered on a fresh connection`,
    mismatches: ['the target died, or no longer answers'],
  };
}

/** Takes what was seen beside the wire into account, in the store or in memory: a pass fails for it, or stands on it. */
export function judgeSideEffects(
  judgement: Verdict,
  scenario: Scenario,
  observation: Observation,
  mismatches: readonly string[],
): Verdict {
  if (judgement.verdict !== 'pass') return judgement;
  const isTrace = leavesTrace(scenario);
  if (mismatches.length === 0) return isTrace ? { ...judgement, disposition: 'stored' } : judgement;
  return {
    verdict: 'fail',
    // What was touched and must not be was at least stored.
    disposition: scenario.store && !isTrace ? 'stored' : judgement.disposition,
    expected: [...scenario.accept.map(describeOutcome), ...(scenario.store ?? []).map(describeCondition)],
    observed: describeObservation(observation),
    mismatches,
  };
}

/**
 * Takes back what proves nothing beside the control. A refusal counts only if the control passed in the same run and
 * was not refused in the same way; a failure that looks just like the control's own failure has the control's cause.
 */
export function applyControl(judgement: Verdict, controlId: string, control: Verdict | undefined): Verdict {
  if (judgement.verdict !== 'pass' && judgement.verdict !== 'fail') return judgement;
  const { disposition } = judgement;
  const inconclusive = (reason: string): Verdict => ({ verdict: 'inconclusive', disposition, reason });
  if (judgement.verdict === 'fail') {
    const isControlsOwn = control?.verdict === 'fail' || control?.verdict === 'inconclusive';
    return isControlsOwn && control.disposition === disposition
      ? inconclusive(`its control ${controlId} fared no better: ${judgement.observed}`)
      : judgement;
  }
  if (disposition === 'stored' || !needsControl(judgement.outcome)) return judgement;
  if (control?.verdict === 'skipped') return { verdict: 'skipped', reason: control.reason };
  if (control?.verdict !== 'pass') {
    return inconclusive(`the outcome was ${disposition}, but its control ${controlId} did not pass`);
  }
  if (control.disposition !== disposition) return judgement;
  return disposition === 'rejected'
    ? { verdict: 'skipped', reason: REJECTS_EVERYTHING }
    : inconclusive(`the outcome was ${disposition}, and so was its control's, ${controlId}`);
}

/** Why scenarios are skipped for a target whose policy rejects every legal task (S7). */
export const REJECTS_EVERYTHING = 'the target rejects every task by policy (S7)';

/** Whether a pass with this outcome says something only in contrast to a control. */
export function needsControl(outcome: Outcome): boolean {
  return outcome.kind !== 'answers' || (outcome.statuses !== undefined && !outcome.statuses.includes(200));
}

function dispositionOf(observation: Observation): Disposition {
  const first = observation.frames[0];
  if (first !== undefined) {
    const { status } = viewAsResponse(first.payload);
    return 'value' in status && status.value === 400 ? 'rejected' : 'answered';
  }
  if (observation.rest.length > 0) return 'answered';
  return observation.ending.kind === 'fin' || observation.ending.kind === 'reset' ? 'closed' : 'silent';
}

/** Why the observation is not this outcome, or undefined if it is. */
function mismatchOf(
  outcome: Outcome,
  observation: Observation,
  idOf: (slot: number) => string,
): string | undefined {
  const { frames, rest, ending } = observation;
  if (outcome.kind === 'answers') return answerMismatch(outcome, observation, idOf);
  if (frames.length > 0) return 'the target answered';
  if (rest.length > 0) return 'the target sent bytes that form no complete frame';
  if (outcome.kind === 'gone') return undefined;
  const closed = ending.kind === 'fin' || ending.kind === 'reset';
  if (outcome.kind === 'closes') return closed ? undefined : 'the target kept the connection open';
  return closed ? 'the target closed the connection' : undefined;
}

function answerMismatch(
  outcome: AnswerOutcome,
  observation: Observation,
  idOf: (slot: number) => string,
): string | undefined {
  const { frames, rest, answeredAfterMs } = observation;
  const permitted = outcome.frames ?? [1];
  const first = frames[0];
  if (first === undefined) {
    return rest.length > 0 ? 'what came back is no complete frame' : 'no answer came back';
  }
  if (!permitted.includes(frames.length)) return `${frames.length} frames came back`;
  if (rest.length > 0) return 'bytes that are no complete frame stand behind the answer';
  const view = viewAsResponse(first.payload);
  if (outcome.types && !outcome.types.includes(first.type))
    return `the answer is a frame of type ${first.type}`;
  const problem = outcome.isResponse && responseProblem(first.payload);
  if (problem) return `the answer is no SubmitResponse: it ${printable(describeProblem(problem))}`;
  return (
    (outcome.statuses &&
      fieldMismatch('status', view.status, (status) => outcome.statuses?.includes(status))) ??
    (outcome.taskId && taskIdMismatch(view.taskId, render(outcome.taskId, idOf))) ??
    (outcome.message &&
      fieldMismatch('message', view.message, (text) => outcome.message === 'string' || text !== '')) ??
    (outcome.withinMs !== undefined && (answeredAfterMs ?? 0) > outcome.withinMs
      ? `the answer took longer than ${outcome.withinMs} ms`
      : undefined)
  );
}

function taskIdMismatch(field: Field<string>, wanted: Uint8Array): string | undefined {
  const id = new TextDecoder('utf-8', { ignoreBOM: true }).decode(wanted);
  return fieldMismatch('task_id', field, (value) => value === id);
}

/** Why a field of the answer is not as wanted, or undefined if it is. */
function fieldMismatch<T extends string | number>(
  name: string,
  field: Field<T>,
  wanted: (value: T) => boolean | undefined,
): string | undefined {
  if ('problem' in field) return `the answer's ${name} ${printable(describeProblem(field.problem))}`;
  return wanted(field.value)
    ? undefined
    : `the answer's ${name} is ${printable(JSON.stringify(field.value))}`;
}
