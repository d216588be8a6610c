/**
 * Gives the codec case after case in this process: the generators of a campaign, claims instead of a wire, and instead of
 * signatures what V8 says has run. A case that reaches new code joins the corpus, and its mutations are given as well.
 */

import { Corpus } from '../campaign/corpus.ts';
import { Scheduler } from '../campaign/scheduler.ts';
import { type Case, encodeActions } from '../case/case.ts';
import { Generator } from '../generate/generate.ts';
import { minimise } from '../triage/minimise.ts';
import type { Coverage } from './coverage.ts';
import { type BrokenProperty, findBrokenProperty } from './properties.ts';

export type Check = (bytes: Uint8Array) => BrokenProperty | undefined;

export interface CodecFuzzerOptions {
  /** Of 32 bits. */
  readonly seed: number;
  /** Cases in all. */
  readonly runs: number;
  /** Begun; without it nothing guides the hunt. */
  readonly coverage?: Coverage | undefined;
  /** What is asked of the codec. Default: every claim. */
  readonly check?: Check;
  readonly signal?: AbortSignal | undefined;
}

export interface Counterexample extends BrokenProperty {
  /** As small as it gets. */
  readonly value: Case;
}

export interface CodecFuzzerResult {
  readonly cases: number;
  /** One for each claim that was broken. */
  readonly broken: readonly Counterexample[];
  /** Cases that reached new code. */
  readonly corpus: Corpus;
}

/** Cases between two looks at the coverage. */
const BATCH = 256;
const FEEDBACK = 0.3;
const MINIMISE_TRIES = 20_000;

export async function fuzzCodec(options: CodecFuzzerOptions): Promise<CodecFuzzerResult> {
  const { seed, runs, coverage, check = (bytes) => findBrokenProperty(bytes), signal } = options;
  const generator = new Generator(seed);
  const corpus = new Corpus();
  const scheduler = new Scheduler({ seed, runs, feedback: coverage === undefined ? 0 : FEEDBACK, given: [] });
  const broken = new Map<string, Counterexample>();
  let cases = 0;
  while (!scheduler.isDone(corpus) && signal?.aborted !== true) {
    const values = scheduler.next(BATCH, corpus).map((recipe) => generator.make(recipe).value);
    cases += values.length;
    for (const value of values) {
      const found = brokenByCase(value, check);
      if (found !== undefined && !broken.has(found.property))
        broken.set(found.property, await smallest(value, found, check));
    }
    if (coverage !== undefined) await keepNewCoverage(values, coverage, corpus, check);
  }
  return { cases, broken: [...broken.values()], corpus };
}

/** Keeps, one after another, the cases by which the batch has reached new code. */
async function keepNewCoverage(
  batch: readonly Case[],
  coverage: Coverage,
  corpus: Corpus,
  check: Check,
): Promise<void> {
  const play = (values: readonly Case[]): Promise<string | undefined> => {
    for (const value of values) brokenByCase(value, check);
    return coverage.takeNew();
  };
  for (let novelty = await coverage.takeNew(); novelty !== undefined; novelty = await play(batch)) {
    let suspects = batch;
    while (suspects.length > 1) {
      const half = suspects.slice(0, Math.ceil(suspects.length / 2));
      suspects = (await play(half)) === undefined ? suspects.slice(half.length) : half;
    }
    const reached = await play(suspects);
    coverage.markSeen();
    const [value] = suspects;
    if (reached === undefined || value === undefined) return;
    corpus.add(reached, value);
  }
}

function brokenByCase({ connections }: Case, check: Check): BrokenProperty | undefined {
  for (const actions of connections) {
    const found = check(encodeActions(actions));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function smallest(value: Case, found: BrokenProperty, check: Check): Promise<Counterexample> {
  const shrunk = await minimise(value, undefined, {
    firstThatShows: async (candidates) =>
      candidates.findIndex((candidate) => brokenByCase(candidate, check)?.property === found.property),
    budget: MINIMISE_TRIES,
    shouldStop: () => false,
  });
  return { ...(brokenByCase(shrunk.value, check) ?? found), value: shrunk.value };
}
