/** Counts over all conversations: types and sizes of frames, latencies of answers, statuses, endings, findings. */

import type { Finding, TrafficFrame } from '../traffic/conversation.ts';
import { nameOf, statusField } from './frame-fields.ts';

/** Numbers of one kind. */
export interface Distribution {
  readonly count: number;
  readonly total: number;
  readonly least: number;
  readonly most: number;
  /** How many are below each bound, and not below the one before; ascending. The last bound is Infinity. */
  readonly buckets: readonly { readonly below: number; readonly count: number }[];
}

/** A rule that was broken. */
export interface BrokenRule extends Pick<Finding, 'rule' | 'side' | 'clause' | 'level' | 'requirement'> {
  /** Conversations in which it was broken. */
  readonly conversations: number;
  /** The index of the first one, and what was seen there. */
  readonly first: number;
  readonly seen: string;
}

/** Bounds in milliseconds. S8 has 1 000 and 5 000. */
const LATENCY_BOUNDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 5000];
/** Bounds in bytes. */
const SIZE_BOUNDS = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];
/** Different statuses, or types, that are counted apart; all others are counted together. */
const MOST_NAMES = 32;
const OTHERS = 'others';

class Counter {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #total = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  constructor(bounds: readonly number[]) {
    this.#bounds = [...bounds, Number.POSITIVE_INFINITY];
    this.#counts = this.#bounds.map(() => 0);
  }

  add(value: number): void {
    const at = this.#bounds.findIndex((bound) => value < bound);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count += 1;
    this.#total += value;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  get distribution(): Distribution {
    const buckets = this.#bounds.map((below, at) => ({ below, count: this.#counts[at] ?? 0 }));
    return { count: this.#count, total: this.#total, least: this.#least, most: this.#most, buckets };
  }
}

export class Statistics {
  readonly #sizes = new Map<string, Counter>();
  readonly #statuses = new Map<string, number>();
  readonly #endings = new Map<string, number>();
  readonly #latencies = new Counter(LATENCY_BOUNDS);
  readonly #broken = new Map<string, BrokenRule>();
  conversations = 0;
  /** Conversations of which bytes are missing, and of which the beginning is. */
  incomplete = 0;
  /** SUBMITs that were answered with 400. */
  refusals = 0;

  frame(frame: TrafficFrame): void {
    const name = boundedName(this.#sizes, nameOf(frame));
    const sizes = this.#sizes.get(name) ?? new Counter(SIZE_BOUNDS);
    this.#sizes.set(name, sizes);
    sizes.add(frame.length);
    const status = statusField(frame);
    if (status === undefined) return;
    const isAnswer = frame.from === 'receiver';
    if (isAnswer && status === '400') this.refusals += 1;
    count(this.#statuses, `${isAnswer ? 'answer' : nameOf(frame)} ${status}`);
  }

  /** The time from the last byte of a SUBMIT to the last byte of its answer, in milliseconds. */
  latency(ms: number): void {
    this.#latencies.add(ms);
  }

  /** How a conversation ended, in words. */
  ending(words: string): void {
    count(this.#endings, words);
  }

  finding({ rule, side, clause, level, requirement, seen }: Finding, conversation: number): void {
    const before = this.#broken.get(rule);
    const conversations = (before?.conversations ?? 0) + 1;
    const first = before ?? { first: conversation, seen };
    this.#broken.set(rule, {
      ...{ rule, side, clause, level, requirement, conversations, first: first.first, seen: first.seen },
    });
  }

  /** Sizes of payloads in bytes, by the name of the type. */
  get sizes(): ReadonlyMap<string, Distribution> {
    return new Map([...this.#sizes].map(([name, counter]) => [name, counter.distribution]));
  }

  get statuses(): ReadonlyMap<string, number> {
    return this.#statuses;
  }

  get endings(): ReadonlyMap<string, number> {
    return this.#endings;
  }

  get latencies(): Distribution {
    return this.#latencies.distribution;
  }

  /** The broken rules: MUST first, and the one that most conversations broke. */
  get broken(): readonly BrokenRule[] {
    const rank = { MUST: 0, SHOULD: 1, MAY: 2 };
    return [...this.#broken.values()].sort(
      (one, other) => rank[one.level] - rank[other.level] || other.conversations - one.conversations,
    );
  }
}

function count(counts: Map<string, number>, name: string): void {
  const key = boundedName(counts, name);
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function boundedName(known: ReadonlyMap<string, unknown>, name: string): string {
  return known.has(name) || known.size < MOST_NAMES ? name : OTHERS;
}
