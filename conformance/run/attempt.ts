/**
 * One attempt of one scenario: runs its steps on real connections, watches the store and the process through the
 * observers, sends a liveness probe on a fresh connection, and judges the result.
 */

import { performance } from 'node:perf_hooks';
import { type Observation, observe } from '../judge/observe.ts';
import {
  applyControl,
  judgeDeath,
  judgeObservation,
  judgeSideEffects,
  needsControl,
  type Skipped,
  statusOf,
  type Verdict,
} from '../judge/oracle.ts';
import type { Ids } from '../judge/store-oracle.ts';
import type { ProcessEnd, StoreObserver } from '../observers/observer.ts';
import type { Addresses } from '../scenario/bytes.ts';
import type { PreloadedTask, Scenario } from '../scenario/scenario.ts';
import { accelerated } from '../scenario/time-scale.ts';
import type { Transcript } from '../wire/transcript.ts';
import {
  type Address,
  type ConnectionOptions,
  type Held,
  openBackground,
  runSteps,
  runStepsAndHold,
} from '../wire/transport.ts';
import { explain } from './explain.ts';
import { runWaves, type WavePlayer, watchScenario } from './growth.ts';
import { freshIds } from './ids.ts';
import { connectionOptions, type Deadlines, type Profile } from './preflight.ts';
import { Probes } from './probes.ts';
import { type Means, reasonToSkip } from './skips.ts';
import { watchStore } from './store-watch.ts';

