/** A case by where it comes from: small enough to be sent to a worker by the hundred, enough to make it again. */

import type { Case } from '../case/case.ts';
import type { Generated, Generator } from './generate.ts';

export type Recipe =
  /** The index-th of the seed: the base lane. */
  | { readonly lane: 'base'; readonly index: number }
  /** A mutation of an input that showed something new: the feedback lane. */
  | { readonly lane: 'feedback'; readonly parent: Case; readonly nonce: number }
  /** As it is: a seed input, or an earlier finding. */
  | { readonly lane: 'given'; readonly value: Case };

export function caseOf(recipe: Recipe, generator: Generator): Generated {
  switch (recipe.lane) {
    case 'base':
      return generator.at(recipe.index);
    case 'feedback':
      return generator.mutate(recipe.parent, recipe.nonce);
    case 'given':
      return { value: recipe.value, mutations: ['given'] };
  }
}
