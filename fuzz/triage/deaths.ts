/**
 * Deaths of the target, and whether two of them have one cause. What the process said at its end decides: a case that stops
 * the target in another way is another fault.
 */

import type { ProcessEnd } from '../../conformance/observers/observer.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type CrashCause, causeText, crashCauseOf, hasEnded, identifies } from './crash/cause.ts';
import { isFatal } from './fatal-symptom.ts';

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
