/** How a case is tried: what counts as shown differs for deaths and for what connections show. */

import type { Case } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Symptom } from '../oracle/invariants.ts';
import type { Confirmer } from './confirm.ts';
import { type Death, deathOf, identifiedBy, isSameDeath } from './deaths.ts';

/** Both reject as the confirmer does. */
export interface Trials {
  /** In how many of the attempts the case shows it. */
  readonly count: (value: Case, attempts: number) => Promise<number>;
  /** The index of the first case that shows it, -1 if none does. */
  readonly firstThatShows: (candidates: readonly Case[]) => Promise<number>;
}

/** Of a death if there is one, and otherwise of the symptom. `waits`: of the attempts that are counted. */
export function trialsOf(
  symptom: Symptom,
  death: Death | undefined,
  confirmer: Confirmer,
  waits: Waits,
): Trials {
  if (death === undefined)
    return {
      count: (value, attempts) => confirmer.count(value, symptom, attempts, waits),
      firstThatShows: (candidates) => confirmer.firstThatShows(candidates, symptom),
    };
  return {
    count: (value, attempts) => countDeaths(value, death, attempts, confirmer),
    firstThatShows: (candidates) => firstWithDeath(candidates, death, confirmer),
  };
}

/** The same where each hang occupies the target with a loop, so that it has to be restarted. */
export function renewing({ count, firstThatShows }: Trials, symptom: Symptom, confirmer: Confirmer): Trials {
  return {
    count: async (value, attempts) => {
      await confirmer.renew(symptom);
      return count(value, attempts);
    },
    firstThatShows: async (candidates) => {
      const found = await firstThatShows(candidates);
      if (found >= 0) await confirmer.renew(symptom);
      return found;
    },
  };
}

/** The part of a confirmer that deaths need. */
export type Executor = Pick<Confirmer, 'deathlyAttempt' | 'firstThatShows' | 'lastEnd' | 'lastShown'>;

/** In how many of the attempts the case alone causes the death. Rejects as the confirmer does. */
export async function countDeaths(
  value: Case,
  death: Death,
  attempts: number,
  executor: Executor,
): Promise<number> {
  let shown = 0;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const [symptom] = await executor.deathlyAttempt(value, attempt);
    const seen = symptom && deathOf(symptom, executor.lastEnd);
    if (symptom === undefined || seen === undefined || !isSameDeath(death, seen)) continue;
    shown += 1;
    executor.lastShown = symptom;
  }
  return shown;
}

/** The index of the first case that causes the death, -1 if none does. Rejects as the confirmer does. */
export async function firstWithDeath(
  cases: readonly Case[],
  death: Death,
  executor: Executor,
): Promise<number> {
  const wanted = identifiedBy(death);
  for (let from = 0; from < cases.length; ) {
    const found = await executor.firstThatShows(cases.slice(from), death.symptom, wanted !== undefined);
    if (found < 0) return -1;
    const seen = deathOf(death.symptom, executor.lastEnd);
    // A smaller case whose report is missing could lead to another fault.
    if (wanted === undefined || (seen && identifiedBy(seen) === wanted)) return from + found;
    from += found + 1;
  }
  return -1;
}
