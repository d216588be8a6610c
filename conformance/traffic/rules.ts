/**
 * The rules that traffic is judged by: what one side of a connection shows without being asked. They are fewer than the
 * scenarios, because nothing is provoked: most clauses about malformed input need a sender that sends it.
 */

import { DESCRIPTION_CAP, inBytes, PAYLOAD_CAP } from '../scenario/bytes.ts';
import type { Requirement } from '../scenario/requirement.ts';
import type { Side } from './conversation.ts';

/** A rule. Its id is permanent, and begins with the side that it binds. */
export interface Rule extends Requirement {
  readonly side: Side;
}

const TABLE = {
  'sender/header': ['F1', 'MUST', 'Type and length are written as unsigned 32-bit big-endian integers.'],
  'sender/length': ['F1', 'MUST', 'The length in a header is the number of bytes of the payload.'],
  'sender/length-cap': [
    'F9',
    'MUST',
    `A payload of more than ${inBytes(PAYLOAD_CAP)} is refused before its first byte is sent.`,
  ],
  'sender/type': ['F6', 'MUST', 'The type of a frame is one of the four that are documented.'],
  'sender/legacy-type': ['F7', 'MAY', 'No server takes a RESULT; results are sent as SEND_RESULTS.'],
  'sender/whole-frame': ['F4', 'SHOULD', 'A sender that ends its side has sent its frame whole.'],
  'sender/one-frame': ['T2', 'SHOULD', 'A sender sends one frame on a connection, and nothing after it.'],
  'sender/object': ['M6', 'MUST', 'A payload is one JSON object in UTF-8.'],
  'sender/not-empty': ['F8', 'MUST', 'A payload is one JSON object, and not empty.'],
  'sender/nothing-after': ['M5', 'MUST', 'Only white space follows the JSON value of a payload.'],
  'sender/field-type': ['M4', 'MUST', 'A field has its own JSON type, or is null.'],
  'sender/integer': ['M9', 'SHOULD', 'An integer is written without fraction and exponent, in 64 bits.'],
  'sender/base64': ['M10', 'MUST', 'File data is written in the standard base64 alphabet with padding.'],
  'sender/task-id': ['S10', 'SHOULD', 'The id of a task has the documented form, in lower-case hex.'],
  'sender/description': [
    'S5',
    'SHOULD',
    `A sender refuses a description of more than ${inBytes(DESCRIPTION_CAP)}.`,
  ],
  'sender/state': ['L1', 'MUST', 'The status of an update is one of the eight states.'],
  'sender/justification': ['U4', 'SHOULD', 'A justification has at most 4 096 bytes.'],
  'sender/result-type': ['R6', 'SHOULD', 'The type of a result is text or file.'],
  'sender/result-bounds': [
    'R2',
    'SHOULD',
    'A sender refuses a result with a text or a file name over its bound.',
  ],
  'sender/extension': ['R4', 'MUST', 'A sender refuses a file whose extension is not in the allowed list.'],
  'sender/time': ['L3', 'SHOULD', 'The time of a result is in the format of RFC 3339.'],
  'receiver/silent-first': [
    'T1',
    'MUST',
    'The side that connects sends first; a receiver sends no greeting.',
  ],
  'receiver/answer': [
    'S1',
    'MUST',
    'A legal SUBMIT gets exactly one frame back, and it holds a SubmitResponse.',
  ],
  'receiver/answer-type': ['S1', 'SHOULD', 'The type of an answer is 1.'],
  'receiver/status': ['S2', 'MUST', 'The status of an answer is the integer 200 or 400.'],
  'receiver/task-id': ['S3', 'MUST', 'The task_id of an answer equals that of the request.'],
  'receiver/message': ['S4', 'MUST', 'The message of an answer is a string.'],
  'receiver/message-text': ['S4', 'SHOULD', 'The message of an answer is not empty.'],
  'receiver/description': [
    'S5',
    'MUST',
    `A description of more than ${inBytes(DESCRIPTION_CAP)} is answered with 400.`,
  ],
  'receiver/malformed': ['S6', 'MUST', 'A malformed SUBMIT is not answered with 200.'],
  'receiver/half-close': [
    'T4',
    'SHOULD',
    'The answer arrives after the sender has shut down its sending side.',
  ],
  'receiver/concurrent': ['T3', 'SHOULD', 'A receiver serves 64 connections at a time, and as many as come.'],
  'receiver/deadline': ['S8', 'MUST', 'The answer comes within 5 seconds.'],
  'receiver/prompt': ['S8', 'SHOULD', 'The answer comes within 1 second.'],
  'receiver/update-unanswered': ['U1', 'MUST', 'A STATUS_UPDATE is not answered.'],
  'receiver/bad-update-unanswered': ['U1', 'SHOULD', 'A STATUS_UPDATE that is refused is not answered.'],
  'receiver/results-unanswered': ['R1', 'MUST', 'A SEND_RESULTS is not answered.'],
  'receiver/bad-results-unanswered': ['R1', 'SHOULD', 'A SEND_RESULTS that is refused is not answered.'],
  'receiver/foreign-unanswered': [
    'F7',
    'MUST',
    'A frame of another type is not answered as if it were a SUBMIT.',
  ],
  'receiver/over-cap-unanswered': ['F2', 'MUST', 'A frame over the cap is not answered.'],
  'receiver/cut-unanswered': ['F4', 'MUST', 'A frame that is cut is not answered.'],
} as const satisfies Record<string, readonly [Requirement['clause'], Requirement['level'], string]>;

/** The id of a rule. */
export type RuleId = keyof typeof TABLE;

/** All rules, the sender's first, in the order of the protocol. */
export const TRAFFIC_RULES: readonly Rule[] = Object.entries(TABLE).map(
  ([id, [clause, level, requirement]]) => ({
    ...{ id, clause, level, requirement },
    side: id.startsWith('sender/') ? 'sender' : 'receiver',
  }),
);

const BY_ID = new Map(TRAFFIC_RULES.map((rule) => [rule.id, rule]));

/** A rule that does not hold, and what was seen instead; text of the sides is not escaped. */
export interface Flaw {
  readonly rule: RuleId;
  readonly seen: string;
}

export function flaw(rule: RuleId, seen: string): Flaw {
  return { rule, seen };
}

/** The rule with the id. */
export function ruleOf(id: RuleId): Rule {
  const rule = BY_ID.get(id);
  if (rule === undefined) throw new RangeError(`no rule ${id}`);
  return rule;
}
