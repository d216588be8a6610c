/**
 * What must hold whatever is thrown: each invariant has an id, the clause that it comes from, and a check. The checks of
 * the wire are here and pure: what was sent and what came back in, a breach or nothing out. Those that need several
 * connections, or a look beside the wire, are found by the campaign and named here.
 */

import { describeProblem } from '../../conformance/judge/describe.ts';
import { HEADER_BYTES, PAYLOAD_CAP } from '../../conformance/scenario/bytes.ts';
import type { Sent } from '../case/sent.ts';
import type { Reply } from '../execute/exchange.ts';
import type { Answer, Execution } from '../execute/execute.ts';
import { isPlainlyLegal, taskIdOf, violationOf } from './must-not-accept.ts';

export interface Invariant {
  readonly id: string;
  readonly clause: string;
  /** The sentence that must hold. */
  readonly requirement: string;
}

/** The invariants by their ids. */
export const INVARIANTS = {
  survives: {
    id: 'survives',
    clause: 'T3',
    requirement: 'Whatever one peer sends, the target goes on serving others.',
  },
  reacts: {
    id: 'reacts',
    clause: 'S8',
    requirement: 'A complete frame is answered, or its connection closed, within the deadline.',
  },
  'answers-legally': {
    id: 'answers-legally',
    clause: 'S1',
    requirement: 'What comes back is frames of a legal SubmitResponse each, and nothing else.',
  },
  'accepts-legal-only': {
    id: 'accepts-legal-only',
    clause: 'S6',
    requirement: 'What is malformed, or over a bound, is never answered with 200.',
  },
  'answers-submits-only': {
    id: 'answers-submits-only',
    clause: 'F7',
    requirement: 'Only a complete SUBMIT is answered, each at most once.',
  },
  'answers-own-id': {
    id: 'answers-own-id',
    clause: 'S3',
    requirement: 'An answer names a task of its own connection.',
  },
  'serves-after': {
    id: 'serves-after',
    clause: 'T3',
    requirement: 'A legal SUBMIT fares the same after it as before: answered alike, and as fast.',
  },
  'frees-resources': {
    id: 'frees-resources',
    clause: 'F5',
    requirement: 'Memory, descriptors and threads do not grow with what was thrown.',
  },
  'keeps-to-store': {
    id: 'keeps-to-store',
    clause: 'R5',
    requirement: 'Nothing is written outside the store, and no leftovers inside.',
  },
  agrees: {
    id: 'agrees',
    clause: 'M7',
    requirement: 'Two implementations decide alike. Where they do not, the protocol may leave it open.',
  },
} as const satisfies Record<string, Invariant>;

export type InvariantId = keyof typeof INVARIANTS;

/** Whether breaking the invariant is a difference between two implementations, and so a failure of neither. */
export function isDifference(invariant: InvariantId): boolean {
  return invariant === INVARIANTS.agrees.id;
}

/** A broken invariant. */
export interface Breach {
  readonly invariant: InvariantId;
  /** The clause, where it is narrower than the invariant's. */
  readonly clause: string;
  /** What was seen, for a person; may hold what the target sent. */
  readonly detail: string;
}

/** A breach, and what has to stay the same when its input is made smaller. */
export interface Symptom extends Breach {
  /** Invariant, clause and what the target did; nothing of what was sent. Part of saved files and of ids: permanent. */
  readonly symptom: string;
}

/** What is known of the target before anything is thrown. */
export interface ConnectionBehaviour {
  /** Whether it closes a connection after each frame, so that keeping one means that it hangs (T2). */
  readonly closes: boolean;
}

/** What one connection breaks. */
export function breachesOf(execution: Execution, habits: ConnectionBehaviour): readonly Breach[] {
  const { reply, sent } = execution;
  if (reply.received.length === 0) return reply.ending === 'hung' ? hangOf(sent, habits) : NONE;
  return [
    ...illegalAnswers(execution),
    ...unexpectedAnswers(execution),
    ...wrongAcceptance(execution),
    ...foreignId(execution),
  ];
}

const NONE: readonly Breach[] = [];
/** An answer is of type 1, or of 2, which the documentation allows as well (S1). */
const ANSWER_TYPES: readonly number[] = [1, 2];

function breach(
  invariant: InvariantId,
  detail: string,
  clause: string = INVARIANTS[invariant].clause,
): Breach[] {
  return [{ invariant, clause, detail }];
}

