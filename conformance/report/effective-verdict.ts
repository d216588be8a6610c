/** The verdict of a record combined with its level, as reports show it. */

import type { Level } from '../scenario/requirement.ts';
import type { KnownFailure, ScenarioRecord } from './record.ts';

/** The words of effective verdicts, in the order in which reports count them. */
export const WORDS = [
  'pass',
  'FAIL',
  'flaky',
  'warning',
  'note',
  'known',
  'inconclusive',
  'skipped',
  'error',
] as const;

/** An effective verdict in one word. */
export type Word = (typeof WORDS)[number];

/** The verdict of a record at its level, and whether a run with it can conform. */
export interface EffectiveVerdict {
  /**
   * A failed SHOULD is a warning, a failed MAY a note. A known failure does not count. Neither does a scenario that could not be
   * judged because its control is one.
   */
  readonly word: Word;
  readonly conforms: boolean;
}

/** The entry of the list of known failures because of which the record does not count, if there is one. */
export function knownOf(record: ScenarioRecord): KnownFailure | undefined {
  return record.verdict === 'fail' || record.verdict === 'inconclusive' ? record.known : undefined;
}

/** Whether a failure at this level counts against the target. */
export function isBinding(level: Level, strict: boolean): boolean {
  return level === 'MUST' || (level === 'SHOULD' && strict);
}

/** Which failures count for the limit of a run: those that are binding, without those that a list of known failures names. */
export function countsAsFailure(
  strict: boolean,
  knownFailures?: { readonly names: (id: string) => boolean },
): (scenario: { readonly id: string; readonly level: Level }) => boolean {
  return ({ id, level }) => isBinding(level, strict) && !knownFailures?.names(id);
}

export function effectiveVerdict(record: ScenarioRecord, strict: boolean): EffectiveVerdict {
  const binding = record.targetDied || (isBinding(record.level, strict) && !record.onlyAsControl);
  switch (record.verdict) {
    case 'pass':
    case 'skipped':
      return { word: record.verdict, conforms: true };
    case 'inconclusive':
      return record.known ? { word: 'known', conforms: true } : { word: 'inconclusive', conforms: !binding };
    case 'error':
      return { word: 'error', conforms: record.onlyAsControl };
    case 'fail':
      if (record.known) return { word: 'known', conforms: true };
      if (record.failedPlays < record.attempts) return { word: 'flaky', conforms: !binding };
      return { word: binding ? 'FAIL' : record.level === 'MAY' ? 'note' : 'warning', conforms: !binding };
  }
}

/** What a flaky record counts as. */
export function flakyCountsAs(record: ScenarioRecord, strict: boolean): 'failure' | 'warning' | 'note' {
  if (!effectiveVerdict(record, strict).conforms) return 'failure';
  return record.level === 'MAY' ? 'note' : 'warning';
}
