/**
 * Makes cases from recipes. A case of the base lane follows from two integers: (seed, index) → mixed to 32 bits →
 * fast-check. So any case of a campaign can be generated again in constant time, in any thread and in any order, and
 * minimised by fast-check's shrinkers.
 */

import fc from 'fast-check';
import { xorshift128plus, xorshift128plusFromState } from 'pure-rand/generator/xorshift128plus';
import type { Case } from '../case/case.ts';
import { buildCase, type Edit, editCase } from '../case/edits.ts';
import { history } from './arbitraries/history.ts';
import { message } from './arbitraries/messages.ts';
import { sequence } from './model.ts';
import { MUTATIONS } from './mutations/index.ts';

/** What a case is made from: small enough to be sent to a worker by the hundred, sufficient to make the case. */
export type Recipe =
  /** The case with this index, from 0 on, of the seed. `draw`, default 0: from 1 on, another case in its place. */
  | { readonly lane: 'base'; readonly index: number; readonly draw?: number }
  /** A mutation of a case that showed something new. The same `nonce` and `draw` give the same mutation. */
  | { readonly lane: 'feedback'; readonly parent: Case; readonly nonce: number; readonly draw?: number }
  /** A case as it is: an input of the corpus, or an earlier finding. */
  | { readonly lane: 'given'; readonly value: Case };

export interface Generated {
  readonly value: Case;
  /** Names of the mutations, in order; 'legal' if there are none. */
  readonly mutations: readonly string[];
}

export interface Redrawn {
  readonly recipe: Recipe;
  readonly generated: Generated;
}

/** The names for `Weights`: every mutation, 'sequence' for a sequence of messages, 'history' for a longer one. Permanent. */
export const MUTATION_NAMES: readonly string[] = [
  ...MUTATIONS.map(({ name }) => name),
  'sequence',
  'history',
];

/** Weights by the names in `MUTATION_NAMES`, 0 or more. A name that is missing has its own weight. */
export type Weights = Readonly<Record<string, number>>;

/** Weights of a sequence of messages over several connections, of a history of a few tasks, and of a single message. */
const SEQUENCE_WEIGHT = 2;
const HISTORY_WEIGHT = 3;
const SINGLE_WEIGHT = 48;
/** Weights of 0, 1, 2, 3 and 4 mutations in a case. A single one is the most likely to pass a parser. */
const COUNT_WEIGHTS = [1, 8, 4, 2, 1];

interface DrawnEdit {
  readonly name: string;
  readonly edit: Edit;
}

/** Generates the cases of one campaign. The constructor takes milliseconds, a case microseconds. */
export class Generator {
  readonly #seed: number;
  readonly #cases: fc.Arbitrary<Generated>;
  readonly #edits: fc.Arbitrary<readonly DrawnEdit[]>;

