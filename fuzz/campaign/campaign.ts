/**
 * A campaign: batches of cases, one after another. After each batch a legal SUBMIT has to be answered as it was during the
 * calibration. What a batch showed is investigated while no other case is sent, so that the cause can be found. Yields
 * events; prints nothing.
 */

import { performance } from 'node:perf_hooks';
import { combinedSignal } from '../../conformance/util/combined-signal.ts';
import { printable } from '../../conformance/util/printable.ts';
import { type Case, caseSize } from '../case/case.ts';
import { Generator, type Recipe } from '../generate/generate.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type Calibration, calibrate } from '../target/calibration.ts';
import { type Monitor, resourceMonitor } from '../target/monitors.ts';
import { storeMonitor } from '../target/store-monitor.ts';
import { Confirmer, isFatal, TargetLostError } from '../triage/confirm.ts';
import type { Finding, Origin } from '../triage/finding.ts';
import { type Evidence, inNewLife, Triage } from '../triage/triage.ts';
import { DEFAULT_JOBS } from './batch.ts';
import { Corpus } from './corpus.ts';
import { HistoryLog } from './history.ts';
import { Scheduler } from './scheduler.ts';
import type { CampaignState } from './state.ts';
import { addStats, newStats, type Stats } from './stats.ts';
import type { CampaignEvent, CampaignOptions, EndReason, Progress } from './types.ts';
import { inThisThread, inThreads, type WorkerPool } from './worker-pool.ts';

/** Intended duration of a batch: a longer batch leaves more candidates for a crash, a shorter one costs more probes. */
const BATCH_MS = 1000;
/** Cases in a batch. */
const SMALLEST_BATCH = 64;
const LARGEST_BATCH = 8192;
const DEFAULT_FEEDBACK = 0.3;
const DEFAULT_FINDINGS = 20;
const MINIMISE_TRIES = 4000;
const MINIMISE_MS = 60_000;
/** UTF-16 units of the reason why a target did not start again. */
const DETAIL_CHARACTERS = 1000;
/** After the end of the time, what the last batch showed is confirmed for so long, and then only recorded. */
const INVESTIGATION_MS = 3000;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Cases of each harmless batch whose features are remembered. */
const HARMLESS_SAMPLE = 16;

/**
 * Runs a campaign. The last event is 'end'; if the calibration does not succeed, the only event is its result.
 * Throws an ExhaustedError if this machine has no connection left. A consumer that stops early ends the campaign.
 */
export async function* campaign(options: CampaignOptions): AsyncGenerator<CampaignEvent, void> {
  const { target, newTaskId, deadlineMs, onlyLoopback } = options;
  const { signal, release } = combinedSignal([options.signal]);
  try {
    const result = await calibrate({ target, newTaskId, signal, deadlineMs, onlyLoopback });
    if (result.kind === 'calibrated')
      yield* new CampaignRun({ ...options, target: result.target, signal }, result.calibration).events();
    else yield result;
  } finally {
    release();
  }
}

interface Candidate {
  readonly recipe: Recipe;
  readonly value: Case;
  readonly mutations: readonly string[];
}

class CampaignRun {
  readonly #options: CampaignOptions;
  readonly #seed: number;
  readonly #jobs: number;
  readonly #pool: WorkerPool;
  readonly #generator: Generator;
  readonly #confirmer: Confirmer;
  readonly #triage: Triage;
  readonly #monitors: readonly Monitor[];
  readonly #scheduler: Scheduler;
  readonly #corpus: Corpus;
  readonly #stats: Stats;
  readonly #beganAt: number;
  /** Aborted at the end of the time, and when the campaign is interrupted: no other case begins, and nothing is minimised. */
  readonly #stop = new AbortController();
  readonly #history: HistoryLog;
  /** The cases of the last batch that may have stopped the target. */
  #candidates: readonly Recipe[] = [];
  #previous: readonly Recipe[] = [];
  /** What the last batch showed and is not investigated yet. The investigation of the first has begun. */
  #open: readonly Evidence[] = [];
  /** What was wrong with the target after the last batch, if its cause is not found yet. */
  #fatal: Symptom | undefined;
  #batchSize = SMALLEST_BATCH;
  #isAgainstLost = false;

