/** The difference of two reports: each change of a verdict or of the behaviour of the target, permitted or not. */

import { type EffectiveVerdict, effectiveVerdict } from '../../report/effective-verdict.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { matrixOf } from '../common/matrix.ts';
import type { Report } from '../common/report.ts';

/** A scenario in one of the two reports. */
export interface Side {
  /** The effective verdict in one word. Absent for a feature of the target that no scenario judges. */
  readonly verdict?: EffectiveVerdict['word'];
  readonly behaviour: string;
  readonly because: string;
}

/**
 * A difference. 'behaviour' is a change of the behaviour with the same verdict; 'other' is neither better nor worse. A
 * scenario that passed and is now inconclusive or an error is worse.
 */
export interface Change {
  readonly id: string;
  readonly change: 'worse' | 'better' | 'other' | 'behaviour' | 'added' | 'removed';
  readonly before?: Side;
  readonly after?: Side;
}

/** A better verdict has a higher rank. A verdict that shows nothing about the target has no rank. */
const RANK: Readonly<Partial<Record<EffectiveVerdict['word'], number>>> = {
  pass: 4,
  warning: 3,
  note: 3,
  known: 2,
  flaky: 1,
  FAIL: 0,
};

/** The changes; empty when there are none. Scenarios that only one report has are 'added' or 'removed'. */
export function diff(before: Report, after: Report): readonly Change[] {
  const ofScenarios = matrixOf([before, after]).flatMap(({ id, records, differs }): Change[] => {
    if (!differs) return [];
    const [old, now] = records;
    const sides = {
      ...(old && { before: sideOf(old, before) }),
      ...(now && { after: sideOf(now, after) }),
    };
    return [{ id, change: changeOf(sides), ...sides }];
  });
  return [...featureChanges(before, after), ...ofScenarios];
}

/** Changes of what the preflight found, where the protocol permits several behaviours. */
function featureChanges(before: Report, after: Report): readonly Change[] {
  const features = ['answers', 'policy', 'answerType', 'keepsOpen', 'isConcurrent'] as const;
  return features.flatMap((feature): Change[] => {
    const [old, now] = [before, after].map(({ plan }) => String(plan.profile?.[feature] ?? 'not reached'));
    if (old === undefined || now === undefined || old === now) return [];
    const side = (behaviour: string): Side => ({ behaviour, because: '' });
    return [{ id: `target/${feature}`, change: 'behaviour', before: side(old), after: side(now) }];
  });
}

function sideOf(record: ScenarioRecord, { plan }: Report): Side {
  const because =
    record.verdict === 'fail' ? record.mismatches.join('; ') : record.verdict === 'pass' ? '' : record.reason;
  return { verdict: effectiveVerdict(record, plan.strict).word, behaviour: record.behaviour, because };
}

function changeOf({ before, after }: { readonly before?: Side; readonly after?: Side }): Change['change'] {
  if (before === undefined) return 'added';
  if (after === undefined) return 'removed';
  if (before.verdict === after.verdict) return 'behaviour';
  const isLost = after.verdict === 'inconclusive' || after.verdict === 'error';
  if (before.verdict === 'pass' && isLost) return 'worse';
  const [was, is] = [before, after].map(({ verdict }) => verdict && RANK[verdict]);
  if (was === undefined || is === undefined) return 'other';
  return is < was ? 'worse' : 'better';
}
