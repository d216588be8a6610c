/** The symptoms of an unhealthy target. After each of them, the target has to be restarted. */

import type { Symptom } from '../oracle/invariants.ts';
import type { Ailment } from '../target/checkup.ts';
import type { Health } from '../target/target.ts';

/** Whether the target has to be restarted after it. */
export function isFatal({ invariant }: Pick<Symptom, 'invariant'>): boolean {
  return invariant === 'survives' || invariant === 'serves-after';
}

/** What is wrong with a target whose process goes on. */
export const WITHOUT_END: readonly string[] = ['answers', 'hangs', 'closes'];

export function kindOf(ailment: Ailment): Health['kind'] | 'reported' {
  return ailment.kind === 'reported' ? 'reported' : ailment.health.kind;
}

/** The symptom of an unhealthy target. */
export function fatalSymptom(ailment: Ailment, ended: string | undefined): Symptom {
  const kind = kindOf(ailment);
  const invariant = kind === 'closes' || kind === 'answers' ? 'serves-after' : 'survives';
  const how = AILMENT_WORDS[kind];
  const detail = `after it, the target ${how}${ended === undefined ? '' : `; its process: ${ended}`}`;
  return { invariant, clause: 'T3', detail, symptom: `${invariant} T3: ${how}` };
}

/** Part of symptoms, and so of saved files and of ids: permanent. */
const AILMENT_WORDS: Readonly<Record<Health['kind'] | 'reported', string>> = {
  answers: 'answers a legal SUBMIT otherwise than before',
  hangs: 'does not react to a legal SUBMIT',
  closes: 'closes on a legal SUBMIT',
  refuses: 'refuses connections',
  reported: 'wrote a report of a sanitizer and goes on',
};

/** The process of the target goes on, and only its output shows the fault. */
export const REPORTED_SYMPTOM = `survives T3: ${AILMENT_WORDS.reported}`;

/** Of a target that the kit has stopped. */
export const NOT_STARTED = fatalSymptom(
  { kind: 'unhealthy', health: { kind: 'refuses', code: 'ECONNREFUSED' } },
  undefined,
);

/** The target is unhealthy, and does not become healthy again. */
export class TargetLostError extends Error {
  override readonly name: string = 'TargetLostError';
  readonly symptom: Symptom;

  /** The cause, if there is one, says why it could not be started again. */
  constructor(symptom: Symptom, options?: ErrorOptions) {
    super('the target does not come back', options);
    this.symptom = symptom;
  }
}
