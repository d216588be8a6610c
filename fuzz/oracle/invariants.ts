/**
 * What must hold for every case. Each invariant has a permanent id and the clause that it comes from. The checks of a single
 * connection are here, and are pure functions from what was sent and what came back to breaches. The other invariants are
 * defined here and checked by the triage (survives, serves-after), the monitors (frees-resources, idles, scales,
 * stores-as-sent, keeps-to-store) and the
 * evaluator (agrees, keeps-apart, reads-segments).
 */

import {
  isOrdinary,
  isPlainlyLegal,
  taskIdOf,
  violationOf,
} from '../../conformance/judge/must-not-accept.ts';
import { ANSWER_TYPES, responseFault } from '../../conformance/judge/response.ts';
import { PAYLOAD_CAP, SUBMIT } from '../../conformance/scenario/bytes.ts';
import { counted } from '../../conformance/util/counted.ts';
import { readHeader } from '../../conformance/wire/frames.ts';
import type { Sent } from '../case/sent.ts';
import type { Reply } from '../execute/exchange.ts';
import type { Answer, Execution } from '../execute/execute.ts';

/** Something that must hold for every case. */
export interface Invariant {
  readonly id: string;
  readonly clause: string;
  /** The sentence that must hold. */
  readonly requirement: string;
  /**
   * What names the cause of a breach. Default: only the shape of the smallest case. 'symptom': invariant, clause and disposition.
   * 'smallest': they do in the smallest case only, because which of several frames got an answer, and which answer that was, is
   * certain only once one frame is left.
   */
  readonly cause?: 'symptom' | 'smallest';
}

/** The invariants by their ids. */
export const INVARIANTS = {
  survives: {
    id: 'survives',
    clause: 'T3',
    requirement: 'The target continues to serve other peers, whatever one peer sends.',
  },
  reacts: {
    id: 'reacts',
    clause: 'S8',
    requirement: 'The target answers a complete frame, or closes its connection, within the deadline.',
  },
  'answers-legally': {
    id: 'answers-legally',
    clause: 'S1',
    cause: 'symptom',
    requirement: 'The target sends frames that hold a legal SubmitResponse each, and nothing else.',
  },
  'accepts-legal-only': {
    id: 'accepts-legal-only',
    clause: 'S6',
    cause: 'symptom',
    requirement: 'The target does not answer 200 to a SUBMIT that is malformed or over a bound.',
  },
  'answers-submits-only': {
    id: 'answers-submits-only',
    clause: 'F7',
    cause: 'smallest',
    requirement: 'The target answers complete SUBMIT frames only, each at most once.',
  },
  'answers-own-id': {
    id: 'answers-own-id',
    clause: 'S3',
    cause: 'symptom',
    requirement: 'An answer names a task of its own connection.',
  },
  'keeps-apart': {
    id: 'keeps-apart',
    clause: 'T3',
    cause: 'symptom',
    requirement: 'An answer holds nothing that only another connection has sent.',
  },
  'reads-segments': {
    id: 'reads-segments',
    clause: 'F3',
    cause: 'symptom',
    requirement:
      'The same frame fares the same, whatever its segmentation, and whether or not a next frame follows.',
  },
  'serves-after': {
    id: 'serves-after',
    clause: 'T3',
    requirement: 'The target answers a legal SUBMIT after the case as it did before the campaign.',
  },
  'frees-resources': {
    id: 'frees-resources',
    clause: 'F5',
    requirement: 'Memory, descriptors and threads of the target do not grow with the number of cases.',
  },
  idles: {
    id: 'idles',
    clause: 'T3',
    requirement: 'The target uses no CPU time while no connection is open.',
  },
  scales: {
    id: 'scales',
    clause: 'S8',
    requirement: 'The time of a reaction grows in proportion to the size of the frame.',
  },
  'stores-as-sent': {
    id: 'stores-as-sent',
    clause: 'S9',
    requirement: 'A stored task is a valid task file with the description that was sent.',
  },
  'keeps-to-store': {
    id: 'keeps-to-store',
    clause: 'R5',
    requirement: 'The target writes nothing outside the folders of its store.',
  },
  agrees: {
    id: 'agrees',
    clause: 'M7',
    requirement:
      'Both implementations decide alike. Where they differ, the protocol may permit both decisions.',
  },
} as const satisfies Record<string, Invariant>;

