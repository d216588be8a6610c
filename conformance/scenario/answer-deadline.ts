/** The deadline of an answer (S8), in the scenario that judges it. */

import type { Outcome, Scenario } from './scenario.ts';

/** The deadline of S8, in milliseconds, unless the run sets another: an answer within it is never late. */
export const ANSWER_WITHIN_MS = 5000;

/** The same scenario, in which an answer that may take as long as S8 permits may take `answerWithinMs`. It is never shortened. */
export function scenarioWithDeadline(scenario: Scenario, answerWithinMs: number): Scenario {
  const withinMs = Math.max(ANSWER_WITHIN_MS, answerWithinMs);
  const isBound = (outcome: Outcome): boolean =>
    outcome.kind === 'answers' && outcome.withinMs === ANSWER_WITHIN_MS;
  if (!scenario.accept.some(isBound)) return scenario;
  const accept = scenario.accept.map((outcome) => (isBound(outcome) ? { ...outcome, withinMs } : outcome));
  return { ...scenario, accept };
}
