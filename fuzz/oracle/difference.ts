/** How two implementations decide differently about one and the same case. A difference is no failure of either. */

import type { Played } from '../execute/reply.ts';
import { INVARIANTS, statusOf } from './invariants.ts';
import type { Symptom } from './judge.ts';

/** Undefined where they agree, or where nothing can be said. */
export function differenceOf(played: readonly Played[], others: readonly Played[]): Symptom | undefined {
  for (const [index, one] of played.entries()) {
    const other = others[index];
    // Whether a second frame is served is free (T2), and so is what becomes of a connection that was reset.
    if (other === undefined || one.sent.frames.length > 1 || one.sent.end === 'reset') continue;
    if (one.reply.ending === 'refused' || other.reply.ending === 'refused') continue;
    const mine = decisionOf(one);
    const theirs = decisionOf(other);
    if (mine !== theirs) return differs(`${mine} here, ${theirs} there`);
    if (idOf(one) !== idOf(other)) return differs(`${mine} on both sides, with different task ids`);
  }
  return undefined;
}

function differs(detail: string): Symptom {
  return { invariant: 'agrees', clause: INVARIANTS.agrees.clause, detail, symptom: `agrees: ${detail}` };
}

/** The status, or that there is no answer; closing and staying are alike. */
function decisionOf({ answers }: Played): string {
  const [first] = answers;
  return first === undefined ? 'no answer' : `status ${statusOf(first) ?? 'missing'}`;
}

function idOf({ answers }: Played): string | undefined {
  const id = answers[0]?.taskId;
  return id && 'value' in id ? id.value : undefined;
}
