/**
 * Learns crash patterns from the cases that stopped the target. A pattern holds until a harmless case matches it, so one that
 * is too wide does not last: some of the cases that match are sent all the same.
 */

import type { Case } from '../case/case.ts';
import { caseSize } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import {
  type CrashPattern,
  isWellFormed,
  LONGEST_VALUE,
  matchesCrash,
  sizesOf,
} from '../generate/crash-pattern.ts';
import { featuresOf, surelyRead } from '../generate/features.ts';
import { withoutBraces } from './finding.ts';

/** Harmless cases that a new pattern is compared with. */
const KEPT_HARMLESS = 512;
/** In bytes. Larger harmless cases are not kept. */
const LARGEST_KEPT = 16 * 1024;
/** Fewer bytes are part of many cases that have nothing to do with the crash. */
const LEAST_BYTES = 3;
/** Types of harmless cases that a pattern excepts. */
const MOST_EXCEPTED = 8;
/** The features of types that the protocol does not have: a target that fails at one of them mostly fails at all. */
const KNOWN_TYPES = 4;
const OTHER_TYPES = ['type 5', 'type unknown'];

interface Learned {
  /** The id of the finding. */
  readonly id: string;
  readonly pattern: CrashPattern;
  /** The type of the frame that stopped the target; undefined if its case is not a single frame. */
  readonly type: number | undefined;
}

export class KnownCrashes {
  /** Whether a harmless case had this feature, and with `isJson`, whether one of well-formed JSON had. */
  readonly #isHarmless: (feature: string, isJson: boolean) => boolean;
  #learned: readonly Learned[] = [];
  readonly #harmless: Case[] = [];
  #next = 0;

  constructor(isHarmless: (feature: string, isJson: boolean) => boolean) {
    this.#isHarmless = isHarmless;
  }

  /** Learns from the smallest case of a crash that belongs to the finding with this id, if no pattern explains it yet. */
  learn(id: string, smallest: Case): void {
    if (this.explains(id, smallest)) return;
    const type = onlyTypeOf(smallest);
    const fresh = patternsOf(smallest).map((pattern): Learned => ({ id, pattern, type }));
    this.#learned = [
      ...this.#learned,
      ...this.#harmless.reduce((left, value) => this.#disproved(left, value), fresh),
    ];
  }

  /** Narrows or drops the patterns that the case matches, because it stopped nothing. */
  addHarmless(harmless: Case): void {
    const value = surelyRead(harmless);
    this.#learned = this.#disproved(this.#learned, value);
    if (caseSize(value) > LARGEST_KEPT) return;
    this.#harmless[this.#next] = value;
    this.#next = (this.#next + 1) % KEPT_HARMLESS;
  }

  /** What is left after a harmless case: of another type than that of the crash, it says nothing about the crash itself. */
  #disproved(learned: readonly Learned[], value: Case): Learned[] {
    return learned.flatMap((one): Learned[] => {
      if (!matchesCrash(value, this.#narrowed([one]))) return [one];
      const type = onlyTypeOf(value);
      if (one.type === undefined || type === undefined || type === one.type) return [];
      const exceptTypes = [...(one.pattern.exceptTypes ?? []), type];
      return exceptTypes.length > MOST_EXCEPTED ? [] : [{ ...one, pattern: { ...one.pattern, exceptTypes } }];
    });
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
      const { isJson = false } = pattern;
      const features = pattern.features.filter((feature) => !this.#isHarmless(feature, isJson));
      return features.length === 0 ? pattern : { ...pattern, features };
    });
  }
}

/** The type of all frames of the case, if they have one. */
function onlyTypeOf({ connections }: Case): number | undefined {
  const types = new Set(connections.flatMap((actions) => readSent(actions).frames).map(({ type }) => type));
  const [type] = types;
  return types.size === 1 ? type : undefined;
}

/** What a later case of the same crash may have in common with this one: features, bytes or sizes. */
function patternsOf(smallest: Case): readonly CrashPattern[] {
  const features = generalised([...featuresOf(smallest)], sizesOf(smallest).size > 0);
  const [[first, ...later] = [], ...others] = smallest.connections;
  const isSingle = first !== undefined && later.length === 0 && others.length === 0;
  // The minimised case is a SUBMIT wherever the type does not matter.
  const type = isSingle && first.do === 'frame' && first.type !== 1 ? { type: first.type } : {};
  const isExact = isSingle && first.do === 'frame' && first.declared.kind === 'exact';
  const isJson = isExact && isWellFormed(first.payload);
  // Whether a size of one field or of any matters is not known, so both are tried.
  const { [LONGEST_VALUE]: longest, ...sizes } = Object.fromEntries(sizesOf(smallest));
  const anySize = longest === undefined ? {} : { [LONGEST_VALUE]: longest };
  const marks: CrashPattern[] = [
    ...(features.length > 0 ? [{ kind: 'features' as const, features }] : []),
    ...(isExact && first.payload.length >= LEAST_BYTES
      ? [{ kind: 'bytes' as const, ...type, bytes: Uint8Array.from(withoutBraces(first.payload)) }]
      : []),
    ...[sizes, anySize]
      .filter((some) => Object.keys(some).length > 0)
      .map((some) => ({ kind: 'sizes' as const, ...type, sizes: some })),
    ...(isExact && first.payload.length === 0 && first.type > KNOWN_TYPES
      ? OTHER_TYPES.map((feature) => ({ kind: 'features' as const, features: [feature] }))
      : []),
  ];
  return isJson ? marks.map((mark) => ({ ...mark, isJson })) : marks;
}

/** Without the features that follow from a more general one, and without classes of sizes where the sizes are a pattern. */
function generalised(all: readonly string[], hasSizes: boolean): readonly string[] {
  const features = hasSizes ? all.filter((feature) => !/ or more (?:bytes|characters)$/.test(feature)) : all;
  const isGeneral = (feature: string): boolean => feature.endsWith(' with an exponent');
  return features.some(isGeneral)
    ? features.filter((feature) => isGeneral(feature) || !/^a (?:value|name) [-+.\dN]*[eE]/.test(feature))
    : features;
}
