/**
 * Gives the codec case after case in this process: the generators of a campaign, claims instead of a wire, and instead of
 * signatures what V8 says has run. A case that reaches new code joins the corpus, and its mutations are given as well.
 */

import { Corpus } from '../campaign/corpus.ts';
import { Plan } from '../campaign/scheduler.ts';
import { bytesOfAll, type Case } from '../case/case.ts';
import { Generator } from '../generate/generate.ts';
import { caseOf } from '../generate/recipe.ts';
import { shrink } from '../triage/minimise.ts';
import type { Coverage } from './coverage.ts';
import { type Broken, brokenBy } from './properties.ts';

export type Check = (bytes: Uint8Array) => Broken | undefined;

export interface HuntOptions {
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

export interface Quarry extends Broken {
  /** As small as it gets. */
  readonly value: Case;
}

export interface Hunted {
  readonly cases: number;
  /** One for each claim that was broken. */
  readonly broken: readonly Quarry[];
  /** Cases that reached new code. */
  readonly corpus: Corpus;
}

/** Cases between two looks at the coverage. */
const BATCH = 256;
const FEEDBACK = 0.3;
const SHRINK_TRIES = 20_000;

export async function hunt(options: HuntOptions): Promise<Hunted> {
  const { seed, runs, coverage, check = (bytes) => brokenBy(bytes), signal } = options;
  const generator = new Generator(seed);
  const corpus = new Corpus();
  const plan = new Plan({ seed, runs, feedback: coverage === undefined ? 0 : FEEDBACK, given: [] });
  const broken = new Map<string, Quarry>();
  let cases = 0;
  while (!plan.isDone(corpus) && signal?.aborted !== true) {
    const values = plan.next(BATCH, corpus).map((lot) => caseOf(lot, generator).value);
    cases += values.length;
    for (const value of values) {
      const found = brokenByCase(value, check);
      if (found !== undefined && !broken.has(found.claim))
        broken.set(found.claim, await smallest(value, found, check));
    }
    if (coverage !== undefined) await learn(values, coverage, corpus, check);
  }
  return { cases, broken: [...broken.values()], corpus };
}

/** Keeps, one after another, the cases by which the batch has reached new code. */
async function learn(
  batch: readonly Case[],
  coverage: Coverage,
  corpus: Corpus,
  check: Check,
): Promise<void> {
  const play = (values: readonly Case[]): Promise<string | undefined> => {
    for (const value of values) brokenByCase(value, check);
    return coverage.look();
  };
  for (let novelty = await coverage.look(); novelty !== undefined; novelty = await play(batch)) {
    let suspects = batch;
    while (suspects.length > 1) {
      const half = suspects.slice(0, Math.ceil(suspects.length / 2));
      suspects = (await play(half)) === undefined ? suspects.slice(half.length) : half;
    }
    const reached = await play(suspects);
    coverage.keep();
    const [value] = suspects;
    if (reached === undefined || value === undefined) return;
    corpus.add(reached, value);
  }
}

function brokenByCase({ connections }: Case, check: Check): Broken | undefined {
  for (const actions of connections) {
    const found = check(bytesOfAll(actions));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function smallest(value: Case, found: Broken, check: Check): Promise<Quarry> {
  const shrunk = await shrink(value, undefined, {
    firstThatShows: async (candidates) =>
      candidates.findIndex((candidate) => brokenByCase(candidate, check)?.claim === found.claim),
    budget: SHRINK_TRIES,
    isOver: () => false,
  });
  return { ...(brokenByCase(shrunk.value, check) ?? found), value: shrunk.value };
}
