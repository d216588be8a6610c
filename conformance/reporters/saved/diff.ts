/** Two reports held against each other: every change of a verdict, and of what the target does, permitted or not. */

import type { ScenarioRecord } from '../../report/record.ts';
import { type EffectiveVerdict, effectiveVerdict } from '../../report/summary.ts';
import { matrixOf } from '../common/matrix.ts';
import type { Report } from '../common/report.ts';

export interface Side {
  /** Absent for a trait of the target that no scenario judges. */
  readonly verdict?: EffectiveVerdict['word'];
  readonly behaviour: string;
  readonly because: string;
}

/** `change` tells a better verdict from a worse one; 'behaviour' is a change that leaves the verdict as it was. */
export interface Change {
  readonly id: string;
  readonly change: 'worse' | 'better' | 'other' | 'behaviour' | 'added' | 'removed';
  readonly before?: Side;
  readonly after?: Side;
}

/** The better the verdict, the higher; what tells nothing of the target is neither. */
const RANK: Readonly<Partial<Record<EffectiveVerdict['word'], number>>> = {
  pass: 4,
  warning: 3,
  known: 2,
  flaky: 1,
  FAIL: 0,
};

/** Empty when nothing changed. Scenarios that only one report has are 'added' or 'removed'. */
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
  return [...traitChanges(before, after), ...ofScenarios];
}

/** What the first look at the target showed, where the protocol leaves it free. */
function traitChanges(before: Report, after: Report): readonly Change[] {
  const traits = ['answers', 'policy', 'answerType', 'keepsOpen', 'isConcurrent'] as const;
  return traits.flatMap((trait): Change[] => {
    const [old, now] = [before, after].map(({ plan }) => String(plan.profile?.[trait] ?? 'not reached'));
    if (old === undefined || now === undefined || old === now) return [];
    const side = (behaviour: string): Side => ({ behaviour, because: '' });
    return [{ id: `target/${trait}`, change: 'behaviour', before: side(old), after: side(now) }];
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
  const [was, is] = [before, after].map(({ verdict }) => verdict && RANK[verdict]);
  if (was === undefined || is === undefined) return 'other';
  return is < was ? 'worse' : 'better';
}
