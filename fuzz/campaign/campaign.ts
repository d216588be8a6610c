/**
 * A campaign: shifts of cases, one after another, and between two of them a legal SUBMIT that has to fare as it did in the
 * beginning. What a shift shows is looked into while nothing else is thrown, so that a crashing can be told from who stood
 * beside it. Yields what happens; prints nothing.
 */

import { performance } from 'node:perf_hooks';
import { type Case, caseSize } from '../case/case.ts';
import { Generator, type Recipe } from '../generate/generate.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type Calibration, calibrate } from '../target/calibration.ts';
import { type Monitor, resourceMonitor, storeMonitor } from '../target/monitors.ts';
import { bisect } from '../triage/bisect.ts';
import { Confirmer, TargetLostError } from '../triage/confirm.ts';
import type { Finding, Origin } from '../triage/finding.ts';
import { Triage } from '../triage/triage.ts';
import { Corpus } from './corpus.ts';
import { Scheduler } from './scheduler.ts';
import type { CampaignState } from './state.ts';
import { addStats, newStats, type Stats } from './stats.ts';
import type { CampaignEvent, CampaignOptions, EndReason, Progress } from './types.ts';
import { inThisThread, inThreads, type WorkerPool } from './worker-pool.ts';

/** How long a shift is meant to take: a longer one leaves more candidates, a shorter one wastes more on the looks between. */
const BATCH_MS = 1000;
const SMALLEST_BATCH = 64;
const LARGEST_BATCH = 8192;
const DEFAULT_FEEDBACK = 0.3;
const DEFAULT_FINDINGS = 20;
const MINIMISE_TRIES = 4000;
const MINIMISE_MS = 60_000;
/** Harmless cases that are looked at after each shift, once there is something to compare them with. */
const HARMLESS_SAMPLE = 16;

/** Runs and tells. The last event is 'end', or the only one 'unreachable' or 'not-loopback'. */
export async function* campaign(options: CampaignOptions): AsyncGenerator<CampaignEvent, void> {
  const { target, newTaskId, signal, deadlineMs, onlyLoopback = true } = options;
  const met = await calibrate({ target, newTaskId, signal, deadlineMs, onlyLoopback });
  if (met.kind === 'calibrated') yield* new CampaignRun(options, met.calibration).events();
  else yield met;
}

class CampaignRun {
  readonly #options: CampaignOptions;
  readonly #seed: number;
  readonly #pool: WorkerPool;
  readonly #generator: Generator;
  readonly #confirmer: Confirmer;
  readonly #triage: Triage;
  readonly #monitors: readonly Monitor[];
  readonly #scheduler: Scheduler;
  readonly #corpus: Corpus;
  readonly #stats: Stats;
  readonly #beganAt: number;
  /** The last cases that were thrown before the target was seen to be gone. */
  #candidates: readonly Recipe[] = [];
  #batchSize = SMALLEST_BATCH;
  #isOtherGone = false;

