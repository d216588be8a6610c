/**
 * A campaign: batches of cases, one after another. After each batch a legal SUBMIT has to be answered as it was during the
 * calibration. What a batch showed is investigated while no other case is sent, so that the cause can be found. Yields
 * events; prints nothing.
 */

import { performance } from 'node:perf_hooks';
import {
  type CombinedSignal,
  combinedSignal,
  unlessAborted,
} from '../../conformance/util/combined-signal.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Case } from '../case/case.ts';
import { Generator, type Recipe } from '../generate/generate.ts';
import { Evaluator } from '../oracle/evaluator.ts';
import { CALIBRATION_CASES, type Calibration, calibrate } from '../target/calibration.ts';
import type { Monitor } from '../target/monitors.ts';
import { withActivity } from '../triage/activity.ts';
import { Confirmer } from '../triage/confirm.ts';
import { TargetLostError } from '../triage/fatal-symptom.ts';
import { Triage } from '../triage/triage.ts';
import { DEFAULT_JOBS } from './batch.ts';
import { monitorsOf } from './campaign-monitors.ts';
import { Corpus } from './corpus.ts';
import { CoverageGuide } from './coverage-guide.ts';
import { Investigator } from './investigator.ts';
import { Scheduler } from './scheduler.ts';
import type { CampaignPlan, CampaignState, EndReason } from './state.ts';
import { addStats, newStats, type Stats } from './stats.ts';
import type { CampaignEvent, CampaignOptions, Progress } from './types.ts';
import { inThisThread, inThreads, type WorkerPool } from './worker-pool.ts';

/** Intended duration of a batch: a longer batch leaves more candidates for a crash, a shorter one costs more probes. */
const BATCH_MS = 1000;
/** Cases in a batch. */
const SMALLEST_BATCH = 64;
const LARGEST_BATCH = 8192;
const DEFAULT_FEEDBACK = 0.3;
const GUIDED_FEEDBACK = 0.6;
/** Cases of a batch with coverage: few, so that those that reach new edges are found soon. */
const GUIDED_BATCH = 64;
const DEFAULT_FINDINGS = 20;
const MINIMISE_TRIES = 4000;
const MINIMISE_MS = 60_000;
/** Of the time that is left, at most this share is spent on one case, so that other faults are found, too. */
const MINIMISE_SHARE = 0.25;
/** UTF-16 units of the reason why a target did not start again. */
const DETAIL_CHARACTERS = 1000;
/** After the end of the time, a confirmation that has begun, or a restart of the target, is given up after so long. */
const GRACE_MS = 3000;
/** Candidates for a crash among the cases that were no longer in flight: with signs of life of the target, for each job; without them. */
const EARLIER_PER_JOB = 4;
const EARLIER = 4096;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Cases of each harmless batch whose features are remembered. */
const HARMLESS_SAMPLE = 16;

/**
 * Runs a campaign. The last event is 'end'; if the calibration does not succeed, the only event is its result, or 'out-of-time'
 * if it is not done at the end of the time. Throws an ExhaustedError if this machine has no connection left. A consumer that stops early ends the campaign.
 */
export async function* campaign(options: CampaignOptions): AsyncGenerator<CampaignEvent, void> {
  const { target, newTaskId, deadlineMs, onlyLoopback, timeMs, saved } = options;
  const beganAt = performance.now();
  const leftMs = timeMs === undefined ? undefined : timeMs - (saved?.elapsedMs ?? 0);
  const time = combinedSignal([options.signal], leftMs);
  const { signal, release } = combinedSignal([options.signal]);
  try {
    const calibration = { target, newTaskId, signal: time.signal, deadlineMs, onlyLoopback };
    const result = await calibrate(calibration).finally(time.release);
    if (result.kind === 'calibrated') {
      const endsAt = beganAt + (leftMs ?? Number.POSITIVE_INFINITY);
      const run = { ...options, target: result.target, signal };
      yield* new CampaignRun(run, result.calibration, endsAt).events();
    } else if (result.kind === 'interrupted' && !signal.aborted) yield { kind: 'out-of-time' };
    else yield result;
  } finally {
    release();
  }
}

