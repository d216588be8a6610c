/**
 * One integer, one case: (seed, index) → mixed to 32 bits → fast-check. Any case of a campaign can be had again in constant
 * time, whoever plays it, on how many connections and in which order; and the same integer hands it to the shrinker.
 */

import fc from 'fast-check';
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus';
import type { Case } from '../case/case.ts';
import { buildCase, type Edit, editCase } from '../case/edits.ts';
import { message } from './arbitraries/messages.ts';
import { sequence } from './model.ts';
import { MUTATIONS } from './mutations/index.ts';

export interface Generated {
  readonly value: Case;
  /** Names of what was done to the message, in order; 'legal' if nothing was. */
  readonly mutations: readonly string[];
}

/** Weights by name; what is not named has its own. */
export type Weights = Readonly<Record<string, number>>;

/** One case of so many is a sequence of messages, over several connections. */
const SEQUENCE_WEIGHT = 1;
const SINGLE_WEIGHT = 24;
/** How many cases have no mutation, how many one, two, three, four: one alone is the likeliest to get past a parser. */
const COUNT_WEIGHTS = [1, 8, 4, 2, 1];

interface DrawnEdit {
  readonly name: string;
  readonly edit: Edit;
}

/** Cases of one campaign. Building it costs milliseconds, a case microseconds. */
export class Generator {
  readonly #seed: number;
  readonly #cases: fc.Arbitrary<Generated>;
  readonly #edits: fc.Arbitrary<readonly DrawnEdit[]>;

  /** `seed` is of 32 bits. */
  constructor(seed: number, weights: Weights = {}) {
    this.#seed = seed;
    const edits = editsBy(weights);
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
    this.#cases = fc.oneof(
      { weight: SINGLE_WEIGHT, arbitrary: single },
      ...(sequences > 0 ? [{ weight: sequences, arbitrary: several }] : []),
    );
  }

  /** The case of this index, from 0 on. */
  at(index: number): Generated {
    return this.#draw(this.#cases, index).value;
  }

  /** The case of this index with what the shrinker needs to know of it. */
  treeAt(index: number): ShrinkTree {
    return treeOf(this.#cases, this.#draw(this.#cases, index));
  }

  /** A mutation of another case; the same `nonce` gives the same. */
  mutate(parent: Case, nonce: number): Generated {
    const drawn = this.#draw(this.#edits, nonce).value;
    return {
      value: editCase(
        parent,
        drawn.map(({ edit }) => edit),
      ),
      mutations: ['corpus', ...namesOf(drawn)],
    };
  }

  #draw<T>(arbitrary: fc.Arbitrary<T>, index: number): fc.Value<T> {
    const mixed = mix(this.#seed, index);
    // Half of the cases favour small and extreme values, half are drawn evenly.
    return arbitrary.generate(new fc.Random(xorshift128plus(mixed)), mixed & 1 ? BIAS : undefined);
  }
}

/** How strongly biased values are biased: one in so many is extreme. */
const BIAS = 2;

/** A generated case and the simpler ones next to it, each again with its own. */
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

function editsBy(weights: Weights): fc.Arbitrary<readonly DrawnEdit[]> {
  const taken = MUTATIONS.map((mutation) => ({
    ...mutation,
    weight: weights[mutation.name] ?? mutation.weight,
  })).filter(({ weight }) => weight > 0);
  if (taken.length === 0) return fc.constant([]);
  const one = fc.oneof(
    ...taken.map(({ name, weight, edits }) => ({
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

/** Two numbers of 32 bits into one, such that neighbours have nothing in common. */
export function mix(seed: number, index: number): number {
  let mixed = (Math.imul(seed ^ (seed >>> 16), 0x85ebca6b) + Math.imul(index, 0x9e3779b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
