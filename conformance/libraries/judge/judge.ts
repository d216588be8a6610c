/** An answer and its case in, a finding out. Pure. */

import type { LibraryCase } from '../cases/case.ts';
import type { Answer } from '../pipe/interface.ts';
import { type Finding, fail } from './finding.ts';
import { judgeMessage } from './messages.ts';
import { judgePolo, type Reading } from './polo.ts';
import { judgeExtension, judgeIds, judgeInstant, judgeNoTime, judgeValidity } from './rules.ts';
import { judgeFrames, judgeTypeName } from './streams.ts';
import { judgeDuration, judgeExpiry, judgeNewTask, type Present } from './tasks.ts';
import { judgeFrame, judgeNoFrame, judgeTaskText } from './written.ts';

/** What a finding depends on besides the answer. */
export interface Circumstances {
  readonly present: Present;
  /** Of the rewards of this library; undefined if no answer shows it. */
  readonly reading: Reading | undefined;
}

export function judge(
  { expect, clause, level }: LibraryCase,
  answer: Answer,
  { present, reading }: Circumstances,
): Finding {
  if (answer.kind === 'unsupported')
    return { verdict: 'skipped', reason: 'the adapter does not support this request' };
  const isFree = level === 'MAY';
  switch (expect.kind) {
    case 'message':
    case 'malformed':
      return judgeMessage(expect, answer, clause, isFree);
    case 'frame':
      return freely(judgeFrame(expect, answer, clause), clause, isFree);
    case 'no-frame':
      return judgeNoFrame(answer);
    case 'frames':
      return judgeFrames(expect, answer, clause);
    case 'text':
      return judgeTypeName(expect.text, answer);
    case 'validity':
      return freely(judgeValidity(expect, answer, clause), clause, isFree);
    case 'task-text':
      return freely(judgeTaskText(expect, answer, clause), clause, isFree);
    case 'new-task':
      return judgeNewTask(expect, answer, present);
    case 'instant':
      return judgeInstant(expect, answer, isFree);
    case 'no-time':
      return judgeNoTime(expect, answer, isFree);
    case 'expiry':
      return judgeExpiry(expect, answer);
    case 'duration':
      return judgeDuration(expect, answer, present);
    case 'polo':
      return judgePolo(expect.times, answer, reading);
    case 'ids':
      return judgeIds(expect, answer);
    case 'extension':
      return judgeExtension(expect, answer);
  }
}

/** A difference that is free has no cause in the code. */
function freely(finding: Finding, clause: string, isFree: boolean): Finding {
  if (!isFree || finding.verdict !== 'fail') return finding;
  return fail(finding.got, finding.wanted, { cause: `treated otherwise, as is permitted (${clause})` });
}
