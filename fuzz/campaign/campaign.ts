/**
 * A campaign: shifts of cases, one after another, and between two of them a legal SUBMIT that has to fare as it did in the
 * beginning. What a shift shows is looked into while nothing else is thrown, so that a culprit can be told from who stood
 * beside it. Yields what happens; prints nothing.
 */

import { performance } from 'node:perf_hooks';
import { type Case, sizeOf } from '../case/case.ts';
import { Generator } from '../generate/generate.ts';
import { caseOf, type Lot } from '../generate/recipe.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type Acquaintance, introduce } from '../target/calibration.ts';
import { type Watch, watchResources, watchStore } from '../target/monitors.ts';
import { pin } from '../triage/bisect.ts';
import { GoneError, Trials } from '../triage/confirm.ts';
import type { Finding, Origin } from '../triage/finding.ts';
import { Investigation } from '../triage/triage.ts';
import { Corpus } from './corpus.ts';
import { Plan } from './scheduler.ts';
import type { CampaignState } from './state.ts';
import { addTally, newTally, type Tally } from './stats.ts';
import type { CampaignEvent, CampaignOptions, EndReason, Progress } from './types.ts';
import { alone, type Crew, workers } from './worker-pool.ts';

/** How long a shift is meant to take: a longer one leaves more suspects, a shorter one wastes more on the looks between. */
const SHIFT_MS = 1000;
const SMALLEST_SHIFT = 64;
const LARGEST_SHIFT = 8192;
const DEFAULT_FEEDBACK = 0.3;
const DEFAULT_FINDINGS = 20;
const SHRINK_TRIES = 4000;
const SHRINK_MS = 60_000;
/** Harmless cases that are looked at after each shift, once there is something to compare them with. */
const HARMLESS_SAMPLE = 16;

/** Runs and tells. The last event is 'end', or the only one 'unreachable' or 'not-own'. */
export async function* campaign(options: CampaignOptions): AsyncGenerator<CampaignEvent, void> {
  const { target, newTaskId, signal, deadlineMs, onlyLoopback = true } = options;
  const met = await introduce({ target, newTaskId, signal, deadlineMs, onlyLoopback });
  if (met.kind === 'met') yield* new Run(options, met.acquaintance).events();
  else yield met;
}

class Run {
  readonly #options: CampaignOptions;
  readonly #seed: number;
  readonly #crew: Crew;
  readonly #generator: Generator;
  readonly #trials: Trials;
  readonly #investigation: Investigation;
  readonly #watches: readonly Watch[];
  readonly #plan: Plan;
  readonly #corpus: Corpus;
  readonly #tally: Tally;
  readonly #beganAt: number;
  /** The last cases that were thrown before the target was seen to be gone. */
  #suspects: readonly Lot[] = [];
  #shiftSize = SMALLEST_SHIFT;
  #isOtherGone = false;

