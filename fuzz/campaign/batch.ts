/**
 * Throws a list of cases at the target, many at a time, and sums up what came back. The rest of a shift is left when no
 * connection comes about any more: what was in flight then is suspect.
 */

import { availableParallelism } from 'node:os';
import type { Case } from '../case/case.ts';
import { addDigests, digestOf } from '../case/digest.ts';
import type { Waits } from '../execute/exchange.ts';
import { type Execution, readExecution } from '../execute/execute.ts';
import { PersistentConnection, singleFrameOf } from '../execute/persistent-connection.ts';
import { featuresOf } from '../generate/features.ts';
import type { Generated, Generator, Recipe } from '../generate/generate.ts';
import type { EvaluatedCase, Evaluation, Evaluator } from '../oracle/evaluator.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { countSignature, increase, newStats, type Stats } from './stats.ts';

/** A case that broke something, or showed something new. */
export interface Notable {
  readonly recipe: Recipe;
  readonly value: Case;
  readonly mutations: readonly string[];
  /** Those that were new. */
  readonly signatures: readonly string[];
  readonly breaches: readonly Symptom[];
}

/** Plain data, so that it can come from a worker. */
export interface BatchReport {
  readonly stats: Stats;
  readonly notable: readonly Notable[];
  /**
   * Where it ended early: places in the list of those that were in flight when a connection was refused for the first
   * time, and of those that have yet to be thrown.
   */
  readonly stopped?: { readonly inFlight: readonly number[]; readonly left: readonly number[] };
}

/** Sets of features: a case that has all of one is not thrown, it would bring the target down for a known reason. */
export type KnownCrashes = readonly (readonly string[])[];

/** A case that is ready to be thrown. */
interface ReadyCase extends Generated {
  /** Of one of the base lane. */
  readonly digest?: bigint;
}

interface SentCase extends EvaluatedCase {
  /** What was thrown in the end: the case, or more than that. */
  readonly shown: Case;
  /** Whether it was on a connection with others. */
  readonly isShared: boolean;
}

export interface BatchOptions {
  readonly evaluator: Evaluator;
  readonly generator: Generator;
  readonly jobs: number;
  readonly waits: Waits;
  readonly knownCrashes: KnownCrashes;
  /** Signatures that are not news. New ones are added. */
  readonly knownSignatures: Set<string>;
  readonly signal?: AbortSignal | undefined;
}

/** Connections in flight by default: enough to hide the target's latency, few enough to pin a culprit. */
export const DEFAULT_JOBS = 16 * Math.min(4, availableParallelism());

/** Cases that are made at a time: each takes a third of what it takes between two conversations, with the caches cold. */
const MADE_AHEAD = 64;

/** Frames that are under way on a connection that is kept. */
const CASES_PER_CONNECTION = 8;

export function runBatch(recipes: readonly Recipe[], options: BatchOptions): Promise<BatchReport> {
  return new Batch(recipes, options).run();
}

class Batch {
  readonly #recipes: readonly Recipe[];
  readonly #options: BatchOptions;
  readonly #stats = newStats();
  readonly #notable: Notable[] = [];
  readonly #inFlight = new Set<number>();
  /** Cases that never got there, because the target was gone. */
  readonly #refused: number[] = [];
  #suspects: readonly number[] | undefined;
  /** Cases that were made ahead, from a place in the list on. */
  #ready: { readonly from: number; readonly cases: readonly ReadyCase[] } = { from: 0, cases: [] };
  #baseDigest = 0n;
  #next = 0;

  constructor(recipes: readonly Recipe[], options: BatchOptions) {
    this.#recipes = recipes;
    this.#options = options;
  }

