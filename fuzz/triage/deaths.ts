/**
 * Deaths of the target, and whether two of them have one cause. A case is executed alone, and what the process said at its
 * end decides: a case that stops the target in another way is another fault.
 */

import type { ProcessEnd } from '../../conformance/observers/observer.ts';
import type { Case } from '../case/case.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type Confirmer, isFatal } from './confirm.ts';
import { type CrashCause, causeText, crashCauseOf, hasEnded, identifies } from './crash/cause.ts';

/** What was wrong with the target, and why. */
export interface Death {
  readonly symptom: Symptom;
  /** Undefined if the kit did not start the target. */
  readonly end: ProcessEnd | undefined;
  /** Undefined if no report and no signal names it. */
  readonly cause: CrashCause | undefined;
}

/** The symptom of a target whose process has ended. A probe that comes while it ends sees one of several others. Permanent. */
const ENDED = { invariant: 'survives', symptom: 'survives T3: refuses connections' } as const;

/** The symptom of a target that accepts connections and is silent. Permanent. */
const HANGS = 'survives T3: does not react to a legal SUBMIT';

/** The death that the symptom and the end of the process show; undefined if the symptom is not fatal. */
export function deathOf(symptom: Symptom, end: ProcessEnd | undefined): Death | undefined {
  if (!isFatal(symptom)) return undefined;
  const isOver = end !== undefined && hasEnded(end);
  // A process that hangs or answers otherwise may have reported failures that it survived, and that are not the cause.
  const isOfReport = symptom.invariant === ENDED.invariant && symptom.symptom !== HANGS;
  const isReported = end !== undefined && (isOver || isOfReport);
  return {
    symptom: isOver ? { ...symptom, ...ENDED } : symptom,
    end,
    cause: isReported ? crashCauseOf(end) : undefined,
  };
}

/** The text of a cause that tells the fault from others; undefined if the input has to. */
export function identifiedBy({ cause }: Death): string | undefined {
  return cause !== undefined && identifies(cause) ? causeText(cause) : undefined;
}

/** Whether the two deaths have one cause, as far as it is known. A death whose report is missing may have any. */
export function isSameDeath(one: Death, other: Death): boolean {
  const [mine, theirs] = [identifiedBy(one), identifiedBy(other)];
  if (mine !== undefined && theirs !== undefined) return mine === theirs;
  return one.symptom.symptom === other.symptom.symptom;
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
