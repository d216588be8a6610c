/**
 * The signature of a connection: coarse text that says what was sent, how the connection ended, and the shape of the answer.
 * Equal signatures mean equal behaviour, as far as it is visible. A new signature marks a case as new behaviour. The
 * disposition, a part of it, says whether a smaller case shows the same symptom, and whether two findings have one cause. Both
 * are part of saved files, and the disposition of ids: their words are permanent.
 */

import { printable } from '../../conformance/util/printable.ts';
import type { Sent } from '../case/sent.ts';
import type { Reply } from '../execute/exchange.ts';
import type { Answer, Execution } from '../execute/execute.ts';

/** An answer is slow if it takes longer than this many times the usual latency, and longer than `SLOW_MS`. */
const SLOW_FACTOR = 20;
const SLOW_MS = 500;
/** In UTF-16 units. */
const SHOWN_MESSAGE = 60;
/** Frames that a signature describes. */
const SHOWN_FRAMES = 3;

/** Messages whose shape is remembered. Most targets have few messages; one that quotes its input has one for each case. */
const MOST_SHAPES = 1000;

/** Makes signatures. Remembers the shapes of messages, because a shape costs as much as the rest of a signature. */
export class Signatures {
  readonly #shapes = new Map<string, string>();

  /** One signature for each connection that differs. `usualMs` is the latency of a legal SUBMIT, in milliseconds. */
  of(executions: readonly Execution[], usualMs: number): readonly string[] {
    const all = executions.map((one) => `${sentShape(one.sent)} → ${this.#ofReply(one, usualMs)}`);
    return all.length === 1 ? all : [...new Set(all)];
  }

  /** The shape of the answers, how the connection ended, and whether it was slow. */
  #ofReply({ reply, answers, strayBytes }: Execution, usualMs: number): string {
    if (reply.received.length === 0) return ENDINGS[reply.ending];
    const shapes = answers.slice(0, SHOWN_FRAMES).map((answer) => {
      const { message } = answer;
      return headShape(answer) + ('value' in message ? ` "${this.#ofMessage(message.value)}"` : '');
    });
    const slow = reply.afterMs > Math.max(SLOW_MS, SLOW_FACTOR * usualMs) ? ' slow' : '';
    return [...new Set(shapes), strayBytes > 0 ? 'stray bytes' : '', ENDINGS[reply.ending] + slow]
      .filter(Boolean)
      .join(', ');
  }

  #ofMessage(message: string): string {
    const beginning = message.slice(0, 4 * SHOWN_MESSAGE);
    const known = this.#shapes.get(beginning);
    if (known !== undefined) return known;
    if (this.#shapes.size >= MOST_SHAPES) this.#shapes.clear();
    const shape = messageShape(beginning);
    this.#shapes.set(beginning, shape);
    return shape;
  }
}

/**
 * The disposition of a connection: the status of the answers, or how the connection ended without one. Messages, and what
 * happened to the connection after an answer, vary for one cause.
 */
export function dispositionOf({ reply, answers, strayBytes }: Execution): string {
  if (reply.received.length === 0) return ENDINGS[reply.ending];
  const shapes = answers.slice(0, SHOWN_FRAMES).map(headShape);
  const rest = reply.ending === 'flood' ? ENDINGS.flood : strayBytes > 0 ? 'stray bytes' : '';
  return [...new Set(shapes), rest].filter(Boolean).join(', ');
}

/** The type of an answer, where it is unusual, and its status. */
function headShape({ type, status }: Answer): string {
  return `${type === 1 ? '' : `type ${type} `}${'value' in status ? status.value : 'no status'}`;
}

/** The types of the frames, and how the sending ended: 'SUBMIT', 'SUBMIT+UPDATE cut short fin', 'nothing'. */
function sentShape({ frames, tail, end }: Sent): string {
  const types = frames.slice(0, SHOWN_FRAMES).map(({ type }) => TYPE_NAMES[type] ?? 'UNKNOWN');
  if (frames.length > SHOWN_FRAMES) types.push('more');
  const whole = [...new Set(types)].join('+') || (tail === 'none' ? 'nothing' : '');
  const tailWords = tail === 'none' ? '' : tail === 'incomplete' ? 'cut short' : 'over the cap';
  return [whole, tailWords, end === 'open' ? '' : end].filter(Boolean).join(' ');
}

const TYPE_NAMES: Readonly<Record<number, string>> = { 1: 'SUBMIT', 2: 'RESULT', 3: 'UPDATE', 4: 'RESULTS' };

const ENDINGS: Readonly<Record<Reply['ending'], string>> = {
  fin: 'closed',
  // A kernel resets a connection that is closed with unread data, so a reset counts as a close (T5).
  reset: 'closed',
  open: 'kept open',
  hung: 'no reaction',
  idle: 'waits for more',
  'own-reset': 'reset by us',
  refused: 'no connection',
  flood: 'floods',
};

/** The message without what belongs to one input only: what is quoted, ids, numbers. */
function messageShape(message: string): string {
  const shape = message
    .replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/g, '"…"')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}/gi, 'ID')
    .replaceAll(/\d+/g, 'N');
  return printable(shape, SHOWN_MESSAGE);
}
