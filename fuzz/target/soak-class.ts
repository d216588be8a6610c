/** Which cases can be soaked, and for which of them a target may rightly keep something in memory. */

import { isObjectText } from '../../conformance/judge/must-not-accept.ts';
import { type Case, caseSize } from '../case/case.ts';
import type { Execution } from '../execute/execute.ts';
import { statusOf } from '../oracle/invariants.ts';

/** In bytes. What a parser allocates for a small case is less than what a connection costs. */
const MOST_BYTES = 1024;

/** Whether the case is small and short: one connection, without pauses and without bytes one by one. */
export function isQuiet(value: Case): boolean {
  const [actions, second] = value.connections;
  if (actions === undefined || second !== undefined || caseSize(value) > MOST_BYTES) return false;
  return actions.every((action) => action.do !== 'pause' && !(action.do === 'frame' && action.segmentBytes));
}

/** Whether the target may keep something of it in memory: an accepted task, or a message that is well formed. */
export function mayBeKept({ answers, sent }: Execution): boolean {
  return (
    answers.some((answer) => statusOf(answer) === 200) ||
    sent.frames.some(({ type, payload }) => (type === 3 || type === 4) && isObjectText(payload))
  );
}