export interface AttemptOptions extends Means {
  readonly target: Address;
  /** Numbers from 0, inclusive, to 1, exclusive, for reproducible task ids. Default: ids that never repeat. */
  readonly random?: (() => number) | undefined;
  /** How many times as fast as real time the target's clock runs. */
  readonly timeScale: number;
  /** Whether nothing, such as a proxy, stands between the kit and the target. */
  readonly isDirect: boolean;
  /** Of ordinary SUBMITs. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  /** Takes the latency of every answered liveness probe, in milliseconds. */
  readonly onLatency?: ((latencyMs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Through a proxy that passes no close on, the kit listens this many times as long as for silence. */
const UNSEEN_CLOSE = 5;

/** One attempt of a scenario: its verdict and the evidence. */
export type Attempt = Verdict & {
  /** Of the connection that decided; empty when no step was run. */
  readonly transcript: Transcript;
  /** True if the target no longer answered the liveness probe after it. */
  readonly targetDied: boolean;
  /** Wall time of the attempt with every wait, in milliseconds. Never compared. */
  readonly durationMs: number;
  /** How the process of a target that died ended. Absent when the kit did not start it. */
  readonly said?: ProcessEnd;
};

/** An attempt before its wall time is known. */
type Judged = Verdict & Pick<Attempt, 'transcript' | 'targetDied'>;

/** One copy of a scenario, whose connection stays open until it is released. */
interface CopyResult extends Held {
  readonly transcript: Transcript;
  readonly verdict: Verdict;
  readonly observation: Observation;
  readonly idOf: Ids['of'];
}

export class AttemptRunner {
  readonly #options: AttemptOptions;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #probes: Probes;
  /**
   * By clause, for input to which silence is permitted: whether the target has closed the connection each time. If so, the
   * kit waits for the close.
   */
  readonly #closes = new Map<string, boolean>();

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#probes = new Probes(options);
  }

  /**
   * `isAlone` is false while other scenarios run; a target that does not answer then may only be busy. Never rejects: a fault
   * of the kit becomes the verdict 'error'.
   */
  async attempt(scenario: Scenario, isAlone: boolean): Promise<Attempt> {
    const skipped = this.reasonToSkip(scenario);
    const began = performance.now();
    let judged = skipped ? unplayed(skipped) : await this.#attempt(scenario, isAlone);
    for (let round = 2; round <= (scenario.rounds ?? 1) && judged.verdict === 'pass'; round += 1)
      judged = await this.#attempt(scenario, isAlone);
    const attempt = { ...judged, durationMs: performance.now() - began };
    this.#verdicts.set(scenario.id, attempt);
    return attempt;
  }

  /** Whether the target answers a patient liveness probe. Meant for a time when no scenario runs. */
  async isAlive(): Promise<boolean> {
    return (await this.#probes.liveness(true)) !== undefined;
  }

  /** Whether the last attempt of this scenario passed. */
  hasPassed(id: string | undefined): boolean {
    return id !== undefined && this.#verdicts.get(id)?.verdict === 'pass';
  }

  /** Whether the preflight of the store, with no scenario in flight, has shown that the scenario's task is ignored. */
  isKnownToIgnore({ preloaded = [] }: Scenario): boolean {
    const isIgnored = this.#options.storeProfile?.planted === 'ignored even after a restart';
    return isIgnored && preloaded.some(({ side }) => side === 'submitted');
  }

  /** Why the scenario is skipped; undefined if it runs. */
  reasonToSkip(scenario: Scenario): Skipped | undefined {
    return reasonToSkip(scenario, this.#options);
  }

  async #attempt(scenario: Scenario, isAlone: boolean): Promise<Judged> {
    try {
      const ids = this.#freshIds();
      const { store, process, timeScale, signal } = this.#options;
      const reason = store && (await this.#prepare(scenario, store, ids));
      if (reason) return unplayed({ verdict: 'skipped', lacks: 'acceptance', reason });
      const watched =
        scenario.store &&
        store &&
        (await watchStore(store, { ...scenario, ...accelerated(scenario, timeScale) }, ids));
      if (scenario.copies?.warmUp) (await this.#runCopies(scenario, this.#freshIds().of)).release();
      const player = this.#player(scenario, ids.of, isAlone);
      const isMeasured = scenario.maxGrowth && process;
      const growth = isMeasured && (await watchScenario(player, process));
      if (isMeasured && !growth)
        return unplayed({ verdict: 'inconclusive', reason: 'the process could not be measured' });
      const { decisive, grown } = await runWaves(player, growth);
      const { deadlines } = this.#probes;
      const isRestarted = await this.#killIfAsked(scenario, decisive.verdict);
      const access = scenario.access && (() => this.#access(scenario.access, ids.of));
      const isJudged = !scenario.storeIfAccepted || statusOf(decisive.observation) === 200;
      const missing = (isJudged && (await watched?.mismatches({ deadlines, signal, access }))) || [];
      decisive.release();
      const { transcript, observation } = decisive;
      const alive = isRestarted ? await this.#probes.liveness(isAlone) : undefined;
      if (alive === undefined) return { ...judgeDeath(scenario, observation), transcript, targetDied: true };
      const undecided = missing.length > 0 && decisive.verdict.verdict === 'pass' && scenario.undecided;
      if (undecided && (await watched?.holds(undecided.store))) {
        const { reason } = undecided;
        return { verdict: 'skipped', lacks: 'timeouts', reason, transcript, targetDied: false };
      }
      const judged = judgeSideEffects(decisive.verdict, scenario, observation, [...missing, ...grown]);
      this.#learn(scenario, judged);
      const verdict = await explain(this.#applyControl(scenario, judged), {
        scenario,
        alive,
        ...decisive,
        ...this.#options,
        probes: this.#probes,
      });
      return { ...verdict, transcript, targetDied: false };
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return unplayed({ verdict: 'error', reason });
    }
  }

  /** Writes the preloaded tasks and runs the earlier steps. Why the scenario cannot be judged; undefined if it can. */
  async #prepare(
    { preloaded = [], earlier, store: conditions = [], alone = false }: Scenario,
    store: StoreObserver,
    ids: Ids,
  ): Promise<string | undefined> {
    const preload = async (tasks: readonly PreloadedTask[]): Promise<void> => {
      for (const task of tasks) await store.preload(task, ({ slot }) => ids.of(slot));
    };
    const replacing = preloaded.filter(({ replaces }) => replaces);
    await preload(preloaded.filter(({ replaces }) => !replaces));
    if (earlier === undefined) return undefined;
    const context = { deadlines: this.#probes.deadlines, signal: this.#options.signal, access: undefined };
    const created = await watchStore(
      store,
      { store: replacing.map(({ side, taskId }) => ({ kind: 'task', side, taskId, fields: {} })) },
      ids,
    );
    const effects = await watchStore(store, { store: conditions, alone }, ids);
    await runSteps(this.#options.target, earlier, this.#connectionOptions(ids.of));
    const missing = await created.mismatches(context);
    if (missing.length === 0) {
      await preload(replacing);
      missing.push(...(await effects.mismatches(context)));
    }
    return missing[0] && `the earlier message had no such effect: ${missing[0].text}`;
  }

  /** What `watchGrowth` and `runWaves` need to play a scenario. */
  #player(scenario: Scenario, idOf: Ids['of'], isAlone: boolean): WavePlayer<CopyResult> {
    const { target, signal } = this.#options;
    return {
      scenario,
      open: (background) => openBackground(target, background, this.#connectionOptions(this.#freshIds().of)),
      play: (isFirst) => this.#runCopies(scenario, isFirst ? idOf : this.#freshIds().of),
      // A successful probe shows that the target has accepted all earlier connections.
      settle: async () => void (await this.#probes.liveness(isAlone)),
      deadlines: () => this.#probes.deadlines,
      signal,
    };
  }

  /** False if the target was killed and could not be started again. */
  async #killIfAsked({ kill }: Scenario, { verdict }: Verdict): Promise<boolean> {
    if (!kill || verdict !== 'pass') return true;
    return await (this.#options.kill?.() ?? Promise.resolve()).then(
      () => true,
      () => false,
    );
  }

  async #access(steps: Scenario['access'] = [], idOf: Ids['of']): Promise<void> {
    await runSteps(this.#options.target, steps, this.#connectionOptions(idOf));
  }

  /** Runs every copy. The first that does not pass decides, otherwise the last. */
  async #runCopies(scenario: Scenario, idOf: Ids['of']): Promise<CopyResult> {
    const { steps } = accelerated(scenario, this.#options.timeScale);
    const { count, arrangement } = scenario.copies ?? { count: 1, arrangement: 'in-turn' };
    const { echoesTaskId } = this.#options.preflight.profile;
    const runCopy = async (copy: number): Promise<CopyResult> => {
      const ids = copy === 0 ? idOf : this.#freshIds().of;
      const options = this.#connectionOptions(ids, scenario);
      const { target } = this.#options;
      const others = scenario.simultaneous ?? [];
      const half = others.length / 2;
      const send = (messages: typeof others): Promise<unknown>[] =>
        messages.map((message) => runSteps(target, message, options));
      // Between the others, because a target often writes in the order in which connections arrive.
      const earlier = send(others.slice(0, half));
      const own = runStepsAndHold(target, steps, options);
      await Promise.all([...earlier, ...send(others.slice(half))]);
      const { transcript, release } = await own;
      if (scenario.store === undefined) release();
      const observation = observe(transcript);
      const verdict = judgeObservation(scenario, observation, ids, echoesTaskId);
      return { transcript, release, observation, verdict, idOf: ids };
    };
    let last = await runCopy(0);
    if (arrangement === 'at-once') {
      const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => runCopy(index + 1)));
      return [last, ...others].find(({ verdict }) => verdict.verdict !== 'pass') ?? last;
    }
    for (let copy = 1; copy < count && last.verdict.verdict === 'pass'; copy += 1) last = await runCopy(copy);
    return last;
  }

  #connectionOptions(idOf: Ids['of'], scenario?: Scenario): ConnectionOptions {
    const { profile } = this.#options.preflight;
    const deadlines = forCopies(this.#probes.deadlines, scenario, profile);
    const quietMs = scenario?.storeAt === 'answer' ? 0 : deadlines.quietMs;
    const options = { ...connectionOptions(deadlines, quietMs, idOf), signal: this.#options.signal };
    // A close that is never seen is not awaited for long.
    if (this.#probes.losesFin && scenario?.accept.every(({ kind }) => kind === 'closes'))
      return { ...options, firstByteTimeoutMs: UNSEEN_CLOSE * deadlines.quietMs };
    if (!scenario?.accept.some(({ kind }) => kind === 'silent')) return options;
    return {
      ...options,
      firstByteTimeoutMs: this.#closes.get(scenario.clause) ? deadlines.answerMs : deadlines.quietMs,
      firstByteTimeoutIs: 'quiet',
      // A target that serves one connection after another answers no other one meanwhile.
      ...(profile.answers && profile.isConcurrent && { barrier: () => this.#probes.liveness(false) }),
    };
  }

  /** Remembers whether the target closes the connection after such input. */
  #learn({ clause, accept }: Scenario, verdict: Verdict): void {
    if (verdict.verdict !== 'pass' || !accept.some(({ kind }) => kind === 'silent')) return;
    if (verdict.outcome.kind === 'silent') this.#closes.set(clause, false);
    if (verdict.outcome.kind === 'closes' && !this.#closes.has(clause)) this.#closes.set(clause, true);
  }

  #applyControl(scenario: Scenario, verdict: Verdict): Verdict {
    const { control } = scenario;
    // What a target does although nothing was sent has no cause in the input, and needs no control.
    const isUnprompted = verdict.verdict === 'fail' && scenario.steps.every(({ do: act }) => act === 'pause');
    return control === undefined || isUnprompted
      ? verdict
      : applyControl(verdict, control, this.#verdicts.get(control), !scenario.accept.some(needsControl));
  }

  #freshIds(): Ids {
    return freshIds(this.#options.random);
  }
}

/** The deadlines of copies that run at once: a target may serve them one after another. */
function forCopies(
  deadlines: Deadlines,
  scenario: Scenario | undefined,
  { latencyMs = 0 }: Profile,
): Deadlines {
  const { count, arrangement } = scenario?.copies ?? { count: 1, arrangement: 'in-turn' };
  if (arrangement !== 'at-once') return deadlines;
  return { ...deadlines, answerMs: deadlines.answerMs + count * latencyMs };
}

/** An attempt without a transcript. */
function unplayed(verdict: Verdict): Judged {
  return { ...verdict, transcript: [], targetDied: false };
}
