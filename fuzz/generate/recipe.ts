/** A case by where it comes from: small enough to be sent to a worker by the hundred, enough to make it again. */

import type { Case } from '../case/case.ts';
import type { Generated, Generator } from './generate.ts';

export type Lot =
  /** The index-th of the seed: the base lane. */
  | { readonly lane: 'base'; readonly index: number }
  /** A mutation of an input that showed something new: the feedback lane. */
  | { readonly lane: 'feedback'; readonly parent: Case; readonly nonce: number }
  /** As it is: a seed input, or an earlier finding. */
  | { readonly lane: 'given'; readonly value: Case };

export function caseOf(lot: Lot, generator: Generator): Generated {
  switch (lot.lane) {
    case 'base':
      return generator.at(lot.index);
    case 'feedback':
      return generator.mutate(lot.parent, lot.nonce);
    case 'given':
      return { value: lot.value, mutations: ['given'] };
  }
}
