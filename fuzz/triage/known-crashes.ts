/**
 * Learns crash patterns from the cases that stopped the target. A pattern holds until a harmless case matches it, so one that
 * is too wide does not last: some of the cases that match are sent all the same.
 */

import type { Case } from '../case/case.ts';
import { caseSize } from '../case/case.ts';
import { type CrashPattern, matchesCrash, sizesOf } from '../generate/crash-pattern.ts';
import { featuresOf, surelyRead } from '../generate/features.ts';

/** Harmless cases that a new pattern is compared with. */
const KEPT_HARMLESS = 512;
/** In bytes. Larger harmless cases are not kept. */
const LARGEST_KEPT = 16 * 1024;
/** Fewer bytes are part of many cases that have nothing to do with the crash. */
const LEAST_BYTES = 3;

interface Learned {
  /** The id of the finding. */
  readonly id: string;
  readonly pattern: CrashPattern;
}

export class KnownCrashes {
  /** Whether a harmless case had this feature. */
  readonly #isHarmless: (feature: string) => boolean;
  #learned: readonly Learned[] = [];
  readonly #harmless: Case[] = [];
  #next = 0;

  constructor(isHarmless: (feature: string) => boolean) {
    this.#isHarmless = isHarmless;
  }

  /** Learns from the smallest case of a crash that belongs to the finding with this id. */
  learn(id: string, smallest: Case): void {
    const fresh = patternsOf(smallest)
      .map((pattern): Learned => ({ id, pattern }))
      .filter((learned) => !this.#harmless.some((value) => matchesCrash(value, this.#narrowed([learned]))));
    this.#learned = [...this.#learned, ...fresh];
  }

  /** Drops the patterns that the case matches, because it stopped nothing. */
  addHarmless(harmless: Case): void {
    const value = surelyRead(harmless);
    this.#learned = this.#learned.filter((learned) => !matchesCrash(value, this.#narrowed([learned])));
    if (caseSize(value) > LARGEST_KEPT) return;
    this.#harmless[this.#next] = value;
    this.#next = (this.#next + 1) % KEPT_HARMLESS;
  }

  /** All patterns. */
  get patterns(): readonly CrashPattern[] {
    return this.#narrowed(this.#learned);
  }

  /** Whether a pattern of the finding with this id explains that the case stops the target. */
  explains(id: string, value: Case): boolean {
    return matchesCrash(value, this.#narrowed(this.#learned.filter((learned) => learned.id === id)));
  }

  /** Features that harmless cases had do not distinguish a crash, unless no other is left. */
  #narrowed(learned: readonly Learned[]): readonly CrashPattern[] {
    return learned.map(({ pattern }) => {
      if (pattern.kind !== 'features') return pattern;
      const features = pattern.features.filter((feature) => !this.#isHarmless(feature));
      return features.length === 0 ? pattern : { kind: 'features', features };
    });
  }
}

/** What a later case of the same crash may have in common with this one: features, bytes or sizes. */
function patternsOf(smallest: Case): readonly CrashPattern[] {
  const features = generalised([...featuresOf(smallest)]);
  const [[first, ...later] = [], ...others] = smallest.connections;
  const isSingle = first !== undefined && later.length === 0 && others.length === 0;
  // The minimised case is a SUBMIT wherever the type does not matter.
  const type = isSingle && first.do === 'frame' && first.type !== 1 ? { type: first.type } : {};
  const isExact = isSingle && first.do === 'frame' && first.declared.kind === 'exact';
  const sizes = Object.fromEntries(sizesOf(smallest));
  return [
    ...(features.length > 0 ? [{ kind: 'features' as const, features }] : []),
    ...(isExact && first.payload.length >= LEAST_BYTES
      ? [{ kind: 'bytes' as const, ...type, bytes: Uint8Array.from(first.payload) }]
      : []),
    ...(Object.keys(sizes).length > 0 ? [{ kind: 'sizes' as const, ...type, sizes }] : []),
  ];
}

/** Without the features that follow from a more general one. */
function generalised(features: readonly string[]): readonly string[] {
  const isGeneral = (feature: string): boolean => feature.endsWith(' with an exponent');
  return features.some(isGeneral)
    ? features.filter((feature) => isGeneral(feature) || !/^a (?:value|name) [-+.\dN]*[eE]/.test(feature))
    : features;
}
