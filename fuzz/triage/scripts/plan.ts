/**
 * What a reproducer does, as data: the steps of each connection, what is owed on it, and how the invariant is judged. The
 * programs in bash, Node.js and Python carry the same plan, so that they decide alike.
 */

import { isOrdinary, isPlainlyLegal, taskIdOf } from '../../../conformance/judge/must-not-accept.ts';
import { printable } from '../../../conformance/util/printable.ts';
import { type Action, type Case, encodeAction } from '../../case/case.ts';
import { mustReact, readSent, type Sent } from '../../case/sent.ts';
import { INVARIANTS, type InvariantId } from '../../oracle/invariants.ts';

/** The part of a finding that a reproducer needs. */
export interface Reproducible {
  readonly id: string;
  readonly invariant: InvariantId;
  readonly clause: string;
  /** Unescaped. */
  readonly detail: string;
  readonly value: Case;
  readonly failed: number;
  readonly attempts: number;
  /** Present if the case shows the fault only on a target that was just started. */
  readonly history?: 'messages' | 'count';
  /** Present if no single case is known to show it. */
  readonly isUnpinned?: true;
  /** Why connections do not show it: a clause of a sentence. Absent if they may. */
  readonly unseen?: string;
}

/** One step on a connection. */
export type Step =
  /** Bytes in hex; with `segment`, in pieces of this many bytes. */
  | { readonly send: string; readonly segment?: number }
  | { readonly pauseMs: number }
  | { readonly end: 'fin' | 'reset' };

export interface ConnectionPlan {
  readonly steps: readonly Step[];
  /** When the target has to react: always, only if it closes connections after a frame, or never. */
  readonly owes: 'always' | 'if-closes' | 'never';
  /** Complete SUBMIT frames: most answers that are legal. */
  readonly submits: number;
  /** The task ids of an answer that are right, as JSON strings without quotes, in hex; undefined if any may be. */
  readonly ids?: readonly string[];
  /** Whether an answer of 400 has to name one of the ids, too. */
  readonly isStrict: boolean;
}

/** How the invariant is judged. 'none': one case on one server does not show it. */
export type Check =
  | Exclude<InvariantId, 'serves-after' | 'frees-resources' | 'keeps-to-store' | 'agrees'>
  | 'none';

export interface Plan {
  /** Letters, digits and hyphens: it is part of file names. */
  readonly id: string;
  /** The lines at the head. One line each, escaped. */
  readonly about: readonly string[];
  readonly check: Check;
  /** With 'none': why. */
  readonly reason: string;
  /** Why it proves nothing that the fault does not show: a clause of a sentence. Empty if it does. */
  readonly doubt: string;
  /** How often the case is tried. More than once if it is not steady. */
  readonly tries: number;
  readonly isAtOnce: boolean;
  readonly connections: readonly ConnectionPlan[];
}

/** A case that failed in some of its attempts is tried so often. */
const UNSTEADY_TRIES = 10;
/** UTF-16 units of what was observed. */
const MOST_DETAIL = 400;

export function planOf(finding: Reproducible): Plan {
  const { invariant, clause, detail, value, failed, attempts, history } = finding;
  const id = finding.id.replaceAll(/[^\w-]/g, '_');
  const check = CHECKS[invariant];
  const unseen = value.connections.length === 0 ? 'the finding has no case' : finding.unseen;
  return {
    id,
    about: [
      `${id} (clause ${printable(clause)}): ${INVARIANTS[invariant].requirement}`,
      `Observed: ${printable(detail, MOST_DETAIL)}`,
      `Shown in ${failed} of ${attempts} attempts.`,
      ...(history === undefined
        ? []
        : ['Start the server again before each run: what it received before counts.']),
    ],
    check: unseen === undefined ? check : 'none',
    reason: unseen ?? REASONS[invariant] ?? '',
    doubt: doubtOf(finding),
    tries: failed < attempts ? UNSTEADY_TRIES : 1,
    isAtOnce: value.arrangement === 'at-once',
    connections: value.connections.map((actions) => {
      const sent = readSent(actions);
      return { steps: actions.map(stepOf), owes: owedOn(sent), ...answersOf(sent) };
    }),
  };
}

function doubtOf({ isUnpinned, failed, attempts }: Reproducible): string {
  if (isUnpinned) return 'no single case is known to show it';
  if (attempts < 2) return 'it was not confirmed when it was found';
  return failed < attempts ? `it showed in ${failed} of ${attempts} attempts only when it was found` : '';
}

const CHECKS: Readonly<Record<InvariantId, Check>> = {
  survives: 'survives',
  'serves-after': 'survives',
  reacts: 'reacts',
  'answers-legally': 'answers-legally',
  'accepts-legal-only': 'accepts-legal-only',
  'answers-submits-only': 'answers-submits-only',
  'answers-own-id': 'answers-own-id',
  'keeps-apart': 'none',
  'reads-segments': 'none',
  'frees-resources': 'none',
  idles: 'none',
  scales: 'none',
  'keeps-to-store': 'none',
  'stores-as-sent': 'none',
  agrees: 'none',
};

const REASONS: Partial<Readonly<Record<InvariantId, string>>> = {
  'frees-resources': 'resources grow with many cases, and only next to the process of the target',
  'keeps-apart': 'what one connection leaves for another depends on what the target did before',
  'reads-segments': 'a frame fares differently only where it is compared with itself',
  idles: 'the processor time of the target is not seen through a connection',
  scales: 'the time of one case shows nothing; that of several sizes is compared',
  'stores-as-sent': 'the files of the target are not seen through a connection',
  'keeps-to-store': 'the files of the target are not seen through a connection',
  agrees: 'a difference needs two implementations',
};

function stepOf(action: Action): Step {
  switch (action.do) {
    case 'frame':
    case 'bytes': {
      const segment = action.do === 'frame' ? action.segmentBytes : undefined;
      return { send: encodeAction(action).toString('hex'), ...(segment !== undefined && { segment }) };
    }
    case 'pause':
      return { pauseMs: action.ms };
    case 'fin':
    case 'reset':
      return { end: action.do };
  }
}

function owedOn(sent: Sent): ConnectionPlan['owes'] {
  const [first] = sent.frames;
  if (sent.end === 'reset') return 'never';
  if (sent.end === 'fin' || (first?.type === 1 && isPlainlyLegal(first.payload))) return 'always';
  return mustReact(sent, true) ? 'if-closes' : 'never';
}

function answersOf({ frames, submits }: Sent): Pick<ConnectionPlan, 'submits' | 'ids' | 'isStrict'> {
  const payloads = frames.filter(({ type }) => type === 1).map(({ payload }) => payload);
  const isStrict = payloads.every(isOrdinary);
  const ids = payloads.map(taskIdOf);
  const known = ids.filter((one) => one !== undefined);
  if (known.length < ids.length || frames.length > submits) return { submits, isStrict };
  return {
    submits,
    isStrict,
    ids: known.map((one) => Buffer.from(JSON.stringify(one).slice(1, -1)).toString('hex')),
  };
}
