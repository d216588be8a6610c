/** What an answer shows about its receiver: one complete frame, and the request it is for. Pure. */

import { isOrdinary, taskIdOf, violationOf } from '../judge/must-not-accept.ts';
import { responseFault } from '../judge/response.ts';
import { type ResponseView, responseIn } from '../payload/response-view.ts';
import { SEND_RESULTS, STATUS_UPDATE, SUBMIT } from '../scenario/bytes.ts';
import { KEPT_PAYLOAD_BYTES, type TrafficFrame } from './conversation.ts';
import { type Flaw, flaw, type RuleId } from './rules.ts';

/** What a complete SUBMIT means for its answer. Small, because many may wait for their answers. */
export interface Expected {
  readonly endedMs: number;
  /** Whether every receiver reads it as a legal SUBMIT. */
  readonly isOrdinary: boolean;
  /** Undefined if there is doubt which it is. */
  readonly taskId: string | undefined;
  /** Why it must not be accepted. Absent if it may be, or if there is doubt. */
  readonly refused?: { readonly rule: RuleId; readonly what: string };
}

/** The time within which an answer must come, and within which it should come, in milliseconds, inclusive (S8). */
const DEADLINE_MS = 5000;
const PROMPT_MS = 1000;

/** What the SUBMIT means for its answer. */
export function expectedOf({ payload, length, endedMs }: TrafficFrame): Expected {
  // Of a payload that is cut, nothing is certain.
  if (length > KEPT_PAYLOAD_BYTES) return { endedMs, isOrdinary: false, taskId: undefined };
  const violation = violationOf(payload);
  return {
    ...{ endedMs, isOrdinary: isOrdinary(payload) && violation === undefined, taskId: taskIdOf(payload) },
    ...(violation && {
      refused: {
        rule: violation.clause === 'S5' ? 'receiver/description' : 'receiver/malformed',
        what: violation.what,
      },
    }),
  };
}

/** The fields of an answer. */
export function responseOf({ object }: TrafficFrame): ResponseView {
  return responseIn(object ?? { members: new Map() });
}

/** What is wrong with the answer, whatever its request was. */
export function answerFlaws({ type }: TrafficFrame, view: ResponseView): readonly Flaw[] {
  const fault = responseFault(type, view);
  const empty = 'value' in view.message && view.message.value === '';
  return [
    ...(fault ? [flaw(RULE_OF_CLAUSE[fault.clause], fault.text)] : []),
    ...(type === 2 ? [flaw('receiver/answer-type', 'the answer is a frame of type 2')] : []),
    ...(empty ? [flaw('receiver/message-text', 'the message is empty')] : []),
  ];
}

const RULE_OF_CLAUSE = {
  S1: 'receiver/answer',
  S2: 'receiver/status',
  S3: 'receiver/task-id',
  S4: 'receiver/message',
} as const;

/** What is wrong with the time that an answer took, or that a sender waited for one in vain. */
export function lateFlaw(tookMs: number, isAnswered: boolean): Flaw | undefined {
  const rule = tookMs > DEADLINE_MS ? 'receiver/deadline' : 'receiver/prompt';
  if (tookMs <= (isAnswered ? PROMPT_MS : DEADLINE_MS)) return undefined;
  const took = `${(tookMs / 1000).toFixed(1)} s`;
  return flaw(rule, isAnswered ? `the answer took ${took}` : `no answer came for ${took}`);
}

/** What is wrong with an answer to this SUBMIT. An answer of 400 to a malformed one may have any id (S6). */
export function matchFlaws(view: ResponseView, { isOrdinary, taskId, refused }: Expected): readonly Flaw[] {
  const { status, taskId: answered } = view;
  const isAccepted = 'value' in status && status.value === 200;
  if (isAccepted && refused)
    return [flaw(refused.rule, `200 is the answer to a SUBMIT that ${refused.what}`)];
  if (taskId === undefined || 'problem' in answered || !(isAccepted || isOrdinary)) return [];
  const { value, omitted = 0 } = answered;
  const isSame = omitted > 0 ? taskId.startsWith(value) : taskId === value;
  return isSame
    ? []
    : [flaw('receiver/task-id', `the answer names ${quoted(value)}, and the request ${quoted(taskId)}`)];
}

/** The rule that an answer breaks which is owed for none of the frames; `type` is that of the frame to blame. */
export function unexpectedFlaw(type: number, isLegal: boolean): Flaw {
  switch (type) {
    case SUBMIT:
      return flaw('receiver/answer', 'the receiver sent more answers than SUBMITs came');
    case STATUS_UPDATE:
      return flaw(
        isLegal ? 'receiver/update-unanswered' : 'receiver/bad-update-unanswered',
        'the receiver answered a STATUS_UPDATE',
      );
    case SEND_RESULTS:
      return flaw(
        isLegal ? 'receiver/results-unanswered' : 'receiver/bad-results-unanswered',
        'the receiver answered a SEND_RESULTS',
      );
    default:
      return flaw('receiver/foreign-unanswered', `the receiver answered a frame of type ${type}`);
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