/** The id of an invariant. Permanent. */
export type InvariantId = keyof typeof INVARIANTS;

/** Whether breaking the invariant is a difference between two implementations, and so a failure of neither. */
export function isDifference(invariant: InvariantId): boolean {
  return invariant === INVARIANTS.agrees.id;
}

/** A broken invariant. */
export interface Breach {
  readonly invariant: InvariantId;
  /** The clause that is broken: that of the invariant, or a more specific one. */
  readonly clause: string;
  /** What was observed, for a person. May contain what the target sent, unescaped. */
  readonly detail: string;
}

/** That no frame but a SUBMIT is answered stands in three clauses, one for each kind of frame (F7, U1, R1). */
const SAME_CAUSE: Readonly<Record<string, string>> = { U1: 'F7', R1: 'F7' };

/** The clause of the breach, or one that stands for all clauses that the same cause breaks. */
export function causeClauseOf({ clause }: Breach): string {
  return SAME_CAUSE[clause] ?? clause;
}

const causeOf = (invariant: InvariantId): Invariant['cause'] => (INVARIANTS[invariant] as Invariant).cause;

/** Whether the invariant, the clause and the disposition name the cause. Else the shape of the smallest case does. */
export function namesCause(invariant: InvariantId): boolean {
  return causeOf(invariant) !== undefined;
}

/** Whether clause and disposition of its breaches are certain only in the smallest case. */
export function isCertainWhenSmallest(invariant: InvariantId): boolean {
  return causeOf(invariant) === 'smallest';
}

/** A breach, and what has to stay the same while its case is minimised. */
export interface Symptom extends Breach {
  /** Invariant, clause and disposition; nothing of what was sent. Part of saved files and of ids: permanent. */
  readonly symptom: string;
}

/** Whether a smaller case shows the symptom of a larger one. */
export function isSameSymptom(one: Symptom, other: Symptom): boolean {
  return (
    one.symptom === other.symptom ||
    (one.invariant === other.invariant && isCertainWhenSmallest(one.invariant))
  );
}

/** How the target treats its connections. */
export interface ConnectionBehaviour {
  /** Whether it closes a connection after each frame (T2). If it does, a connection that stays open is a hang. */
  readonly closes: boolean;
}

/** The invariants that are broken on one connection. */
export function breachesOf(execution: Execution, behaviour: ConnectionBehaviour): readonly Breach[] {
  const { reply, sent } = execution;
  if (reply.received.length === 0) return reply.ending === 'hung' ? hangOf(sent, behaviour) : NONE;
  return [
    ...illegalAnswers(execution),
    ...unexpectedAnswers(execution),
    ...wrongAcceptance(execution),
    ...foreignId(execution),
  ];
}

const NONE: readonly Breach[] = [];

function breach(
  invariant: InvariantId,
  detail: string,
  clause: string = INVARIANTS[invariant].clause,
): Breach[] {
  return [{ invariant, clause, detail }];
}

/** No reaction is a hang after a legal SUBMIT (S1), after FIN, and where the target closes after each frame. */
function hangOf(sent: Sent, behaviour: ConnectionBehaviour): readonly Breach[] {
  const first = sent.frames[0];
  const isLegal = first?.type === 1 && isPlainlyLegal(first.payload);
  if (!isLegal && !behaviour.closes && sent.end !== 'fin') return NONE;
  const what = first === undefined ? 'what was sent' : `a complete frame of type ${first.type}`;
  return breach('reacts', `neither an answer nor a close followed ${what}`);
}

function illegalAnswers({ answers, strayBytes, reply }: Execution): readonly Breach[] {
  if (reply.ending === 'flood')
    return breach('answers-legally', 'the target sent more than one frame can hold');
  if (strayBytes > 0) {
    const isBegun = reply.ending !== 'fin' && beginsAnswer(reply, strayBytes);
    if (!isBegun)
      return breach(
        'answers-legally',
        `the target sent ${strayBytes === 1 ? 'a byte that forms' : `${strayBytes} bytes that form`} no frame`,
      );
    // A kernel resets a connection that is closed with unread bytes, and so may discard a part of the answer (T5). A case that
    // resets its connection may do so before the rest of the answer arrives.
    if (reply.ending !== 'reset' && reply.ending !== 'own-reset')
      return breach(
        'reacts',
        `${counted(strayBytes, 'byte')} of an answer came, and the rest did not follow`,
      );
  }
  for (const answer of answers) {
    const fault = responseFault(answer.type, answer);
    if (fault !== undefined) return breach('answers-legally', fault.text, fault.clause);
  }
  return NONE;
}

