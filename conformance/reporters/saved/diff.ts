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
 * scenario that passed and has no verdict now is worse, and so is one that counts against the target and had no verdict.
 */
export interface Change {
  readonly id: string;
  readonly change: 'worse' | 'better' | 'other' | 'behaviour' | 'added' | 'removed';
  readonly before?: Side;
  readonly after?: Side;
}

/** Among verdicts of which both or neither count against the target, a better one has a higher rank. The others show nothing about it. */
const RANK: Readonly<Partial<Record<EffectiveVerdict['word'], number>>> = {
  pass: 4,
  flaky: 3,
  warning: 2,
  note: 2,
  known: 1,
  FAIL: 0,
};

/** The changes; empty when there are none. Scenarios that only one report has are 'added' or 'removed'. */
export function diff(before: Report, after: Report): readonly Change[] {
  const ofScenarios = matrixOf([before, after]).flatMap(({ id, records, differs }): Change[] => {
    if (!differs) return [];
    const [old, now] = records;
    const change = changeOf(
      old && effectiveVerdict(old, before.plan.strict),
      now && effectiveVerdict(now, after.plan.strict),
    );
    const sides = {
      ...(old && { before: sideOf(old, before) }),
      ...(now && { after: sideOf(now, after) }),
    };
    return [{ id, change, ...sides }];
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

function changeOf(
  before: EffectiveVerdict | undefined,
  after: EffectiveVerdict | undefined,
): Change['change'] {
  if (after === undefined) return 'removed';
  if (before === undefined) return after.conforms ? 'added' : 'worse';
  if (before.word === after.word && before.conforms === after.conforms) return 'behaviour';
  const [was, is] = [rankOf(before), rankOf(after)];
  if (was !== undefined && is !== undefined) return is < was ? 'worse' : is > was ? 'better' : 'other';
  const isLost = before.word === 'pass';
  // What could not be judged and still cannot be has shown nothing.
  const isNew = !after.conforms && (before.word === 'skipped' || is !== undefined);
  return isLost || isNew ? 'worse' : 'other';
}

function rankOf({ word, conforms }: EffectiveVerdict): number | undefined {
  const rank = RANK[word];
  return rank === undefined || !conforms ? rank : rank + 10;
}
