/**
 * Sends a batch of cases to the target, many at a time, and collects what came back. A batch ends early when a connection is
 * refused, when many in a row get no reaction, and at a sign that the target ends: one of the cases that are in flight, or
 * were shortly before, has probably stopped the target.
 */

import { availableParallelism } from 'node:os';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import type { Case } from '../case/case.ts';
import { addDigests, digestOf } from '../case/digest.ts';
import type { Waits } from '../execute/exchange.ts';
import { type Execution, readExecution } from '../execute/execute.ts';
import { PersistentConnection, singleFrameOf } from '../execute/persistent-connection.ts';
import { type CrashPattern, matchesCrash } from '../generate/crash-pattern.ts';
import { type Generated, type Generator, mix, type Recipe } from '../generate/generate.ts';
import type { Evaluation, Evaluator, ShownCase } from '../oracle/evaluator.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { SEGMENTATIONS } from '../oracle/segmentation.ts';
import { countSignature, increase, MAX_SIGNATURES, newStats, type Stats } from './stats.ts';

/** A case that broke an invariant, or showed a new signature. */
export interface Notable {
  readonly recipe: Recipe;
  readonly value: Case;
  readonly mutations: readonly string[];
  /** The new ones. */
  readonly signatures: readonly string[];
  readonly breaches: readonly Symptom[];
}

/** Plain data, so that it can come from a worker. */
export interface BatchReport {
  readonly stats: Stats;
  readonly notable: readonly Notable[];
  /**
   * Present if the batch ended early: the places in the list of the cases that may have stopped the target, the likeliest
   * first, and of the cases that were not sent.
   */
  readonly stopped?: { readonly inFlight: readonly number[]; readonly left: readonly number[] };
  /** By the places in the list: the recipes of the cases that were sent in place of cases that match a crash pattern. */
  readonly replaced: readonly (readonly [place: number, recipe: Recipe])[];
  /** Places of the cases that match a crash pattern, and were sent to see whether the pattern is true. */
  readonly trials: readonly number[];
}

/** A case that is ready to be sent. */
interface ReadyCase extends Generated {
  readonly recipe: Recipe;
  /** Of a case of the base lane: that of its first draw. */
  readonly digest?: bigint;
  /** Whether it is not sent, because it and all other draws match a crash pattern. */
  readonly isSkipped?: boolean;
}

/** `shown` is the case, or the whole history of its connection, or what an oracle made of it. */
interface SentCase extends ShownCase {
  /** Whether it was sent on a connection with other cases. */
  readonly isShared: boolean;
}

export interface BatchOptions {
  readonly evaluator: Evaluator;
  readonly generator: Generator;
  /** Connections in flight. */
  readonly jobs: number;
  readonly waits: Waits;
  /** Cases that match are not sent, but for a few. */
  readonly crashPatterns: readonly CrashPattern[];
  /** Signatures that were shown before. New ones are added. */
  readonly knownSignatures: Set<string>;
  /** Ends the batch. The cases that are in flight then show nothing, because the signal may have ended the target, too. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the batch, because the target shows a sign of its end. The cases that are in flight are candidates. */
  readonly trouble?: AbortSignal | undefined;
}

/** Connections in flight by default: enough to hide the latency of the target, few enough to find a crashing case. */
export const DEFAULT_JOBS = 16 * Math.min(4, availableParallelism());

/** Cases that are generated at a time: three times as fast as to generate one between two exchanges, with cold caches. */
const MADE_AHEAD = 64;

/** One of this many cases is sent in another segmentation as well. */
const CASES_PER_VARIATION = 48;
/** How often in a batch the sender of a marker is searched: a target may put ids of its own into its answers. */
const MOST_SEARCHES = 8;
/** One of this many cases that match a crash pattern is sent. */
const TRIAL_SHARE = 512;

/** Cases in flight on a persistent connection. */
const CASES_PER_CONNECTION = 8;

/** Candidates for a crash that are no longer in flight, for each job. A target may serve others while it dies. */
const RECENT_PER_JOB = 3;
/** The batch ends after this number of cases in a row that get no reaction, and at least one for each job. */
const MUTE_CASES = 4;