  /** `seed` is of 32 bits. */
  constructor(seed: number, weights: Weights = {}) {
    this.#seed = seed;
    const edits = weightedEdits(weights);
    this.#edits = edits;
    const single = fc.tuple(message(), edits).map(
      ([legal, drawn]): Generated => ({
        value: buildCase(
          legal,
          drawn.map(({ edit }) => edit),
        ),
        mutations: namesOf(drawn),
      }),
    );
    const several = sequence().map((value): Generated => ({ value, mutations: ['sequence'] }));
    const sequences = weights['sequence'] ?? SEQUENCE_WEIGHT;
    const histories = weights['history'] ?? HISTORY_WEIGHT;
    const long = history().map((value): Generated => ({ value, mutations: ['history'] }));
    this.#cases = fc.oneof(
      { weight: SINGLE_WEIGHT, arbitrary: single },
      ...(sequences > 0 ? [{ weight: sequences, arbitrary: several }] : []),
      ...(histories > 0 ? [{ weight: histories, arbitrary: long }] : []),
    );
  }

  /** The case of a recipe. */
  make(recipe: Recipe): Generated {
    switch (recipe.lane) {
      case 'base':
        return this.at(recipe.index, recipe.draw);
      case 'feedback':
        return this.mutate(recipe.parent, recipe.nonce, recipe.draw);
      case 'given':
        return { value: recipe.value, mutations: ['given'] };
    }
  }

  /**
   * Another draw in place of the case of a recipe, and the recipe that makes it. Undefined if the recipe permits no other case,
   * or if all draws are to be avoided.
   */
  redraw(recipe: Recipe, isAvoided: (value: Case) => boolean): Redrawn | undefined {
    if (recipe.lane === 'given') return undefined;
    const { draw = 0 } = recipe;
    for (let more = 1; more <= MOST_DRAWS; more += 1) {
      const other: Recipe = { ...recipe, draw: draw + more };
      const generated = this.make(other);
      if (!isAvoided(generated.value)) return { recipe: other, generated };
    }
    return undefined;
  }

  /** The case with this index, from 0 on; `draw` as in a recipe. */
  at(index: number, draw = 0): Generated {
    return this.#draw(this.#cases, index, draw).value;
  }

  /** The case with this index, and the simpler cases that fast-check's shrinkers derive from it. */
  treeAt(index: number, draw = 0): ShrinkTree {
    return treeOf(this.#cases, this.#draw(this.#cases, index, draw));
  }

  /** A mutation of another case. The same `nonce` and `draw` give the same mutation. */
  mutate(parent: Case, nonce: number, draw = 0): Generated {
    const drawn = this.#draw(this.#edits, nonce, draw).value;
    return {
      value: editCase(
        parent,
        drawn.map(({ edit }) => edit),
      ),
      mutations: ['corpus', ...namesOf(drawn)],
    };
  }

  #draw<T>(arbitrary: fc.Arbitrary<T>, index: number, draw: number): fc.Value<T> {
    const first = mix(this.#seed, index);
    const mixed = draw === 0 ? first : mix(first, draw);
    // Half of the cases are biased towards small and extreme values, half are drawn evenly.
    return arbitrary.generate(new fc.Random(randomOf(mixed, index)), mixed & 1 ? BIAS : undefined);
  }
}

/**
 * `mixed` has 32 bits. The bits of the index above these are mixed into the rest of the generator's state: otherwise the cases
 * of a seed would repeat from index 2^32 on.
 */
function randomOf(mixed: number, index: number): ReturnType<typeof xorshift128plus> {
  const high = Math.floor(index / 2 ** 32);
  if (high === 0) return xorshift128plus(mixed);
  return xorshift128plusFromState([-1, ~mixed, mixed | 0, mix(mixed, high)]);
}

/** Other draws for a recipe whose case is to be avoided. */
const MOST_DRAWS = 16;
/** In a biased case, one of this many values is extreme. */
const BIAS = 2;

/** A generated case, and the simpler cases that can be derived from it, each with its own simpler cases. */
export interface ShrinkTree {
  readonly generated: Generated;
  readonly simpler: () => Iterable<ShrinkTree>;
}

function treeOf(arbitrary: fc.Arbitrary<Generated>, drawn: fc.Value<Generated>): ShrinkTree {
  return {
    generated: drawn.value,
    *simpler() {
      for (const next of arbitrary.shrink(drawn.value, drawn.context)) yield treeOf(arbitrary, next);
    },
  };
}

function namesOf(drawn: readonly DrawnEdit[]): readonly string[] {
  return drawn.length === 0 ? ['legal'] : drawn.map(({ name }) => name);
}

function weightedEdits(weights: Weights): fc.Arbitrary<readonly DrawnEdit[]> {
  const used = MUTATIONS.map((mutation) => ({
    ...mutation,
    weight: weights[mutation.name] ?? mutation.weight,
  })).filter(({ weight }) => weight > 0);
  if (used.length === 0) return fc.constant([]);
  const one = fc.oneof(
    ...used.map(({ name, weight, edits }) => ({
      weight,
      arbitrary: edits.map((edit): DrawnEdit => ({ name, edit })),
    })),
  );
  const exactly = (count: number): fc.Arbitrary<DrawnEdit[]> =>
    fc.array(one, { minLength: count, maxLength: count, size: 'max' });
  return fc.oneof(
    { withCrossShrink: true },
    ...COUNT_WEIGHTS.map((weight, count) => ({ weight, arbitrary: exactly(count) })),
  );
}

/** Mixes two numbers of 32 bits into one, such that neighbouring numbers give unrelated results. */
export function mix(seed: number, index: number): number {
  let mixed = (Math.imul(seed ^ (seed >>> 16), 0x85ebca6b) + Math.imul(index, 0x9e3779b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
