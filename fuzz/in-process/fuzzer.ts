/**
 * Fuzzes the reference's codec in this process. The cases are those of a campaign; properties replace the wire, and V8's
 * coverage replaces signatures. A case that reaches new code joins the corpus and is mutated.
 */

import { Corpus } from '../campaign/corpus.ts';
import { Scheduler } from '../campaign/scheduler.ts';
import { type Case, encodeActions } from '../case/case.ts';
import { Generator } from '../generate/generate.ts';
import { minimise } from '../triage/reduce/minimise.ts';
import type { Coverage } from './coverage.ts';
import { type BrokenProperty, findBrokenProperty } from './properties.ts';

/** The property that a stream of these bytes breaks, if any. */
export type Check = (bytes: Uint8Array) => BrokenProperty | undefined;

export interface CodecFuzzerOptions {
  /** A whole number of 32 bits. */
  readonly seed: number;
  /** Number of cases. */
  readonly runs: number;
  /** Must have been started. Without it, there is no feedback lane. */
  readonly coverage?: Coverage | undefined;
  /** Default: every property. */
  readonly check?: Check;
  readonly signal?: AbortSignal | undefined;
}

export interface Counterexample extends BrokenProperty {
  /** Minimised. */
  readonly value: Case;
}

export interface CodecFuzzerResult {
  readonly cases: number;
  /** One counterexample for each property that was broken. */
  readonly broken: readonly Counterexample[];
  /** Cases that reached new code. */
  readonly corpus: Corpus;
}

/** Cases between two coverages. */
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

/** Adds to the corpus, one after another, the cases of the batch that have reached new code. */
async function keepNewCoverage(
  batch: readonly Case[],
  coverage: Coverage,
  corpus: Corpus,
  check: Check,
): Promise<void> {
  const run = (values: readonly Case[]): Promise<string | undefined> => {
    for (const value of values) brokenByCase(value, check);
    return coverage.takeNew();
  };
  for (let novelty = await coverage.takeNew(); novelty !== undefined; novelty = await run(batch)) {
    let candidates = batch;
    while (candidates.length > 1) {
      const half = candidates.slice(0, Math.ceil(candidates.length / 2));
      candidates = (await run(half)) === undefined ? candidates.slice(half.length) : half;
    }
    const reached = await run(candidates);
    coverage.markSeen();
    const [value] = candidates;
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