class CampaignRun {
  readonly #options: CampaignOptions;
  readonly #seed: number;
  readonly #plan: CampaignPlan;
  readonly #jobs: number;
  readonly #pool: WorkerPool;
  readonly #generator: Generator;
  readonly #confirmer: Confirmer;
  readonly #triage: Triage;
  readonly #monitors: readonly Monitor[];
  /** Executes the cases of the monitors. */
  readonly #evaluator: Evaluator;
  readonly #scheduler: Scheduler;
  readonly #corpus: Corpus;
  readonly #stats: Stats;
  readonly #beganAt: number;
  /** The end of the time, which began before the calibration. Infinity without a limit. */
  readonly #endsAt: number;
  /** Aborted at the end of the time, and when the campaign is interrupted: no other case begins, and nothing is minimised. */
  readonly #stop = new AbortController();
  /** Fires when the campaign is interrupted, and some time after the end of the time: then nothing is awaited any more. */
  readonly #over: CombinedSignal;
  readonly #investigator: Investigator;
  /** What was sent of the last two batches, the latest first. */
  #recent: readonly (readonly Recipe[])[] = [];
  /** Whether the target closes connections after a frame. The cases of the calibration were sent then. */
  readonly #closes: boolean;
  #batchSize = SMALLEST_BATCH;
  #isAgainstLost = false;
  /** Undefined without coverage. */
  readonly #guide: CoverageGuide | undefined;