/** Executes the cases of the recipes, in their order. */
export function runBatch(recipes: readonly Recipe[], options: BatchOptions): Promise<BatchReport> {
  return new Batch(recipes, options).run();
}

class Batch {
  /** In place of a case that matches a crash pattern, the recipe of the other that is sent. */
  readonly #recipes: Recipe[];
  readonly #options: BatchOptions;
  readonly #stats = newStats();
  readonly #notable: Notable[] = [];
  readonly #inFlight = new Set<number>();
  /** Places of cases that show nothing: their connection was refused, or they were in flight when the signal fired. */
  readonly #unshown: number[] = [];
  /** Of the unshown cases, those that were in flight. They may have stopped the target. */
  readonly #cut: number[] = [];
  /** Places of the cases that were sent last; the latest is the last. */
  #recent: number[] = [];
  /** Cases in a row that got no reaction. */
  #mute = 0;
  /** Places of the cases that may have stopped the target. Set when the batch ends early. */
  #candidates: readonly number[] | undefined;
  /** Cases that were generated ahead; `from` is the place of the first. */
  #ready: { readonly from: number; readonly cases: readonly ReadyCase[] } = { from: 0, cases: [] };
  readonly #replaced: [number, Recipe][] = [];
  readonly #trials: number[] = [];
  #baseDigest = 0n;
  #next = 0;
  #searches = 0;
  /** Jobs that still send. */
  #jobs: number;
  /** How often this machine had no connection left, up to the last job that ended. */
  #exhaustions: number;

  constructor(recipes: readonly Recipe[], options: BatchOptions) {
    this.#recipes = [...recipes];
    this.#options = options;
    this.#jobs = options.jobs;
    this.#exhaustions = options.evaluator.exhaustions;
  }

  async run(): Promise<BatchReport> {
    const { jobs, trouble } = this.#options;
    const connections = this.#persistentConnections();
    const stop = (): void => this.#stop();
    trouble?.addEventListener('abort', stop);
    if (trouble?.aborted) stop();
    await Promise.all(
      Array.from({ length: jobs }, (_, nth) => this.#work(connections[nth % connections.length])),
    );
    trouble?.removeEventListener('abort', stop);
    for (const connection of connections) connection.close();
    this.#stats.digest = addDigests('0', this.#baseDigest.toString(16));
    const report = {
      stats: this.#stats,
      notable: this.#notable,
      replaced: this.#replaced,
      trials: this.#trials,
    };
    if (this.#candidates === undefined && this.#unshown.length === 0 && this.#next === this.#recipes.length)
      return report;
    const isShown = (place: number): boolean => !this.#unshown.includes(place);
    const finished = this.#candidates ?? (this.#cut.length > 0 ? this.#recent.toReversed() : []);
    const inFlight = [...this.#cut, ...finished.filter(isShown)];
    const left = [...this.#unshown, ...this.#recipes.keys()].filter(
      (place, at) => at < this.#unshown.length || place >= this.#next,
    );
    return { ...report, stopped: { inFlight, left } };
  }

  /** Persistent connections, if the target serves several frames on each. Each is used by several jobs. */
  #persistentConnections(): readonly PersistentConnection[] {
    const { jobs, evaluator, waits } = this.#options;
    const { address, against, behaviour } = evaluator.options;
    if (!behaviour.servesSeveral || against !== undefined) return [];
    return Array.from(
      { length: Math.ceil(jobs / CASES_PER_CONNECTION) },
      () => new PersistentConnection(address, waits),
    );
  }

  /** One job: sends one case after another. */
  async #work(connection: PersistentConnection | undefined): Promise<void> {
    const { signal, evaluator } = this.#options;
    for (;;) {
      const place = this.#next;
      const recipe = this.#recipes[place];
      if (recipe === undefined || this.#candidates !== undefined || signal?.aborted) break;
      this.#next += 1;
      await this.#send(recipe, place, connection);
      // Where this machine has no connection left, one job fewer sends the other cases.
      if (evaluator.exhaustions > this.#exhaustions && this.#jobs > 1) {
        this.#exhaustions = evaluator.exhaustions;
        this.#jobs -= 1;
        break;
      }
    }
  }

  async #send(planned: Recipe, place: number, connection: PersistentConnection | undefined): Promise<void> {
    const { recipe, value, mutations, digest, isSkipped } = this.#caseAt(place, planned);
    if (isSkipped) {
      this.#countBase(digest);
      return;
    }
    this.#inFlight.add(place);
    this.#recent = [...this.#recent.slice(-RECENT_PER_JOB * this.#options.jobs), place];
    const evaluated = await this.#evaluatedUnlessAborted(recipe, value, connection);
    if (evaluated === undefined) {
      this.#inFlight.delete(place);
      this.#unshown.push(place);
      this.#cut.push(place);
      return;
    }
    const { executions, shown, isShared, ...evaluation } = evaluated;
    this.#countMute(executions);
    if (evaluation.isRefused || this.#mute >= Math.max(MUTE_CASES, this.#options.jobs)) this.#stop();
    this.#inFlight.delete(place);
    // Of several connections, an earlier one may have stopped the target: then the case was received.
    if (evaluation.isRefused && value.connections.length === 1) {
      this.#unshown.push(place);
      return;
    }
    this.#countBase(digest);
    this.#count(mutations, evaluation, value, executions);
    if (isShared) this.#stats.shared += 1;
    else this.#stats.connections += executions.length;
    this.#note(shown === value ? recipe : { lane: 'given', value: shown }, shown, mutations, evaluation);
  }

  /** Ends the batch early. */
  #stop(): void {
    const finished = this.#recent.filter((place) => !this.#inFlight.has(place));
    this.#candidates ??= [...this.#inFlight, ...finished.reverse()];
  }

  #countMute(executions: readonly Execution[]): void {
    const isReaction = ({ reply: { received, ending } }: Execution): boolean =>
      received.length > 0 || ending === 'fin' || ending === 'reset';
    if (executions.some(isReaction)) this.#mute = 0;
    else if (executions.some(({ reply }) => reply.ending === 'hung')) this.#mute += 1;
  }

