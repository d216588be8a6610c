/**
 * The judgement of one answer: is its frame a legal SubmitResponse (S1–S4)? Whether the answer fits the request, such as its
 * id, is not judged here.
 */

import { type Field, type ResponseView, responseProblem } from '../payload/response-view.ts';
import { describeProblem } from './describe.ts';

/** Why an answer is no legal SubmitResponse. */
export interface ResponseFault {
  readonly clause: 'S1' | 'S2' | 'S3' | 'S4';
  /** The smallest part of the answer that is at fault. */
  readonly part: 'type' | 'payload' | 'status' | 'task_id' | 'message';
  /** The sentence for a person. May contain what the target sent, unescaped. */
  readonly text: string;
}

/** An answer is of type 1, or of type 2, which the documentation permits as well (S1). */
export const ANSWER_TYPES: readonly number[] = [1, 2];
const STATUSES: readonly number[] = [200, 400];

/** The first fault of an answer; undefined if it is a legal SubmitResponse. */
export function responseFault(type: number, view: ResponseView): ResponseFault | undefined {
  if (!ANSWER_TYPES.includes(type))
    return { clause: 'S1', part: 'type', text: `the answer is a frame of type ${type}` };
  const problem = responseProblem(view);
  if (problem)
    return {
      clause: 'S1',
      part: 'payload',
      text: `the answer is no SubmitResponse: it ${describeProblem(problem)}`,
    };
  const { status, taskId, message } = view;
  return (
    fieldFault('S2', 'status', status) ??
    fieldFault('S3', 'task_id', taskId) ??
    fieldFault('S4', 'message', message) ??
    ('value' in status && !STATUSES.includes(status.value)
      ? { clause: 'S2', part: 'status', text: `the answer's status is ${status.value}` }
      : undefined)
  );
}

function fieldFault(
  clause: ResponseFault['clause'],
  part: ResponseFault['part'],
  field: Field<unknown>,
): ResponseFault | undefined {
  if (!('problem' in field)) return undefined;
  return { clause, part, text: `the answer's ${part} ${describeProblem(field.problem)}` };
}
