/** Outcomes, observations and problems in words for reports. Bytes from the target are escaped, except where noted. */

import { describeJsonProblem } from '../payload/json.ts';
import {
  type Field,
  type FieldProblem,
  type ResponseProblem,
  responseProblem,
} from '../payload/response-view.ts';
import { type Bytes, size } from '../scenario/bytes.ts';
import type { Sign } from '../scenario/mismatch-kind.ts';
import type { AnswerOutcome, Outcome } from '../scenario/scenario.ts';
import { counted } from '../util/counted.ts';
import { printable } from '../util/printable.ts';
import { type Frame, payloadBytes, responseOf } from '../wire/frames.ts';
import type { Ending, Observation } from './observe.ts';

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
  const { frames = [1], types, isResponse, statuses, taskId, taskIds, message, withinMs } = outcome;
  const parts = [
    isResponse && 'a SubmitResponse as its payload',
    statuses && `the integer status ${either(statuses)}`,
    taskId && describeTaskId(taskId),
    taskIds && 'the task_ids of as many requests, the first one among them',
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

function describeTaskId(taskId: Bytes | readonly Bytes[]): string {
  if (isList(taskId)) return 'a permitted reading of the task_id of the request';
  if (size(taskId) === 0) return 'an empty task_id';
  return 'slot' in taskId && taskId.slot === 2
    ? 'the second task_id that was sent'
    : 'the task_id of the request';
}

function isList(taskId: Bytes | readonly Bytes[]): taskId is readonly Bytes[] {
  return Array.isArray(taskId);
}

/** "a", "a and b", "a, b and c". */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** A sign as a clause after "if …". */
export function describeSign(sign: Sign): string {
  return SIGNS[sign] ?? (sign.startsWith('stored ') ? `the ${sign} differs` : sign);
}

const SIGNS: Readonly<Partial<Record<Sign, string>>> = {
  'no answer, closed': 'the target closes without an answer',
  'no answer, open': 'no answer comes and the connection stays open',
  answered: 'the target answers',
  accepted: 'the answer has status 200',
  rejected: 'the answer has status 400',
  'partial frame': 'bytes come back that form no complete frame',
  'bytes after the answer': 'bytes follow the answer',
  'number of frames': 'another number of answers comes',
  'frame type': 'the answer has another type',
  'not a response': 'the answer is no SubmitResponse',
  late: 'the answer comes late',
  'kept open': 'the connection stays open',
  closed: 'the target closes',
  died: 'the target dies',
  gone: 'the target is gone',
  growth: 'the process grows',
  'file touched': 'a file of the store changes',
  'file escaped': 'a file outside the store changes',
  'task file missing': 'the task file is missing',
  'task file unreadable': 'the task file cannot be read',
  'task file permissions': 'the task file has permissions for others',
  'data not kept': 'no file holds the data',
  'result file missing': 'the result file is missing',
  'result file content': 'the result file has another content',
  'stored field': 'a stored field differs',
  'status missing': "the answer's status is missing",
  'status wrong type': "the answer's status has another type",
  'status wrong value': "the answer's status has another value",
  'task_id missing': "the answer's task_id is missing",
  'task_id wrong type': "the answer's task_id has another type",
  'task_id wrong value': "the answer's task_id has another value",
  'message missing': "the answer's message is missing",
  'message wrong type': "the answer's message has another type",
  'message wrong value': "the answer's message has another value",
};

/** An observation as the end of a sentence "observed: …". */
export function describeObservation(observation: Observation): string {
  const shown = observation.frames.slice(0, 3).map(describeFrame);
  const more = observation.frames.length - shown.length;
  if (more > 0) shown.push(`${more} more ${more === 1 ? 'frame' : 'frames'}`);
  const rest = observation.restBytes;
  if (rest > 0)
    shown.push(rest === 1 ? 'a byte that forms no frame' : `${rest} bytes that form no complete frame`);
  if (shown.length === 0) shown.push('no byte');
  return `${shown.join(', ')}; ${describeEnding(observation.ending)}`;
}

function describeFrame(frame: Frame): string {
  const view = responseOf(frame);
  const problem = responseProblem(view);
  const fields =
    problem && problem.code !== 'no-status-nor-message'
      ? `whose payload of ${counted(payloadBytes(frame), 'byte')} ${printable(describeProblem(problem))}`
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