  constructor(options: CampaignOptions, calibration: Calibration) {
    const { target, runs, saved } = options;
    const { feedback = DEFAULT_FEEDBACK, jobs = DEFAULT_JOBS, workers = 1 } = options;
    const { behaviour, waits, confirmWaits } = calibration;
    const seed = saved?.seed ?? options.seed;
    const weights = options.weights ?? {};
    this.#options = options;
    this.#jobs = jobs;
    this.#seed = seed;
    this.#beganAt = performance.now() - (saved?.elapsedMs ?? 0);
    this.#generator = new Generator(seed, weights);
    this.#scheduler = new Scheduler({ seed, runs, feedback, given: options.given ?? [] }, saved?.scheduler);
    this.#corpus = new Corpus(saved?.corpus);
    this.#stats = saved?.stats ?? newStats();
    const evaluator = { address: target.address, against: target.against, behaviour };
    const workerOptions = { seed, weights, evaluator, waits, jobs };
    this.#pool =
      workers > 1
        ? inThreads(workers, workerOptions, this.#stop.signal)
        : inThisThread(workerOptions, this.#stop.signal);
    this.#confirmer = new Confirmer({ ...calibration, target, jobs });
    this.#confirmer.restarts = saved?.restarts ?? 0;
    this.#history = new HistoryLog({
      generator: this.#generator,
      confirmer: this.#confirmer,
      signal: this.#stop.signal,
    });
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
        signal: this.#stop.signal,
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
    let detail: string | undefined;
    const { signal, timeMs } = this.#options;
    const stop = (): void => this.#stop.abort();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    const isTimed = timeMs !== undefined && this.#leftMs() <= LONGEST_TIMER_MS;
    const timer = isTimed ? setTimeout(stop, this.#leftMs()) : undefined;
    try {
      for (const monitor of this.#monitors) await monitor.start();
      for (because = this.#endReason(); because === undefined; because = this.#endReason()) {
        yield* this.#batch();
        yield { kind: 'progress', progress: this.#progress() };
      }
    } catch (error) {
      const isInterrupted = this.#options.signal?.aborted === true;
      if (!isInterrupted && !(error instanceof TargetLostError)) throw error;
      because = isInterrupted ? 'interrupted' : 'target-lost';
      if (error instanceof TargetLostError && error.cause instanceof Error)
        detail = printable(error.cause.message, DETAIL_CHARACTERS);
      for (const finding of this.#unfinished()) yield { kind: 'finding', finding };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      await this.#pool.close();
      this.#confirmer.release();
    }
    yield { kind: 'end', because, ...(detail !== undefined && { detail }), progress: this.#progress() };
  }

  #endReason(): EndReason | undefined {
    const { signal, timeMs, maxFindings = DEFAULT_FINDINGS } = this.#options;
    if (signal?.aborted) return 'interrupted';
    if (this.#isAgainstLost) return 'against-lost';
    if (this.#triage.failures >= maxFindings) return 'findings';
    if (timeMs !== undefined && this.#leftMs() <= 0) return 'time';
    return this.#scheduler.isDone(this.#corpus) ? 'runs' : undefined;
  }

  /** Milliseconds until the end of the time; negative after it. */
  #leftMs(): number {
    const { timeMs = Number.POSITIVE_INFINITY } = this.#options;
    return this.#beganAt + timeMs - performance.now();
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

  /** Sends the next cases, investigates what they showed, and checks the target. */
  async *#batch(): AsyncGenerator<CampaignEvent, void> {
    const planned = this.#scheduler.next(this.#batchSize, this.#corpus);
    const recipes = [...planned];
    const recipesAt = (places: readonly number[] = []): Recipe[] =>
      recipes.filter((_, place) => places.includes(place));
    const beganAt = performance.now();
    const report = await this.#pool.run(planned, this.#triage.crashPatterns);
    for (const [place, recipe] of report.replaced) recipes[place] = recipe;
    const { stopped } = report;
    const wantedSize = (recipes.length * BATCH_MS) / (performance.now() - beganAt);
    this.#batchSize = Math.round(
      Math.min(LARGEST_BATCH, 2 * recipes.length + 1, Math.max(SMALLEST_BATCH, wantedSize)),
    );
    addStats(this.#stats, report.stats);
    this.#scheduler.putBack(recipesAt(stopped?.left));
    this.#history.add(recipes.filter((_, place) => !stopped?.left.includes(place)));
    const inFlight = recipesAt(stopped?.inFlight);
    this.#candidates = inFlight.length > 0 ? inFlight : recipes.slice(-this.#jobs);
    this.#open = report.notable.flatMap((notable) =>
      notable.breaches.map((symptom) => this.#evidenceOf(notable, symptom)),
    );
    const fatal = await this.#probeAndRestart();
    for (const { breaches, signatures, value } of report.notable)
      if (breaches.length === 0 && fatal === undefined)
        for (const signature of signatures) this.#corpus.add(signature, value);
    // A target that hangs gives no reaction to many cases, of which most are innocent.
    if (fatal !== undefined) this.#open = this.#open.filter(({ symptom }) => symptom.invariant !== 'reacts');
    for (const evidence of this.#open)
      if (this.#endReason() !== 'findings') yield* this.#investigate(evidence);
    this.#open = [];
    if (fatal === undefined) {
      const isSent = (place: number): boolean => !stopped?.left.includes(place);
      this.#learn(recipes.filter((_, place) => isSent(place)));
      for (const recipe of recipesAt(report.trials.filter(isSent)))
        this.#triage.addHarmless(this.#generator.make(recipe).value);
    } else {
      const others = recipes.filter(
        (recipe, place) => !inFlight.includes(recipe) && !stopped?.left.includes(place),
      );
      yield* this.#findCrash([inFlight, others], fatal);
    }
    const { against } = this.#options.target;
    if (against !== undefined) this.#isAgainstLost = await this.#confirmer.isUnreachable(against);
    // A target may write a file after its answer, so the cases of the batch before count as well.
    const recent = [...recipes, ...this.#previous];
    const cases = (): Case[] => recent.map((recipe) => this.#generator.make(recipe).value);
    this.#previous = recipes;
    for (const monitor of this.#monitors) {
      const breach = await monitor.check(cases);
      const finding = breach && this.#triage.recordBreach(breach, breach.value);
      if (finding !== undefined) yield { kind: 'finding', finding };
    }
  }

  /** Remembers what was wrong until its cause is found. */
  async #probeAndRestart(): Promise<Symptom | undefined> {
    try {
      this.#fatal = await this.#confirmer.probeAndRestart();
    } catch (error) {
      if (error instanceof TargetLostError) this.#fatal = error.symptom;
      throw error;
    }
    return this.#fatal;
  }

  #evidenceOf({ recipe, value, mutations }: Candidate, symptom: Symptom): Evidence {
    const origin: Origin = recipe.lane === 'base' ? { ...recipe, seed: this.#seed } : { lane: recipe.lane };
    const findHistory = () => this.#history.search(symptom, [value]);
    return { value, symptom, mutations, origin, findHistory };
  }

  async *#investigate(evidence: Evidence): AsyncGenerator<CampaignEvent, void> {
    const { value, symptom, origin } = evidence;
    if (this.#triage.recognise(value, symptom)) return;
    if (this.#leftMs() < -INVESTIGATION_MS) {
      const finding = this.#triage.recordUnfinished(evidence);
      if (finding !== undefined) yield { kind: 'finding', finding };
      return;
    }
    yield { kind: 'candidate', detail: symptom.detail, bytes: caseSize(value), progress: this.#progress() };
    const tree =
      origin.lane === 'base' && evidence.history === undefined
        ? this.#generator.treeAt(origin.index, origin.draw)
        : undefined;
    const result = await this.#triage.investigate({ ...evidence, tree }).catch((error: unknown) => {
      this.#noteLoss(error, evidence);
      throw error;
    });
    this.#open = this.#open.filter((open) => open !== evidence);
    if (result.kind !== 'finding') return;
    const { finding, endedBy } = result;
    yield { kind: 'finding', finding };
    this.#noteLoss(endedBy, evidence);
    if (endedBy !== undefined) throw endedBy;
  }

  /** A case whose symptom was another one can stop the target when it is repeated. */
  #noteLoss(error: unknown, evidence: Evidence): void {
    if (error instanceof TargetLostError && !isFatal(evidence.symptom))
      this.#open = [...this.#open, { ...evidence, symptom: error.symptom }];
  }

  /** Findings from what was seen, but could not be investigated before the campaign ended. */
  #unfinished(): Finding[] {
    const open = this.#open.map((evidence) => this.#triage.recordUnfinished(evidence));
    const fatal = this.#fatal && this.#recordCandidates(this.#fatal, 1);
    return [...open, fatal].filter((finding) => finding !== undefined);
  }

  /** Searches the case that stopped the target, group by group: first what was in flight, then the rest of the batch. */
  async *#findCrash(
    groups: readonly (readonly Recipe[])[],
    fatal: Symptom,
  ): AsyncGenerator<CampaignEvent, void> {
    if (this.#triage.recogniseCount(fatal, this.#history.cases)) {
      this.#fatal = undefined;
      return;
    }
    for (const recipes of groups) {
      const candidates = recipes.map((recipe): Candidate => ({ recipe, ...this.#generator.make(recipe) }));
      const cases = candidates.map(({ value }) => value);
      if (this.#triage.recogniseAmong(cases, fatal)) {
        this.#fatal = undefined;
        return;
      }
      const crashing = await this.#confirmer.findCrash(candidates, fatal.symptom);
      if (crashing !== undefined) {
        // What ended before the crashing case began to be sent did not stop the target.
        if (recipes === groups[0]) this.#learn(groups[1] ?? []);
        const evidence = this.#evidenceOf(crashing, fatal);
        this.#open = [evidence];
        this.#fatal = undefined;
        yield* this.#investigate(evidence);
        return;
      }
    }
    const candidates = groups
      .flat()
      .map((recipe): Candidate => ({ recipe, ...this.#generator.make(recipe) }));
    const history = await this.#history.search(
      fatal,
      candidates.map(({ value }) => value),
    );
    const last = candidates[0];
    this.#fatal = undefined;
    if (history !== undefined && last !== undefined) {
      const evidence = inNewLife(this.#evidenceOf(last, fatal), history);
      this.#open = [evidence];
      yield* this.#investigate(evidence);
      return;
    }
    const finding = this.#recordCandidates(fatal, 2);
    if (finding !== undefined) yield { kind: 'finding', finding };
  }

  /** Records all candidates for a crash as one case, where no single one of them is known to be the cause. */
  #recordCandidates(symptom: Symptom, attempts: number): Finding | undefined {
    const cases = this.#candidates.map((recipe) => this.#generator.make(recipe));
    const connections = cases.flatMap(({ value }) => value.connections);
    const mutations = [...new Set(cases.flatMap((one) => one.mutations))];
    return this.#triage.recordBreach(symptom, { arrangement: 'at-once', connections }, mutations, attempts);
  }

  /** Remembers the features of some of the cases, which were harmless. */
  #learn(recipes: readonly Recipe[]): void {
    const stride = Math.max(1, Math.floor(recipes.length / HARMLESS_SAMPLE));
    for (const [at, recipe] of recipes.entries())
      if (at % stride === 0) this.#triage.addHarmless(this.#generator.make(recipe).value);
  }
}