  async run(): Promise<BatchReport> {
    const { jobs } = this.#options;
    const lines = this.#lines();
    await Promise.all(Array.from({ length: jobs }, (_, nth) => this.#work(lines[nth % lines.length])));
    for (const line of lines) line.close();
    this.#stats.digest = addDigests('0', this.#baseDigest.toString(16));
    const report = { stats: this.#stats, notable: this.#notable };
    if (this.#suspects === undefined && this.#next === this.#recipes.length) return report;
    const inFlight = (this.#suspects ?? []).filter((place) => !this.#refused.includes(place));
    const left = [...this.#refused, ...this.#recipes.keys()].filter(
      (place, at) => at < this.#refused.length || place >= this.#next,
    );
    return { ...report, stopped: { inFlight, left } };
  }

  /** Connections that are kept, where the target keeps them; each is used by several workers. */
  #lines(): readonly PersistentConnection[] {
    const { jobs, evaluator, waits } = this.#options;
    const { address, against, behaviour } = evaluator.options;
    if (!behaviour.servesSeveral || against !== undefined) return [];
    return Array.from(
      { length: Math.ceil(jobs / CASES_PER_CONNECTION) },
      () => new PersistentConnection(address, waits),
    );
  }

  async #work(line: PersistentConnection | undefined): Promise<void> {
    const { signal } = this.#options;
    for (;;) {
      const place = this.#next;
      const recipe = this.#recipes[place];
      if (recipe === undefined || this.#suspects !== undefined || signal?.aborted) break;
      this.#next += 1;
      await this.#throw(recipe, place, line);
    }
  }

  async #throw(recipe: Recipe, place: number, line: PersistentConnection | undefined): Promise<void> {
    const { value, mutations, digest } = this.#made(recipe, place);
    if (this.#isKnownCrash(value)) {
      this.#stats.skipped += 1;
      this.#countBase(digest);
      return;
    }
    this.#inFlight.add(place);
    const { executions, shown, isShared, ...judged } = await this.#see(value, line);
    if (judged.isRefused) this.#suspects ??= [...this.#inFlight];
    this.#inFlight.delete(place);
    // With several connections, an earlier one may have been the end of the target.
    if (judged.isRefused && value.connections.length === 1) {
      this.#refused.push(place);
      return;
    }
    this.#countBase(digest);
    this.#count(mutations, judged, value, executions);
    if (isShared) this.#stats.shared += 1;
    else this.#stats.connections += executions.length;
    this.#note(shown === value ? recipe : { lane: 'given', value: shown }, shown, mutations, judged);
  }

  /** The case at this place; to be asked for one place after the other. */
  #made(recipe: Recipe, place: number): ReadyCase {
    const ready = this.#ready.cases[place - this.#ready.from];
    if (ready !== undefined) return ready;
    const first = this.#make(recipe);
    const others = this.#recipes.slice(place + 1, place + MADE_AHEAD).map((other) => this.#make(other));
    this.#ready = { from: place, cases: [first, ...others] };
    return first;
  }

  #make(recipe: Recipe): ReadyCase {
    const generated = this.#options.generator.make(recipe);
    if (recipe.lane !== 'base') return generated;
    return { ...generated, digest: BigInt(`0x${digestOf(generated.value)}`) };
  }

  /** On the connection that this worker keeps where that will do, else on connections of its own. */
  async #see(value: Case, line: PersistentConnection | undefined): Promise<SentCase> {
    const { evaluator, waits } = this.#options;
    const sent = line && singleFrameOf(value);
    if (line === undefined || sent === undefined)
      return { ...(await evaluator.run(value, waits)), shown: value, isShared: false };
    const reply = await line.exchange(sent);
    const executions = [readExecution(sent, reply)];
    const judged = evaluator.evaluate(executions);
    if (judged.breaches.length === 0 && !judged.isRefused)
      return { executions, ...judged, shown: value, isShared: true };
    // What is wrong shows alone, or with all that was said before. Else a late answer was taken for another's.
    const alone = await evaluator.run(value, waits);
    if (alone.breaches.length > 0 || alone.isRefused) return { ...alone, shown: value, isShared: false };
    const whole: Case = { arrangement: 'at-once', connections: [reply.history()] };
    return { ...(await evaluator.run(whole, waits)), shown: whole, isShared: false };
  }

  #isKnownCrash(value: Case): boolean {
    const { knownCrashes } = this.#options;
    if (knownCrashes.length === 0) return false;
    const features = featuresOf(value);
    return knownCrashes.some((all) => all.every((feature) => features.has(feature)));
  }

  #note(recipe: Recipe, value: Case, mutations: readonly string[], judged: Evaluation): void {
    const { knownSignatures } = this.#options;
    const signatures = judged.signatures.filter((signature) => !knownSignatures.has(signature));
    if (judged.breaches.length === 0 && (signatures.length === 0 || judged.isRefused)) return;
    for (const signature of signatures) knownSignatures.add(signature);
    this.#notable.push({ recipe, value, mutations, signatures, breaches: judged.breaches });
  }

  #countBase(digest: bigint | undefined): void {
    if (digest === undefined) return;
    this.#stats.baseCases += 1;
    this.#baseDigest += digest;
  }

  #count(
    mutations: readonly string[],
    judged: Evaluation,
    value: Case,
    executions: readonly Execution[],
  ): void {
    const stats = this.#stats;
    stats.cases += 1;
    for (const { sent } of executions) stats.bytes += sent.bytes.length;
    for (const actions of value.connections)
      stats.frames += actions.filter(({ do: what }) => what === 'frame').length;
    for (const name of mutations) increase(stats.mutations, name);
    for (const signature of judged.signatures) countSignature(stats, signature);
  }
}
