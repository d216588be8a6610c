/** What a report marks in the bytes of a connection. */

import type { Observation } from '../judge/observe.ts';
import type { Verdict } from '../judge/oracle.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answerFault } from './answer-fault.ts';
import { sentDifference } from './sent-difference.ts';
import type { Marks } from './span.ts';

/** The marks as a property of a record; no property if there are none. */
export function marksOf(
  scenario: Scenario,
  verdict: Verdict,
  observation: Observation,
): { readonly marks?: Marks } {
  const sent = sentDifference(scenario);
  const received = answerFault(verdict, observation);
  return sent || received ? { marks: { ...(sent && { sent }), ...(received && { received }) } } : {};
}
