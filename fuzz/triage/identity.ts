/** What the id of a finding is made of: the cause of a death, what a hanging process does, or what connections show. */

import { printable } from '../../conformance/util/printable.ts';
import type { Case } from '../case/case.ts';
import { isDifference, namesCause, type Symptom } from '../oracle/invariants.ts';
import type { Activity } from './activity.ts';
import { CALLER, causeText, placeText } from './crash/cause.ts';
import { type Death, identifiedBy } from './deaths.ts';
import { type Finding, findingId, shapeOf } from './finding.ts';

/** The id, and the cause that a person reads; the cause is absent if it is not known. */
export type Identity = Pick<Finding, 'id' | 'cause'>;

/** What is known of a breach after its case was minimised. */
export interface Evident {
  readonly symptom: Symptom;
  readonly value: Case;
  readonly distinguishing: readonly string[];
  readonly death: Death | undefined;
  readonly activity: Activity | undefined;
  /** As in a finding. */
  readonly history: Finding['history'];
}

/** UTF-16 units of a cause that a person reads. */
const MOST_CAUSE = 300;

const ACTIVITIES: Readonly<Record<Activity, string>> = {
  computes: 'the process computes',
  waits: 'the process waits',
};

/** The id of a fault that a report names, whatever case shows it. Undefined if no report does. */
export function idOfDeath(death: Death | undefined): string | undefined {
  const cause = death && identifiedBy(death);
  return cause === undefined ? undefined : findingId('survives', cause);
}

/** Whether the shown cause of a finding is that of the death, or the same failure in the same function with another caller. */
export function isInSamePlace({ cause }: Pick<Finding, 'cause'>, death: Death): boolean {
  if (cause === undefined || death.cause === undefined || identifiedBy(death) === undefined) return false;
  const place = printable(placeText(death.cause), MOST_CAUSE);
  return cause === place || cause.startsWith(`${place}${CALLER}`);
}

/** The cause of the death, or what the process of a hang does, for a person; escaped. */
export function shownCause(death: Death | undefined, activity?: Activity): Pick<Finding, 'cause'> {
  if (death?.cause) return { cause: printable(causeText(death.cause), MOST_CAUSE) };
  return activity === undefined ? {} : { cause: ACTIVITIES[activity] };
}

/**
 * The id follows from the report on a death where there is one, from the symptom where it names the cause, and else from the
 * symptom, what the process did, and the shape of the case.
 */
export function identityOf(evident: Evident): Identity {
  const { symptom, death, activity } = evident;
  const id = idOfDeath(death) ?? findingId(symptom.invariant, textOf(evident));
  return { id, ...shownCause(death, activity) };
}

function textOf({ symptom, value, distinguishing, death, activity, history }: Evident): string {
  if (isDifference(symptom.invariant)) return distinguishing.join();
  if (namesCause(symptom.invariant)) return symptom.symptom;
  const life = history && `history of ${history}`;
  const parts = [symptom.symptom, death?.cause?.kind, activity, shapeOf(value), life];
  return parts.filter((part) => part !== undefined).join('\n');
}
