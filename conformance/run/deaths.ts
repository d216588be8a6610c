/** Which attempt may have killed a target that no longer answers. Pure. */

import type { Scenario } from '../scenario/scenario.ts';
import { counted } from '../util/counted.ts';
import type { Attempt } from './attempt.ts';
import type { Begun, Ended } from './pass.ts';

/** Most attempts that run one by one after a death; those that had waited longest run as usual. */
const MAX_SUSPECTS = 32;

/** What runs after a death. `suspects` run one by one, with nothing else in flight, until one of them kills the target. */
export interface Suspicion {
  readonly suspects: readonly Scenario[];
  /** Too many to run one by one. */
  readonly others: readonly Scenario[];
}

/** Those that were still sending come first, and those that began last. */
export function suspectsOf(ended: Ended, inFlight: readonly Begun[]): Suspicion {
  const order = [ended, ...inFlight.toReversed()]
    .toSorted((a, b) => Number(a.isWaiting) - Number(b.isWaiting))
    .map(({ scenario }) => scenario);
  return { suspects: order.slice(0, MAX_SUSPECTS), others: order.slice(MAX_SUSPECTS) };
}

/**
 * The scenario and the result of the death of a target that cannot be started again. It counts against the only attempt that
 * did not merely wait.
 */
export function blame(ended: Ended, inFlight: readonly Ended[]): Pick<Ended, 'scenario' | 'attempt'> {
  const all = [ended, ...inFlight];
  const [active, ...others] = all.length === 1 ? all : all.filter(({ isWaiting }) => !isWaiting);
  if (active?.attempt.targetDied && others.length === 0) return active;
  const reason = `the target died while this and ${counted(inFlight.length, 'more scenario')} ran; --jobs 1 shows which one kills it`;
  return { scenario: ended.scenario, attempt: inconclusive(ended.attempt, reason) };
}

/** The result of a death of which none of the attempts in flight is the cause alone. A crash is never a pass. */
export function unrepeated(attempt: Attempt, inFlight: number): Attempt {
  const reason = `the target died while this and ${counted(inFlight, 'more scenario')} ran, and none of them ends it alone`;
  return { ...inconclusive(attempt, reason), ...saidBy(attempt) };
}

/** How the process of the target ended and what it said, if that is known. */
export function saidBy({ said }: Attempt): Pick<Attempt, 'said'> {
  return said ? { said } : {};
}

function inconclusive({ transcript, targetDied, durationMs }: Attempt, reason: string): Attempt {
  return { verdict: 'inconclusive', reason, transcript, targetDied, durationMs };
}
