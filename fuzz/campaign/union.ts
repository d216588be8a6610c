/**
 * The union of the shards of one campaign, from their states: statistics are added, findings with one id are one finding, and
 * the digest is that of the whole campaign. The shards may come in any order.
 */

import type { Shard } from '../../conformance/report/record.ts';
import { caseSize } from '../case/case.ts';
import { digestOf } from '../case/digest.ts';
import type { Finding } from '../triage/finding.ts';
import { Corpus } from './corpus.ts';
import type { CampaignAbout, CampaignState, EndReason, Observed } from './state.ts';
import { addStats, increase, newStats } from './stats.ts';
import type { CampaignResult } from './types.ts';

/** The states are not the shards of one campaign. The message is one line that says why. */
export class UnionError extends Error {
  override readonly name = 'UnionError';
}

/** A campaign whose shards were merged. */
export interface MergedCampaign {
  readonly seed: number;
  /** `elapsedMs` is that of the shard that took longest. */
  readonly result: CampaignResult;
  /** Why the campaign ended: the worst reason that a shard has. 'interrupted' if a shard has not ended. */
  readonly because: EndReason;
  /** The indices of the shards that have not ended. */
  readonly unfinished: readonly number[];
  /** That of the first shard that has one; it began with the earliest, and observed what every shard observed. */
  readonly about: CampaignAbout | undefined;
}

/** The first of these reasons that a shard has is the reason of the whole. */
const WORST_FIRST: readonly EndReason[] = [
  'interrupted',
  'target-lost',
  'against-lost',
  'findings',
  'time',
  'runs',
];

/** Takes the states one after another, so that only the union is in memory. */
export class CampaignUnion {
  readonly #stats = newStats();
  readonly #corpus = new Corpus();
  readonly #findings = new Map<string, Finding>();
  readonly #occurrences: Record<string, number> = {};
  readonly #reasons = new Set<EndReason>();
  readonly #unfinished: number[] = [];
  readonly #taken = new Set<number>();
  #first: { readonly state: CampaignState; readonly shard: Shard } | undefined;
  #about: CampaignAbout | undefined;
  #elapsedMs = 0;
  #restarts = 0;

  /** Throws a UnionError for a state that is no shard, is of another campaign, or has an index that was added before. */
  add(state: CampaignState): void {
    const shard = state.plan?.shard;
    if (shard === undefined) throw new UnionError('it is the state of a whole campaign, not of a shard');
    this.#first ??= { state, shard };
    const difference = differenceOf(this.#first.state, state);
    if (difference !== undefined) throw new UnionError(`the shards have different ${difference}`);
    if (this.#taken.has(shard.index))
      throw new UnionError(`shard ${shard.index} of ${shard.of} is given twice`);
    this.#taken.add(shard.index);
    addStats(this.#stats, state.stats);
    for (const [signature, value] of state.corpus) this.#corpus.add(signature, value);
    for (const finding of state.findings) this.#addFinding(finding);
    for (const [id, count] of Object.entries(state.occurrences)) increase(this.#occurrences, id, count);
    this.#elapsedMs = Math.max(this.#elapsedMs, state.elapsedMs);
    this.#restarts += state.restarts;
    if (state.ended === undefined || state.ended === 'interrupted') this.#unfinished.push(shard.index);
    this.#reasons.add(state.ended ?? 'interrupted');
    if (state.about !== undefined) this.#about = joined(this.#about, state.about);
  }

  /** Throws a UnionError if no state was added, or a shard is missing. */
  merged(): MergedCampaign {
    if (this.#first === undefined) throw new UnionError('there is no state to merge');
    const { shard, state } = this.#first;
    const missing = Array.from({ length: shard.of }, (_, at) => at + 1).filter(
      (index) => !this.#taken.has(index),
    );
    if (missing.length > 0)
      throw new UnionError(`these shards of ${shard.of} are missing: ${rangesOf(missing)}`);
    return {
      seed: state.seed,
      result: {
        stats: this.#stats,
        elapsedMs: this.#elapsedMs,
        corpus: this.#corpus,
        findings: [...this.#findings.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
        occurrences: this.#occurrences,
        restarts: this.#restarts,
      },
      because: WORST_FIRST.find((reason) => this.#reasons.has(reason)) ?? 'interrupted',
      unfinished: this.#unfinished.toSorted((one, other) => one - other),
      about: this.#about,
    };
  }

  #addFinding(finding: Finding): void {
    const before = this.#findings.get(finding.id);
    if (before === undefined || isBetter(finding, before)) this.#findings.set(finding.id, finding);
  }
}

/** What the states of one campaign have in common. Undefined if they have all of it. */
function differenceOf(one: CampaignState, other: CampaignState): string | undefined {
  const facets: Readonly<Record<string, (state: CampaignState) => unknown>> = {
    seeds: ({ seed }) => seed,
    'numbers of shards': ({ plan }) => plan?.shard?.of,
    'numbers of runs': ({ plan }) => plan?.runs,
    'shares of the feedback lane': ({ plan }) => plan?.feedback,
    'weights of mutations': ({ plan }) => Object.entries(plan?.weights ?? {}).toSorted(),
    'versions of the kit': ({ about }) => about?.kit,
  };
  for (const [name, facet] of Object.entries(facets)) {
    const values = [one, other].map((state) => JSON.stringify(facet(state)) ?? 'none');
    if (values[0] !== values[1]) return `${name}: ${values.join(', ')}`;
  }
  return undefined;
}

/** Steady before flaky, then minimal, then small. The digest decides between equals, so that the order of the shards does not. */
function isBetter(one: Finding, other: Finding): boolean {
  const rank = ({ failed, attempts, isMinimal, value }: Finding) =>
    [failed < attempts, !isMinimal, caseSize(value)].map(Number);
  const [mine, theirs] = [rank(one), rank(other)];
  const at = mine.findIndex((part, index) => part !== theirs[index]);
  if (at < 0) return digestOf(one.value) < digestOf(other.value);
  return (mine[at] ?? 0) < (theirs[at] ?? 0);
}

function joined(before: CampaignAbout | undefined, about: CampaignAbout): CampaignAbout {
  if (before === undefined) return about;
  const startedAt = before.startedAt < about.startedAt ? before.startedAt : about.startedAt;
  const observes = before.observes.filter((what: Observed) => about.observes.includes(what));
  return { ...before, startedAt, observes };
}

/** Ascending numbers in short, such as `1, 4-7`. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.to === number - 1) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