/** Whether the last bytes can be the beginning of a legal answer. */
function beginsAnswer({ received, more }: Reply, strayBytes: number): boolean {
  // What more came than is kept is mostly one large answer.
  if (more) return true;
  const at = received.length - strayBytes;
  const header = readHeader(received, at);
  if (header) return ANSWER_TYPES.includes(header.type) && header.length <= PAYLOAD_CAP;
  const type = Buffer.from(received.subarray(at, at + TYPE_BYTES));
  return ANSWER_TYPES.some((one) => type.equals(uint32(one).subarray(0, type.length)));
}

const TYPE_BYTES = 4;

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(TYPE_BYTES);
  bytes.writeUInt32BE(value);
  return bytes;
}

function unexpectedAnswers({ sent, answers }: Execution): readonly Breach[] {
  if (answers.length <= sent.submits) return NONE;
  const first = sent.frames[0];
  if (first === undefined) return breach('answers-submits-only', 'an incomplete frame was answered', 'F4');
  // A frame that owes no answer is the likelier cause than a SUBMIT next to it, and stays the cause without that SUBMIT.
  const { type } = sent.frames.find((frame) => frame.type !== SUBMIT) ?? first;
  const clause = CLAUSE_OF_TYPE[type] ?? 'F7';
  const detail =
    sent.submits === 0
      ? `a frame of type ${first.type} was answered`
      : `the target sent ${answers.length} answers to ${sent.submits} SUBMIT frames`;
  return breach('answers-submits-only', detail, clause);
}

const CLAUSE_OF_TYPE: Readonly<Record<number, string>> = { 1: 'S1', 3: 'U1', 4: 'R1' };

/** Only where the first answer can belong to the first frame only. */
function wrongAcceptance({ sent, answers }: Execution): readonly Breach[] {
  const [submit] = sent.frames;
  const [answer] = answers;
  if (submit?.type !== 1 || answer === undefined || statusOf(answer) !== 200) return NONE;
  const isToFirst = sent.submits === 1 || answers.length === sent.submits;
  if (!isToFirst || isPlainlyLegal(submit.payload)) return NONE;
  const violation = violationOf(submit.payload);
  return violation
    ? breach(
        'accepts-legal-only',
        `the target answered 200 to a SUBMIT that ${violation.what}`,
        violation.clause,
      )
    : NONE;
}

/**
 * Only where the ids of all SUBMIT frames of the connection are certain. A 400 has to name its task only where each of them
 * is legal beyond doubt: the id in an answer of 400 to a malformed SUBMIT is free (S6).
 */
function foreignId({ sent, answers }: Execution): readonly Breach[] {
  // An answer may be to a frame of another type, which is a breach of its own.
  if (answers.length > sent.submits || sent.frames.length > sent.submits) return NONE;
  for (const answer of answers) {
    const { taskId } = answer;
    if ('problem' in taskId) continue;
    // Of a long id, only the beginning is known.
    const isOwn = (id: string): boolean =>
      taskId.omitted ? id.startsWith(taskId.value) : id === taskId.value;
    const shown = `"${taskId.value}${taskId.omitted ? '' : '"'}`;
    // As bytes: Node.js 24 ends with an assertion when it searches a text with half a surrogate pair, which an id may be.
    if (sent.bytes.includes(Buffer.from(`"task_id":${shown}`))) continue;
    const submits = sent.frames.filter(({ type }) => type === 1).map(({ payload }) => payload);
    if (statusOf(answer) !== 200 && !submits.every(isOrdinary)) continue;
    const ids = submits.map(taskIdOf);
    if (!ids.some((id) => id === undefined || isOwn(id)))
      return breach('answers-own-id', `the answer's task_id is ${JSON.stringify(taskId.value)}`);
  }
  return NONE;
}

/** The status of an answer; undefined if it has none. */
export function statusOf({ status }: Answer): number | undefined {
  return 'value' in status ? status.value : undefined;
}