/** Silence is a hang where a legal SUBMIT has to be answered (S1), or where the target otherwise closes. */
function hangOf(sent: Sent, habits: ConnectionBehaviour): readonly Breach[] {
  const first = sent.frames[0];
  const isLegal = first?.type === 1 && isPlainlyLegal(first.payload);
  if (!isLegal && !habits.closes && sent.end !== 'fin') return NONE;
  const what = first === undefined ? 'what was sent' : `a complete frame of type ${first.type}`;
  return breach('reacts', `neither an answer nor a close followed ${what}`);
}

function illegalAnswers({ answers, strayBytes, reply }: Execution): readonly Breach[] {
  if (reply.ending === 'flood') return breach('answers-legally', 'more came back than one frame can hold');
  if (strayBytes > 0 && !isCutByReset(reply, strayBytes))
    return breach('answers-legally', `${strayBytes} bytes came back that form no frame`);
  for (const { type, status, taskId, message } of answers) {
    if (!ANSWER_TYPES.includes(type)) return breach('answers-legally', `an answer of type ${type} came back`);
    if ('problem' in status)
      return breach('answers-legally', `the answer's status ${describeProblem(status.problem)}`, 'S2');
    if ('problem' in taskId)
      return breach('answers-legally', `the answer's task_id ${describeProblem(taskId.problem)}`, 'S3');
    if ('problem' in message)
      return breach('answers-legally', `the answer's message ${describeProblem(message.problem)}`, 'S4');
    if (status.value !== 200 && status.value !== 400)
      return breach('answers-legally', `the answer's status is ${status.value}`, 'S2');
  }
  return NONE;
}

/** A kernel that finds unread bytes at a close resets, and with that takes back what is on the way (T5). */
function isCutByReset({ received, ending }: Reply, strayBytes: number): boolean {
  if (ending !== 'reset') return false;
  if (strayBytes < HEADER_BYTES) return true;
  const at = received.length - strayBytes;
  const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
  return ANSWER_TYPES.includes(view.getUint32(at)) && view.getUint32(at + 4) <= PAYLOAD_CAP;
}

function unexpectedAnswers({ sent, answers }: Execution): readonly Breach[] {
  if (answers.length <= sent.submits) return NONE;
  const first = sent.frames[0];
  if (first === undefined) return breach('answers-submits-only', 'an answer came to no complete frame', 'F4');
  const clause = CLAUSE_OF_TYPE[first.type] ?? 'F7';
  const detail =
    sent.submits === 0
      ? `a frame of type ${first.type} was answered`
      : `${answers.length} answers came to SUBMITs: ${sent.submits}`;
  return breach('answers-submits-only', detail, clause);
}

const CLAUSE_OF_TYPE: Readonly<Record<number, string>> = { 1: 'S1', 3: 'U1', 4: 'R1' };

/** Only where the first answer can only be the first frame's. */
function wrongAcceptance({ sent, answers }: Execution): readonly Breach[] {
  const [submit] = sent.frames;
  const [answer] = answers;
  if (submit?.type !== 1 || answer === undefined || statusOf(answer) !== 200) return NONE;
  const isFirstsOwn = sent.submits === 1 || answers.length === sent.submits;
  if (!isFirstsOwn || isPlainlyLegal(submit.payload)) return NONE;
  const fault = violationOf(submit.payload);
  return fault
    ? breach('accepts-legal-only', `200 was answered to a SUBMIT that ${fault.what}`, fault.clause)
    : NONE;
}

/** Only where the ids of all SUBMITs of the connection are beyond doubt. */
function foreignId({ sent, answers }: Execution): readonly Breach[] {
  if (answers.length > sent.submits) return NONE;
  for (const { taskId } of answers) {
    if ('problem' in taskId || sent.bytes.includes(`"${taskId.value}"`)) continue;
    const ids = sent.frames.filter(({ type }) => type === 1).map(({ payload }) => taskIdOf(payload));
    if (!ids.includes(undefined) && !ids.includes(taskId.value))
      return breach('answers-own-id', `the answer's task_id is ${JSON.stringify(taskId.value)}`);
  }
  return NONE;
}

/** The status of an answer, if it has one. */
export function statusOf({ status }: Answer): number | undefined {
  return 'value' in status ? status.value : undefined;
}
