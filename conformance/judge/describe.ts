/** Outcomes, observations and problems in words for reports. Bytes from the target are escaped, except where noted. */

import { type Bytes, size } from '../scenario/bytes.ts';
import type { AnswerOutcome, Outcome } from '../scenario/scenario.ts';
import { printable } from '../util/printable.ts';
import type { Frame } from '../wire/frames.ts';
import { describeJsonProblem } from './json.ts';
import {
  type Ending,
  type Field,
  type FieldProblem,
  type Observation,
  type ResponseProblem,
  responseProblem,
  viewAsResponse,
} from './observe.ts';

/** An outcome as the end of a sentence "expected: …". Saved reports hold these words. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'closes':
      return 'the target closes the connection without an answer';
    case 'silent-until-reset':
      return 'the target sends nothing before the kit resets the connection, and serves other peers afterwards';
    case 'silent':
      return 'the target sends nothing and keeps the connection open';
    case 'answers':
      return describeAnswer(outcome);
  }
}

/** As in "an answer of type 1 or 2 with the integer status 200 and the task_id of the request, within 1000 ms". */
function describeAnswer(outcome: AnswerOutcome): string {
  const { frames = [1], types, isResponse, statuses, taskId, message, withinMs } = outcome;
  const parts = [
    isResponse && 'a SubmitResponse as its payload',
    statuses && `the integer status ${either(statuses)}`,
    taskId && describeTaskId(taskId),
    message && (message === 'string' ? 'a string as its message' : 'a message that is not empty'),
  ].filter((part) => typeof part === 'string');
  return [
    describeCount(frames),
    types ? ` of type ${either(types)}` : '',
    parts.length > 0 ? ` with ${listed(parts)}` : '',
    withinMs === undefined ? '' : `, within ${withinMs} ms`,
  ].join('');
}

function describeCount(frames: readonly number[]): string {
  const [first = 1] = frames;
  if (frames.length === 1) return first === 1 ? 'one answer' : `${first} answers`;
  return `${frames.length === 2 ? either(frames) : `${first} to ${frames.at(-1)}`} answers`;
}

function describeTaskId(taskId: Bytes): string {
  if (size(taskId) === 0) return 'an empty task_id';
  return 'slot' in taskId && taskId.slot === 2
    ? 'the second task_id that was sent'
    : 'the task_id of the request';
}

/** "a", "a and b", "a, b and c". */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** An observation as the end of a sentence "observed: …". */
export function describeObservation(observation: Observation): string {
  const shown = observation.frames.slice(0, 3).map(describeFrame);
  const more = observation.frames.length - shown.length;
  if (more > 0) shown.push(`${more} more ${more === 1 ? 'frame' : 'frames'}`);
  if (observation.rest.length > 0) shown.push(`${observation.rest.length} bytes that form no complete frame`);
  if (shown.length === 0) shown.push('no byte');
  return `${shown.join(', ')}; ${describeEnding(observation.ending)}`;
}

function describeFrame(frame: Frame): string {
  const view = viewAsResponse(frame.payload);
  const problem = responseProblem(view);
  const fields =
    problem && problem.code !== 'no-status-nor-message'
      ? `whose payload of ${frame.payload.length} bytes ${printable(describeProblem(problem))}`
      : `(status ${describeField(view.status)}, task_id ${describeField(view.taskId)}, message ${describeField(view.message)})`;
  return `a frame of type ${frame.type} ${fields}`;
}

function describeField(field: Field<string | number>): string {
  if ('problem' in field) return printable(describeProblem(field.problem));
  return typeof field.value === 'number' ? String(field.value) : `"${printable(field.value, 60)}"`;
}

/**
 * A problem as the end of a sentence "the field …". Not escaped. `behaviour` in a report contains these words, so they
 * must not change.
 */
export function describeProblem(problem: FieldProblem | ResponseProblem): string {
  switch (problem.code) {
    case 'not-utf8':
      return 'cannot be read: the payload is not valid UTF-8';
    case 'not-json':
      return `cannot be read: the payload is not JSON (${describeJsonProblem(problem.json)})`;
    case 'not-an-object':
      return `cannot be read: the payload is a JSON ${problem.is}, not an object`;
    case 'no-status-nor-message':
      return 'has neither a status nor a message';
    case 'missing':
      return 'is missing';
    case 'wrong-type':
      return `is a JSON ${problem.is}, not ${problem.expected === 'string' ? 'a string' : 'an integer'}`;
    case 'not-plain-integer':
      return `is written ${problem.text.slice(0, 40)}, not as an integer`;
  }
}

function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'fin':
      return 'then the target closed (FIN)';
    case 'reset':
      return `then the connection was reset (${printable(ending.code)})`;
    case 'quiet':
      return `then silence for ${ending.ms} ms, still open`;
    case 'deadline':
      return `nothing more for ${Math.round(ending.ms)} ms, still open`;
    case 'flood':
      return `and more without end: the kit stopped reading after ${ending.keptBytes} bytes`;
    case 'connect-failed':
      return `no connection (${printable(ending.code)})`;
    case 'sent-reset':
      return 'until the kit reset the connection';
    case 'aborted':
      return 'then the run was interrupted';
  }
}

function either(values: readonly number[]): string {
  return values.join(' or ');
}