  constructor(options: CampaignOptions, calibration: Calibration) {
    const { target, signal, runs, feedback = DEFAULT_FEEDBACK, jobs, saved, workers: threads = 1 } = options;
    const { behaviour, waits, confirmWaits } = calibration;
    const seed = saved?.seed ?? options.seed;
    const weights = options.weights ?? {};
    this.#options = options;
    this.#seed = seed;
    this.#beganAt = performance.now() - (saved?.elapsedMs ?? 0);
    this.#generator = new Generator(seed, weights);
    this.#scheduler = new Scheduler({ seed, runs, feedback, given: options.given ?? [] }, saved?.scheduler);
    this.#corpus = new Corpus(saved?.corpus);
    this.#stats = saved?.stats ?? newStats();
    const evaluator = { address: target.address, against: target.against, behaviour };
    const orders = { seed, weights, evaluator, waits, jobs };
    this.#pool = threads > 1 ? inThreads(threads, orders, signal) : inThisThread(orders, signal);
    this.#confirmer = new Confirmer({ ...calibration, target, jobs });
    this.#confirmer.restarts = saved?.restarts ?? 0;
    this.#triage = new Triage(
      {
        confirmer: this.#confirmer,
        confirmWaits,
        about: {
          usual_ms: behaviour.usualMs,
          closes_after_a_frame: behaviour.closes,
          serves_several: behaviour.servesSeveral,
        },
        minimiseTries: MINIMISE_TRIES,
        minimiseMs: MINIMISE_MS,
        signal,
      },
      saved,
    );
    this.#monitors = [
      ...(target.process ? [resourceMonitor(target.process)] : []),
      ...(target.tasksDir === undefined ? [] : [storeMonitor(target.tasksDir)]),
    ];
  }

  async *events(): AsyncGenerator<CampaignEvent, void> {
    yield { kind: 'start', seed: this.#seed };
    let because: EndReason | undefined;
    try {
      for (const monitor of this.#monitors) await monitor.begin();
      for (because = this.#endReason(); because === undefined; because = this.#endReason()) {
        yield* this.#batch();
        yield { kind: 'progress', progress: this.#progress() };
      }
    } catch (error) {
      if (!(error instanceof TargetLostError)) throw error;
      because = 'target-lost';
      const finding = this.#recordCandidates(error.symptom, 1);
      if (finding !== undefined) yield { kind: 'finding', finding };
    } finally {
      await this.#pool.close();
      this.#confirmer.release();
    }
    yield { kind: 'end', because, progress: this.#progress() };
  }

  #endReason(): EndReason | undefined {
    const { signal, timeMs, maxFindings = DEFAULT_FINDINGS } = this.#options;
    if (signal?.aborted) return 'interrupted';
    if (this.#isOtherGone) return 'against-lost';
    if (this.#triage.failures >= maxFindings) return 'findings';
    if (timeMs !== undefined && performance.now() - this.#beganAt >= timeMs) return 'time';
    return this.#scheduler.isDone(this.#corpus) ? 'runs' : undefined;
  }

  #progress(): Progress {
    const basis = {
      stats: this.#stats,
      elapsedMs: performance.now() - this.#beganAt,
      findings: [...this.#triage.findings.values()],
      occurrences: this.#triage.occurrences,
      restarts: this.#confirmer.restarts,
    };
    const state = (): CampaignState => ({
      ...basis,
      seed: this.#seed,
      scheduler: this.#scheduler.state,
      corpus: [...this.#corpus.entries()],
    });
    return { ...basis, corpus: this.#corpus, state };
  }

  /** Throws the next cases and looks into what they show. */
  async *#batch(): AsyncGenerator<CampaignEvent, void> {
    const recipes = this.#scheduler.next(this.#batchSize, this.#corpus);
    const recipesAt = (places: readonly number[] = []): Recipe[] =>
      recipes.filter((_, place) => places.includes(place));
    const beganAt = performance.now();
    const report = await this.#pool.run(recipes, this.#triage.knownCrashes);
    const { stopped } = report;
    const wantedSize = (recipes.length * BATCH_MS) / (performance.now() - beganAt);
    this.#batchSize = Math.round(
      Math.min(LARGEST_BATCH, 2 * recipes.length + 1, Math.max(SMALLEST_BATCH, wantedSize)),
    );
    addStats(this.#stats, report.stats);
    this.#scheduler.putBack(recipesAt(stopped?.left));
    if (this.#options.signal?.aborted) return;
    const inFlight = recipesAt(stopped?.inFlight);
    this.#candidates = inFlight.length > 0 ? inFlight : recipes.slice(-this.#options.jobs);
    const death = await this.#confirmer.probeAndRestart();
    for (const notable of report.notable) {
      if (notable.breaches.length === 0 && death === undefined)
        for (const signature of notable.signatures) this.#corpus.add(signature, notable.value);
      for (const symptom of notable.breaches)
        if (this.#endReason() !== 'findings') yield* this.#investigate({ ...notable, symptom });
    }
    if (death === undefined) this.#learn(recipes);
    else {
      const thrown = recipes.filter(
        (recipe, place) => !inFlight.includes(recipe) && !stopped?.left.includes(place),
      );
      yield* this.#findCrash([inFlight, thrown], death);
    }
    const { against } = this.#options.target;
    if (against !== undefined) this.#isOtherGone = await this.#confirmer.isUnreachable(against);
    for (const monitor of this.#monitors) {
      const breach = await monitor.look();
      const finding = breach && this.#triage.recordBreach(breach);
      if (finding !== undefined) yield { kind: 'finding', finding };
    }
  }

  async *#investigate(
    evidence: Candidate & { readonly symptom: Symptom },
  ): AsyncGenerator<CampaignEvent, void> {
    const { recipe, value, mutations, symptom } = evidence;
    if (this.#triage.recognise(value, symptom)) return;
    yield { kind: 'candidate', detail: symptom.detail, bytes: caseSize(value), progress: this.#progress() };
    const origin: Origin = recipe.lane === 'base' ? { ...recipe, seed: this.#seed } : { lane: recipe.lane };
    const tree = recipe.lane === 'base' ? this.#generator.treeAt(recipe.index) : undefined;
    const conclusion = await this.#triage.investigate({ value, symptom, mutations, origin, tree });
    if (conclusion.kind === 'finding') yield conclusion;
  }

  /** Among those that were in flight, and then among all others of the shift. */
  async *#findCrash(
    groups: readonly (readonly Recipe[])[],
    death: Symptom,
  ): AsyncGenerator<CampaignEvent, void> {
    const kills = {
      together: async (cases: readonly Case[]) => (await this.#confirmer.kill(cases)) !== undefined,
      alone: (cases: readonly Case[]) => this.#confirmer.firstAlone(cases, death.symptom),
    };
    for (const recipes of groups) {
      const candidates = recipes.map((recipe): Candidate => ({ recipe, ...this.#generator.make(recipe) }));
      if (candidates.some(({ value }) => this.#triage.recognise(value, death))) return;
      const crashing = await bisect(candidates, kills);
      if (crashing !== undefined) {
        yield* this.#investigate({ ...crashing, symptom: death });
        return;
      }
    }
    const finding = this.#recordCandidates(death, 2);
    if (finding !== undefined) yield { kind: 'finding', finding };
  }

  /** What was thrown when the target fell, as one case: no single one of them can be told to be the crashing. */
  #recordCandidates(symptom: Symptom, attempts: number): Finding | undefined {
    const cases = this.#candidates.map((recipe) => this.#generator.make(recipe));
    const connections = cases.flatMap(({ value }) => value.connections);
    const mutations = [...new Set(cases.flatMap((one) => one.mutations))];
    return this.#triage.recordBreach(symptom, { arrangement: 'at-once', connections }, mutations, attempts);
  }

  /** Remembers what harmless cases are like. */
  #learn(recipes: readonly Recipe[]): void {
    const stride = Math.max(1, Math.floor(recipes.length / HARMLESS_SAMPLE));
    for (const [at, recipe] of recipes.entries())
      if (at % stride === 0) this.#triage.addHarmless(this.#generator.make(recipe).value);
  }
}

interface Candidate {
  readonly recipe: Recipe;
  readonly value: Case;
  readonly mutations: readonly string[];
}
