/** What a case showed: its signature, and the breaches with the symptom by which each is known again. */

import type { Played } from '../execute/reply.ts';
import { type Breach, breachesOf, type Habits } from './invariants.ts';
import { replyShape, signaturesOf } from './signature.ts';

/** A breach, and what has to stay the same when its input is made smaller. */
export interface Symptom extends Breach {
  /** Invariant, clause and what the target did; nothing of what was sent. */
  readonly symptom: string;
}

export interface Judged {
  /** One for each connection that differs. */
  readonly signatures: readonly string[];
  readonly breaches: readonly Symptom[];
  /** Whether no connection came about: the target may be gone. */
  readonly isRefused: boolean;
}

/** How the target is when nothing is wrong. */
export interface Baseline extends Habits {
  /** How long it takes for a legal SUBMIT, in milliseconds. */
  readonly usualMs: number;
  /** Whether it serves several frames on a connection, and answers in their order. */
  readonly servesSeveral: boolean;
}

export function judge(played: readonly Played[], baseline: Baseline): Judged {
  const breaches: Symptom[] = [];
  for (const one of played) {
    // What came before, on a connection of several frames, is not what broke it, and goes as the case gets smaller.
    const last = { ...one, answers: one.answers.slice(-1) };
    for (const breach of breachesOf(one, baseline)) {
      const symptom = `${breach.invariant} ${breach.clause}: ${replyShape(last)}`;
      if (!breaches.some((other) => other.symptom === symptom)) breaches.push({ ...breach, symptom });
    }
  }
  const isRefused = played.some(({ reply }) => reply.ending === 'refused');
  return { signatures: signaturesOf(played, baseline.usualMs), breaches, isRefused };
}