  constructor(options: CampaignOptions, acquaintance: Acquaintance) {
    const { target, signal, runs, feedback = DEFAULT_FEEDBACK, jobs, saved, workers: threads = 1 } = options;
    const { baseline, waits, patientWaits } = acquaintance;
    const seed = saved?.seed ?? options.seed;
    const weights = options.weights ?? {};
    this.#options = options;
    this.#seed = seed;
    this.#beganAt = performance.now() - (saved?.elapsedMs ?? 0);
    this.#generator = new Generator(seed, weights);
    this.#plan = new Plan({ seed, runs, feedback, given: options.given ?? [] }, saved?.plan);
    this.#corpus = new Corpus(saved?.corpus);
    this.#tally = saved?.tally ?? newTally();
    const evaluator = { address: target.address, against: target.against, baseline };
    const orders = { seed, weights, evaluator, waits, jobs };
    this.#crew = threads > 1 ? workers(threads, orders, signal) : alone(orders, signal);
    this.#trials = new Trials({ ...acquaintance, target, jobs });
    this.#trials.revivals = saved?.revivals ?? 0;
    this.#investigation = new Investigation(
      {
        trials: this.#trials,
        patientWaits,
        about: {
          usual_ms: baseline.usualMs,
          closes_after_a_frame: baseline.closes,
          serves_several: baseline.servesSeveral,
        },
        shrinkTries: SHRINK_TRIES,
        shrinkMs: SHRINK_MS,
        signal,
      },
      saved,
    );
    this.#watches = [
      ...(target.process ? [watchResources(target.process)] : []),
      ...(target.tasksDir === undefined ? [] : [watchStore(target.tasksDir)]),
    ];
  }

  async *events(): AsyncGenerator<CampaignEvent, void> {
    yield { kind: 'start', seed: this.#seed };
    let because: EndReason | undefined;
    try {
      for (const watch of this.#watches) await watch.begin();
      for (because = this.#endReason(); because === undefined; because = this.#endReason()) {
        yield* this.#shift();
        yield { kind: 'progress', progress: this.#progress() };
      }
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      because = 'gone';
      const finding = this.#noteSuspects(error.symptom, 1);
      if (finding !== undefined) yield { kind: 'finding', finding };
    } finally {
      await this.#crew.close();
      this.#trials.release();
    }
    yield { kind: 'end', because, progress: this.#progress() };
  }

  #endReason(): EndReason | undefined {
    const { signal, timeMs, maxFindings = DEFAULT_FINDINGS } = this.#options;
    if (signal?.aborted) return 'interrupted';
    if (this.#isOtherGone) return 'other-gone';
    if (this.#investigation.failures >= maxFindings) return 'findings';
    if (timeMs !== undefined && performance.now() - this.#beganAt >= timeMs) return 'time';
    return this.#plan.isDone(this.#corpus) ? 'runs' : undefined;
  }

  #progress(): Progress {
    const basis = {
      tally: this.#tally,
      elapsedMs: performance.now() - this.#beganAt,
      findings: [...this.#investigation.findings.values()],
      met: this.#investigation.met,
      revivals: this.#trials.revivals,
    };
    const state = (): CampaignState => ({
      ...basis,
      seed: this.#seed,
      plan: this.#plan.state,
      corpus: [...this.#corpus.entries()],
    });
    return { ...basis, corpus: this.#corpus, state };
  }

  /** Throws the next cases and looks into what they show. */
  async *#shift(): AsyncGenerator<CampaignEvent, void> {
    const lots = this.#plan.next(this.#shiftSize, this.#corpus);
    const lotsAt = (places: readonly number[] = []): Lot[] =>
      lots.filter((_, place) => places.includes(place));
    const beganAt = performance.now();
    const report = await this.#crew.throw(lots, this.#investigation.deadly);
    const { stopped } = report;
    const wantedSize = (lots.length * SHIFT_MS) / (performance.now() - beganAt);
    this.#shiftSize = Math.round(
      Math.min(LARGEST_SHIFT, 2 * lots.length + 1, Math.max(SMALLEST_SHIFT, wantedSize)),
    );
    addTally(this.#tally, report.tally);
    this.#plan.giveBack(lotsAt(stopped?.left));
    if (this.#options.signal?.aborted) return;
    const inFlight = lotsAt(stopped?.inFlight);
    this.#suspects = inFlight.length > 0 ? inFlight : lots.slice(-this.#options.jobs);
    const death = await this.#trials.mourn();
    for (const notable of report.notable) {
      if (notable.breaches.length === 0 && death === undefined)
        for (const signature of notable.signatures) this.#corpus.add(signature, notable.value);
      for (const symptom of notable.breaches)
        if (this.#endReason() !== 'findings') yield* this.#look({ ...notable, symptom });
    }
    if (death === undefined) this.#learn(lots);
    else {
      const thrown = lots.filter((lot, place) => !inFlight.includes(lot) && !stopped?.left.includes(place));
      yield* this.#lookForCulprit([inFlight, thrown], death);
    }
    const { against } = this.#options.target;
    if (against !== undefined) this.#isOtherGone = await this.#trials.isGone(against);
    for (const watch of this.#watches) {
      const breach = await watch.look();
      const finding = breach && this.#investigation.note(breach);
      if (finding !== undefined) yield { kind: 'finding', finding };
    }
  }

  async *#look(evidence: Suspect & { readonly symptom: Symptom }): AsyncGenerator<CampaignEvent, void> {
    const { lot, value, mutations, symptom } = evidence;
    if (this.#investigation.recognise(value, symptom)) return;
    yield { kind: 'suspect', detail: symptom.detail, bytes: sizeOf(value), progress: this.#progress() };
    const origin: Origin = lot.lane === 'base' ? { ...lot, seed: this.#seed } : { lane: lot.lane };
    const tree = lot.lane === 'base' ? this.#generator.rooted(lot.index) : undefined;
    const conclusion = await this.#investigation.look({ value, symptom, mutations, origin, tree });
    if (conclusion.kind === 'finding') yield conclusion;
  }

  /** Among those that were in flight, and then among all others of the shift. */
  async *#lookForCulprit(
    groups: readonly (readonly Lot[])[],
    death: Symptom,
  ): AsyncGenerator<CampaignEvent, void> {
    const kills = {
      together: async (cases: readonly Case[]) => (await this.#trials.kill(cases)) !== undefined,
      alone: (cases: readonly Case[]) => this.#trials.firstAlone(cases, death.symptom),
    };
    for (const lots of groups) {
      const suspects = lots.map((lot): Suspect => ({ lot, ...caseOf(lot, this.#generator) }));
      if (suspects.some(({ value }) => this.#investigation.recognise(value, death))) return;
      const culprit = await pin(suspects, kills);
      if (culprit !== undefined) {
        yield* this.#look({ ...culprit, symptom: death });
        return;
      }
    }
    const finding = this.#noteSuspects(death, 2);
    if (finding !== undefined) yield { kind: 'finding', finding };
  }

  /** What was thrown when the target fell, as one case: no single one of them can be told to be the culprit. */
  #noteSuspects(symptom: Symptom, plays: number): Finding | undefined {
    const cases = this.#suspects.map((lot) => caseOf(lot, this.#generator));
    const connections = cases.flatMap(({ value }) => value.connections);
    const mutations = [...new Set(cases.flatMap((one) => one.mutations))];
    return this.#investigation.note(symptom, { arrangement: 'at-once', connections }, mutations, plays);
  }

  /** Remembers what harmless cases are like. */
  #learn(lots: readonly Lot[]): void {
    const stride = Math.max(1, Math.floor(lots.length / HARMLESS_SAMPLE));
    for (const [at, lot] of lots.entries())
      if (at % stride === 0) this.#investigation.addHarmless(caseOf(lot, this.#generator).value);
  }
}

interface Suspect {
  readonly lot: Lot;
  readonly value: Case;
  readonly mutations: readonly string[];
}
