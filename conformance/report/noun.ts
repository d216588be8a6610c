/** What a report counts: traffic is judged by rules, everything else by scenarios. */

import type { PlanRecord } from './record.ts';

/** The noun for one. Absent plan: a run that could not begin. */
export function nounOf(plan: Pick<PlanRecord, 'command'> | undefined): 'rule' | 'scenario' {
  return plan?.command === 'traffic' ? 'rule' : 'scenario';
}
