/** Judges what came back where an answer is permitted: outcome and observation in, mismatch out. Pure. */

import { type Field, type FieldProblem, responseProblem } from '../payload/response-view.ts';
import { render } from '../scenario/bytes.ts';
import type { AnswerOutcome } from '../scenario/scenario.ts';
import { counted } from '../util/counted.ts';
import { printable } from '../util/printable.ts';
import { isSameText } from '../util/utf8.ts';
import { type Frame, responseOf } from '../wire/frames.ts';
import { describeProblem } from './describe.ts';
import { type FieldMismatch, type Mismatch, mismatch } from './mismatch.ts';
import type { Observation } from './observe.ts';
import { ANSWER_TYPES } from './response.ts';

type IdOf = (slot: number) => string;
/** What is judged of each frame on its own. */
type FrameConditions = Pick<AnswerOutcome, 'types' | 'isResponse' | 'statuses' | 'taskId' | 'message'>;

/** An answer to a later SUBMIT of the connection is a legal one (S1, S2, S4), whatever the scenario judges of the first one. */
const LATER: FrameConditions = {
  types: ANSWER_TYPES,
  isResponse: true,
  statuses: [200, 400],
  message: 'string',
};

/** Why the observation does not match the outcome; undefined if it does. */
export function answerMismatch(
  outcome: AnswerOutcome,
  { frames, restBytes, answeredAfterMs }: Observation,
  idOf: IdOf,
): Mismatch | undefined {
  const [first, ...later] = frames;
  const permitted = outcome.frames ?? [1];
  if (first === undefined) {
    return restBytes > 0
      ? mismatch('partial frame', 'the bytes that came back form no complete frame')
      : mismatch('no answer', 'no answer came back');
  }
  if (!permitted.includes(frames.length))
    return mismatch('number of frames', `${counted(frames.length, 'frame')} came back`);
  if (restBytes > 0)
    return mismatch('bytes after the answer', 'bytes that form no complete frame follow the answer');
  const isLate = outcome.withinMs !== undefined && (answeredAfterMs ?? 0) > outcome.withinMs;
  return (
    frameMismatch(first, 0, outcome, idOf) ??
    (isLate ? mismatch('late', `the answer took longer than ${outcome.withinMs} ms`) : undefined) ??
    firstOf(later, (frame, at) => frameMismatch(frame, at + 1, LATER, idOf)) ??
    (outcome.taskIds &&
      taskIdsMismatch(
        frames,
        outcome.taskIds.map((bytes) => render(bytes, idOf)),
      ))
  );
}

function firstOf<T>(
  list: readonly T[],
  mismatchOf: (one: T, at: number) => Mismatch | undefined,
): Mismatch | undefined {
  for (const [at, one] of list.entries()) {
    const found = mismatchOf(one, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The frame with this index in words. */
function named(at: number): string {
  return at === 0 ? 'the answer' : `answer ${at + 1}`;
}

function frameMismatch(
  frame: Frame,
  at: number,
  { types, isResponse, statuses, taskId, message }: FrameConditions,
  idOf: IdOf,
): Mismatch | undefined {
  const view = responseOf(frame);
  if (types && !types.includes(frame.type))
    return mismatch('frame type', `${named(at)} is a frame of type ${frame.type}`, at);
  const problem = isResponse && responseProblem(view);
  if (problem)
    return mismatch(
      'not a response',
      `${named(at)} is no SubmitResponse: it ${printable(describeProblem(problem))}`,
      at,
    );
  return (
    (statuses && statusMismatch(view.status, statuses, at)) ??
    (taskId &&
      taskIdMismatch(
        view.taskId,
        [taskId].flat().map((bytes) => render(bytes, idOf)),
        at,
      )) ??
    (message && fieldMismatch('message', view.message, at, (text) => message === 'string' || text !== ''))
  );
}

function statusMismatch(
  field: Field<number>,
  permitted: readonly number[],
  at: number,
): Mismatch | undefined {
  const found = fieldMismatch('status', field, at, (status) => permitted.includes(status));
  if (found === undefined || 'problem' in field) return found;
  if (field.value === 200) return mismatch('accepted', found.text, at);
  return field.value === 400 ? mismatch('rejected', found.text, at) : found;
}

function taskIdMismatch(
  field: Field<string>,
  wanted: readonly Uint8Array[],
  at: number,
): Mismatch | undefined {
  return fieldMismatch('task_id', field, at, (value, omitted) =>
    wanted.some((id) => isTaskId(value, omitted, id)),
  );
}

/**
 * Each answer has the id of another request, in any order (S3, T2), and the first request is answered (S1). The ids are those of the
 * requests; two requests can have the same one.
 */
function taskIdsMismatch(frames: readonly Frame[], ids: readonly Uint8Array[]): Mismatch | undefined {
  const answered = new Set<number>();
  const wrong = firstOf(frames, (frame, at) =>
    fieldMismatch('task_id', responseOf(frame).taskId, at, (value, omitted) => {
      const request = ids.findIndex((id, index) => !answered.has(index) && isTaskId(value, omitted, id));
      if (request >= 0) answered.add(request);
      return request >= 0;
    }),
  );
  if (wrong !== undefined || answered.has(0)) return wrong;
  return mismatch('task_id wrong value', 'no answer has the task_id of the first request');
}

/** Whether the text of a field, of which `omitted` units were not kept, is this id. */
function isTaskId(value: string, omitted: number, wanted: Uint8Array): boolean {
  const id = new TextDecoder('utf-8', { ignoreBOM: true }).decode(wanted);
  return omitted === 0 ? isSameText(value, id) : id.startsWith(value) && id.length === value.length + omitted;
}

/** Why a field of the answer does not match; undefined if it does. */
function fieldMismatch<T extends string | number>(
  name: 'status' | 'task_id' | 'message',
  field: Field<T>,
  at: number,
  wanted: (value: T, omitted: number) => boolean | undefined,
): Mismatch | undefined {
  const its = `${named(at)}'s ${name}`;
  if ('problem' in field)
    return mismatch(kindOf(name, field.problem), `${its} ${printable(describeProblem(field.problem))}`, at);
  return wanted(field.value, field.omitted ?? 0)
    ? undefined
    : mismatch(`${name} wrong value`, `${its} is ${printable(JSON.stringify(field.value))}`, at);
}

function kindOf(name: 'status' | 'task_id' | 'message', { code }: FieldProblem): FieldMismatch {
  switch (code) {
    case 'missing':
      return `${name} missing`;
    case 'wrong-type':
    case 'not-plain-integer':
      return `${name} wrong type`;
    default:
      return `${name} unreadable`;
  }
}