  /** The case at this place. Must be called for one place after another. */
  #caseAt(place: number, recipe: Recipe): ReadyCase {
    const ready = this.#ready.cases[place - this.#ready.from];
    if (ready !== undefined) return ready;
    const first = this.#make(recipe, place);
    const others = this.#recipes
      .slice(place + 1, place + MADE_AHEAD)
      .map((other, after) => this.#make(other, place + 1 + after));
    this.#ready = { from: place, cases: [first, ...others] };
    return first;
  }

  #make(planned: Recipe, place: number): ReadyCase {
    const { generator, crashPatterns } = this.#options;
    let recipe = planned;
    let generated = generator.make(recipe);
    let isSkipped = false;
    if (crashPatterns.length > 0 && matchesCrash(generated.value, crashPatterns)) {
      if (isTrial(recipe)) this.#trials.push(place);
      else {
        this.#stats.skipped += 1;
        const other = generator.redraw(recipe, (value) => matchesCrash(value, crashPatterns));
        isSkipped = other === undefined;
        if (other !== undefined) {
          ({ recipe, generated } = other);
          this.#replaced.push([place, recipe]);
          this.#recipes[place] = recipe;
        }
      }
    }
    const ready = { ...generated, recipe, isSkipped };
    if (recipe.lane !== 'base') return ready;
    // Which draw is sent depends on what was found before. The digest is of the first, so that it depends on the seed only.
    const { value } = (recipe.draw ?? 0) === 0 ? generated : generator.at(recipe.index);
    return { ...ready, digest: BigInt(`0x${digestOf(value)}`) };
  }

  async #evaluatedUnlessAborted(
    recipe: Recipe,
    value: Case,
    connection: PersistentConnection | undefined,
  ): Promise<SentCase | undefined> {
    const { signal } = this.#options;
    try {
      return await unlessAborted(this.#evaluateFurther(recipe, value, connection), signal);
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
  }

  /** Executes the case, and where it showed nothing, asks the oracles that need more connections. */
  async #evaluateFurther(
    recipe: Recipe,
    value: Case,
    connection: PersistentConnection | undefined,
  ): Promise<SentCase> {
    const first = await this.#evaluate(value, connection);
    const { evaluator, waits } = this.#options;
    if (first.breaches.length > 0 || first.isRefused || evaluator.options.against !== undefined) return first;
    const [marker] = first.foreignMarkers;
    if (marker !== undefined && this.#searches < MOST_SEARCHES) {
      this.#searches += 1;
      const leak = await evaluator.runAfterSender(marker, this.#sentBefore(), value, waits);
      if (leak !== undefined) return { ...leak, isShared: false };
    }
    const number = scattered(recipe);
    if (number === undefined || number % CASES_PER_VARIATION !== 0) return first;
    const segmentation =
      SEGMENTATIONS[(number / CASES_PER_VARIATION) % SEGMENTATIONS.length] ?? SEGMENTATIONS[0];
    const varied = await evaluator.runVariation(value, segmentation, waits);
    return varied?.breaches.some(({ invariant }) => invariant === 'reads-segments')
      ? { ...varied, isShared: false }
      : first;
  }

  /** The other cases of the batch that were sent, the latest first. */
  *#sentBefore(): IterableIterator<Case> {
    for (let place = this.#next - 1; place >= 0; place -= 1) {
      const recipe = this.#recipes[place];
      if (recipe !== undefined) yield this.#options.generator.make(recipe).value;
    }
  }

  /** Executes the case on the persistent connection where that is possible, else on new connections. */
  async #evaluate(value: Case, connection: PersistentConnection | undefined): Promise<SentCase> {
    const { evaluator, waits } = this.#options;
    const sent = connection && singleFrameOf(value);
    if (connection === undefined || sent === undefined)
      return { ...(await evaluator.run(value, waits)), shown: value, isShared: false };
    const reply = await connection.exchange(sent);
    const executions = [readExecution(sent, reply)];
    const evaluation = evaluator.evaluate(executions, value);
    if (evaluation.breaches.length === 0 && !evaluation.isRefused)
      return { executions, ...evaluation, shown: value, isShared: true };
    // A breach is shown by the case alone, or by all frames of the connection. Otherwise a late answer was taken for the
    // answer to another case. The longer wait is for an answer that a busy machine delays.
    const longerWaits = { ...waits, quietMs: waits.reactionMs };
    const alone = await evaluator.run(value, longerWaits);
    if (alone.breaches.length > 0 || alone.isRefused) return { ...alone, shown: value, isShared: false };
    const whole: Case = { arrangement: 'at-once', connections: [reply.history()] };
    return { ...(await evaluator.run(whole, longerWaits)), shown: whole, isShared: false };
  }

  #note(recipe: Recipe, value: Case, mutations: readonly string[], evaluation: Evaluation): void {
    const { knownSignatures } = this.#options;
    const isFull = knownSignatures.size >= MAX_SIGNATURES;
    const signatures = isFull
      ? []
      : evaluation.signatures.filter((signature) => !knownSignatures.has(signature));
    if (evaluation.breaches.length === 0 && (signatures.length === 0 || evaluation.isRefused)) return;
    for (const signature of signatures) knownSignatures.add(signature);
    this.#notable.push({ recipe, value, mutations, signatures, breaches: evaluation.breaches });
  }

  #countBase(digest: bigint | undefined): void {
    if (digest === undefined) return;
    this.#stats.baseCases += 1;
    this.#baseDigest += digest;
  }

  #count(
    mutations: readonly string[],
    evaluation: Evaluation,
    value: Case,
    executions: readonly Execution[],
  ): void {
    const stats = this.#stats;
    stats.cases += 1;
    for (const { sent } of executions) stats.bytes += sent.bytes.length;
    for (const actions of value.connections)
      stats.frames += actions.filter(({ do: what }) => what === 'frame').length;
    for (const name of mutations) increase(stats.mutations, name);
    for (const signature of evaluation.signatures) countSignature(stats, signature);
  }
}

/** Whether the case of the recipe is sent although it matches a crash pattern. */
function isTrial(recipe: Recipe): boolean {
  const number = scattered(recipe);
  return number !== undefined && number % TRIAL_SHARE === TRIAL_SHARE - 1;
}

/**
 * A number of 32 bits that follows from the index of the case, or its nonce. A shard has every n-th index: the remainders of its
 * indices are not evenly spread, and those of these numbers are. Undefined for a given case.
 */
function scattered(recipe: Recipe): number | undefined {
  if (recipe.lane === 'given') return undefined;
  return mix(0, recipe.lane === 'base' ? recipe.index : recipe.nonce) >>> 0;
}
