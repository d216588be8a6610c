/** What a report counts: traffic is judged by rules, everything else by scenarios. */

import type { PlanRecord } from './record.ts';

/** The noun for one. Absent plan: a run that could not begin. */
export function nounOf(plan: Pick<PlanRecord, 'command'> | undefined): 'rule' | 'scenario' {
  return plan?.command === 'traffic' ? 'rule' : 'scenario';
}

/** The noun for several, as a heading. */
export function headingOf(plan: Pick<PlanRecord, 'command'> | undefined): 'Rules' | 'Scenarios' {
  return nounOf(plan) === 'rule' ? 'Rules' : 'Scenarios';
}