  constructor(options: CampaignOptions, calibration: Calibration, endsAt: number) {
    const { target, runs, saved, minimiseMs = MINIMISE_MS } = options;
    const { coverage, jobs = DEFAULT_JOBS, workers = 1 } = options;
    const { feedback = coverage === undefined ? DEFAULT_FEEDBACK : GUIDED_FEEDBACK } = options;
    const { behaviour, waits, confirmWaits } = calibration;
    const seed = saved?.seed ?? options.seed;
    const weights = options.weights ?? {};
    this.#options = options;
    this.#jobs = jobs;
    this.#closes = behaviour.closes;
    this.#seed = seed;
    this.#beganAt = performance.now() - (saved?.elapsedMs ?? 0);
    this.#endsAt = endsAt;
    this.#generator = new Generator(seed, weights);
    const { given = [], shard } = options;
    this.#plan = { runs, feedback, weights, shard };
    this.#scheduler = new Scheduler({ seed, runs, feedback, given, shard }, saved?.scheduler);
    this.#corpus = new Corpus(saved?.corpus);
    this.#stats = saved?.stats ?? newStats();
    const evaluator = { address: target.address, against: target.against, behaviour };
    const workerOptions = { seed, weights, evaluator, waits, jobs };
    this.#pool =
      workers > 1
        ? inThreads(workers, workerOptions, this.#stop.signal)
        : inThisThread(workerOptions, this.#stop.signal);
    const observed = withActivity(target);
    const graceMs = this.#leftMs() + GRACE_MS;
    this.#over = combinedSignal([options.signal], graceMs);
    const health = { ...calibration.health, signal: this.#over.signal };
    this.#confirmer = new Confirmer({ ...calibration, health, target: observed.target, jobs });
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
        minimiseMs: () => Math.min(minimiseMs, MINIMISE_SHARE * this.#leftMs()),
        process: target.process,
        activityAtEnd: observed.activityAtEnd,
        signal: this.#stop.signal,
      },
      saved,
    );
    if (coverage !== undefined) this.#guide = new CoverageGuide(coverage);
    // Without the implementation that is compared: it would double what a soak costs.
    this.#evaluator = new Evaluator({ address: target.address, behaviour });
    const leftMs = (): number => this.#leftMs();
    this.#monitors = monitorsOf({
      ...{ ...options, calibration, jobs, leftMs, signal: this.#over.signal },
      ...{ evaluator: this.#evaluator, confirmer: this.#confirmer },
    });
    this.#investigator = new Investigator({
      ...{ seed, leftMs, generator: this.#generator, confirmer: this.#confirmer, triage: this.#triage },
      progress: () => this.#progress(),
    });
  }

  async *events(): AsyncGenerator<CampaignEvent, void> {
    yield { kind: 'start', seed: this.#seed };
    let because: EndReason | undefined;
    let detail: string | undefined;
    const { signal } = this.#options;
    const stop = (): void => this.#stop.abort();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    const timer = this.#leftMs() <= LONGEST_TIMER_MS ? setTimeout(stop, this.#leftMs()) : undefined;
    try {
      const fatal = await this.#investigator.probeAndRestart();
      const calibrating = CALIBRATION_CASES.map((value): Recipe => ({ lane: 'given', value }));
      if (fatal !== undefined) yield* this.#investigator.findCrash([calibrating], fatal);
      else if (this.#closes) for (const value of CALIBRATION_CASES) this.#triage.addHarmless(value);
      for (const monitor of this.#monitors) await unlessAborted(monitor.start(), this.#over.signal);
      for (because = this.#endReason(); because === undefined; because = this.#endReason()) {
        this.#scheduler.add((await this.#options.adopt?.()) ?? []);
        yield* this.#batch();
        yield { kind: 'progress', progress: this.#progress() };
      }
      if (because !== 'interrupted') yield* this.#monitor(true);
    } catch (error) {
      const isInterrupted = this.#options.signal?.aborted === true;
      const isOver = this.#over.signal.aborted;
      if (!isOver && !(error instanceof TargetLostError)) throw error;
      because = isInterrupted ? 'interrupted' : isOver ? 'time' : 'target-lost';
      if (!isOver && error instanceof TargetLostError && error.cause instanceof Error)
        detail = printable(error.cause.message, DETAIL_CHARACTERS);
      for (const finding of this.#investigator.unfinished()) yield { kind: 'finding', finding };
    } finally {
      clearTimeout(timer);
      this.#over.release();
      signal?.removeEventListener('abort', stop);
      await this.#pool.close();
      this.#evaluator.release();
      this.#confirmer.release();
      this.#guide?.close();
    }
    yield {
      kind: 'end',
      because,
      ...(detail !== undefined && { detail }),
      progress: this.#progress(because),
    };
  }

  #endReason(): EndReason | undefined {
    const { signal, maxFindings = DEFAULT_FINDINGS } = this.#options;
    if (signal?.aborted) return 'interrupted';
    if (this.#isAgainstLost) return 'against-lost';
    if (this.#triage.failures >= maxFindings) return 'findings';
    if (this.#leftMs() <= 0) return 'time';
    return this.#scheduler.isDone(this.#corpus) ? 'runs' : undefined;
  }

  /** Milliseconds until the end of the time; negative after it. */
  #leftMs(): number {
    return this.#endsAt - performance.now();
  }

  /** `ended`: why the campaign has ended. */
  #progress(ended?: EndReason): Progress {
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
      plan: this.#plan,
      ...(ended !== undefined && { ended }),
      scheduler: this.#scheduler.state,
      corpus: [...this.#corpus.entries()],
    });
    const edges = this.#guide && { edges: this.#guide.edges };
    return { ...basis, corpus: this.#corpus, state, ...edges };
  }

  /** Sends the next cases, investigates what they showed, and checks the target. */
  async *#batch(): AsyncGenerator<CampaignEvent, void> {
    const size = this.#guide ? GUIDED_BATCH : this.#batchSize;
    const planned = this.#scheduler.next(size, this.#corpus);
    const recipes = [...planned];
    const recipesAt = (places: readonly number[] = []): Recipe[] =>
      recipes.filter((_, place) => places.includes(place));
    const beganAt = performance.now();
    this.#guide?.begin();
    const trouble = new AbortController();
    const release = this.#confirmer.watch(() => trouble.abort());
    const report = await this.#pool.run(planned, this.#triage.crashPatterns, trouble.signal).finally(release);
    for (const [place, recipe] of report.replaced) recipes[place] = recipe;
    const { stopped } = report;
    const wantedSize = (recipes.length * BATCH_MS) / (performance.now() - beganAt);
    this.#batchSize = Math.round(
      Math.min(LARGEST_BATCH, 2 * recipes.length + 1, Math.max(SMALLEST_BATCH, wantedSize)),
    );
    addStats(this.#stats, report.stats);
    this.#scheduler.putBack(recipesAt(stopped?.left));
    const isSent = (place: number): boolean => !stopped?.left.includes(place);
    const sent = recipes.filter((_, place) => isSent(place));
    const inFlight = recipesAt(stopped?.inFlight);
    const [previous = []] = this.#recent;
    const candidates = inFlight.length > 0 ? inFlight : [...previous, ...sent].slice(-this.#jobs);
    this.#investigator.begin(sent, report.notable, candidates);
    if (this.#guide && stopped === undefined) await this.#credit(this.#guide, recipes);
    const fatal = await this.#investigator.probeAndRestart();
    for (const { breaches, signatures, value } of report.notable)
      if (breaches.length === 0 && fatal === undefined)
        for (const signature of signatures) this.#corpus.add(signature, value);
    if (fatal === undefined) {
      this.#learn(sent);
      for (const recipe of recipesAt(report.trials.filter(isSent)))
        this.#triage.addHarmless(this.#generator.make(recipe).value);
    } else {
      const earlier = [...previous, ...sent.filter((recipe) => !inFlight.includes(recipe))];
      // Only a death shows signs; that the target answers otherwise, the probe after the batch shows.
      const hasSigns = this.#options.target.life !== undefined && fatal.invariant === 'survives';
      const most = hasSigns ? EARLIER_PER_JOB * this.#jobs : EARLIER;
      const killer = yield* this.#investigator.findCrash([inFlight, earlier.slice(-most)], fatal);
      this.#scheduler.sendAgain(maybeUnread(sent, inFlight, killer));
    }
    yield* this.#investigator.investigateAll(() => this.#endReason() !== 'findings');
    const { against } = this.#options.target;
    if (against !== undefined) this.#isAgainstLost = await this.#confirmer.isUnreachable(against);
    // A target may write a file after its answer, so the cases of the batch before count as well.
    if (sent.length > 0) this.#recent = [sent, ...this.#recent].slice(0, 2);
    yield* this.#monitor(false);
  }

  async *#monitor(isLast: boolean): AsyncGenerator<CampaignEvent, void> {
    const cases = (): Case[] => this.#recent.flat().map((recipe) => this.#generator.make(recipe).value);
    const point = { cases: this.#stats.cases, restarts: this.#confirmer.restarts, isLast };
    for (const monitor of this.#monitors) {
      const breach = await unlessAborted(monitor.check(cases, point), this.#over.signal);
      const finding = breach && this.#triage.recordBreach(breach, breach.value, [], breach.turns);
      if (finding !== undefined) yield { kind: 'finding', finding };
      if (monitor.isSpent) await this.#confirmer.startAgain();
    }
  }

  /** Adds the cases of a batch that reach new edges to the corpus. */
  async #credit(guide: CoverageGuide, recipes: readonly Recipe[]): Promise<void> {
    const cases = recipes.map((recipe) => this.#generator.make(recipe).value);
    for await (const { value, signature } of guide.credit(cases, (one) => this.#confirmer.execute(one)))
      this.#corpus.add(signature, value);
  }

  /** Remembers the features of some of the cases, which were harmless. */
  #learn(recipes: readonly Recipe[]): void {
    const stride = Math.max(1, Math.floor(recipes.length / HARMLESS_SAMPLE));
    for (const [at, recipe] of recipes.entries())
      if (at % stride === 0) this.#triage.addHarmless(this.#generator.make(recipe).value);
  }
}

/** The cases of a batch that a dying target may not have read: those after the one that stopped it, or all that may have done so. */
function maybeUnread(
  sent: readonly Recipe[],
  inFlight: readonly Recipe[],
  killer: Recipe | undefined,
): readonly Recipe[] {
  if (killer === undefined) return sent.filter((recipe) => inFlight.includes(recipe));
  return sent.slice(sent.indexOf(killer) + 1);
}
