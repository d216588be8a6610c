/**
 * What the run has awaited for a full deadline in vain. A fault that makes one attempt wait often makes many attempts wait;
 * the full deadline is spent once for each kind of wait, and later attempts of the kind wait for `Deadlines.repeatMs`. Pure.
 */

import type { Scenario } from '../../scenario/scenario.ts';

/** What an attempt awaits last: an answer or a close of the target, or an effect on the store. */
const AWAITED = ['answer', 'close', 'effect'] as const;
export type Awaited = (typeof AWAITED)[number];

export class VainWaits {
  readonly #known = new Set<string>();

  /** What attempts of this kind have awaited in vain. */
  of(scenario: Scenario): ReadonlySet<Awaited> {
    return new Set(AWAITED.filter((awaited) => this.#known.has(kindOf(scenario, awaited))));
  }

  /** An attempt waited a full deadline in vain. */
  add(scenario: Scenario, awaited: Awaited): void {
    this.#known.add(kindOf(scenario, awaited));
  }

  /** Such an attempt passed when it was repeated, so the others of the kind get full deadlines again. */
  forget(scenario: Scenario): void {
    for (const awaited of AWAITED) this.#known.delete(kindOf(scenario, awaited));
  }
}

/** What the steps of a scenario await; undefined if that is silence. */
export function awaitedBy({ accept }: Scenario): Exclude<Awaited, 'effect'> | undefined {
  if (accept.some(({ kind }) => kind === 'silent' || kind === 'silent-until-reset')) return undefined;
  return accept.some(({ kind }) => kind === 'answers') ? 'answer' : 'close';
}

/** Attempts of one clause and one level that await the same are of one kind. */
function kindOf({ clause, level }: Scenario, awaited: Awaited): string {
  return `${clause} ${level} ${awaited}`;
}
