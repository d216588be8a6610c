/** The table of effective verdicts, the same in every format. */

import { WORDS, type Word } from '../../report/effective-verdict.ts';
import type { Summary } from '../../report/summary.ts';
import { LEVELS } from '../../scenario/requirement.ts';

/** The columns: the words that occur in any of the runs, and always `pass` and `FAIL`. */
export function columnsOf(summaries: readonly Summary[]): readonly Word[] {
  return WORDS.filter(
    (word) => word === 'pass' || word === 'FAIL' || summaries.some((summary) => countOf(summary, word) > 0),
  );
}

/** How many scenarios have the effective verdict, at any level. */
export function countOf({ words }: Summary, word: Word): number {
  return LEVELS.reduce((sum, level) => sum + words[level][word], 0);
}
