/**
 * One attempt of one scenario: runs its steps on real connections, watches the store and the process through the
 * observers, sends a liveness probe on a fresh connection, and judges the result.
 */

import { performance } from 'node:perf_hooks';
import type { Mismatch, MismatchKind } from '../judge/mismatch.ts';
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
import { derivedSeed, seeded } from '../util/random.ts';
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
import type { Lane } from './lanes.ts';
import { connectionOptions, type Profile } from './preflight.ts';
import { Probes } from './probes.ts';
import { type Means, reasonToSkip } from './skips.ts';
import { type StoreWatch, watchStore } from './store-watch.ts';
import type { Deadlines } from './timing/deadlines.ts';
import { type Awaited, awaitedBy, VainWaits } from './timing/vain-waits.ts';

export interface AttemptOptions extends Means {
  readonly target: Address;
  /** Determines the task ids of each scenario. Default: ids that never repeat. */
  readonly seed?: number | undefined;
  /** How many times as fast as real time the target's clock runs. */
  readonly timeScale: number;
  /** Whether nothing, such as a proxy, stands between the kit and the target. */
  readonly isDirect: boolean;
  /** Of ordinary SUBMITs. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  /** Takes the latency of the answered liveness probe after each attempt, in milliseconds. */
  readonly onLatency?: ((latencyMs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Copies that run in turn take about this time at most, in milliseconds; on a slower target, several run at a time. */
const IN_TURN_MS = 2000;

/** What is seen at once: all other mismatches of the store are found when an effect did not come by the deadline. */
const SEEN_AT_ONCE: ReadonlySet<MismatchKind> = new Set<MismatchKind>([
  'file touched',
  'file escaped',
  'growth',
]);

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
  /** Present if it failed because what it awaited did not come: within the full deadline, or within a shorter time. */
  readonly waited?: 'full' | 'short';
  /** How the process of a target that died ended. Absent when the kit did not start it. */
  readonly said?: ProcessEnd;
};

/** An attempt before its wall time is known. */
type Judged = Verdict & Pick<Attempt, 'transcript' | 'targetDied' | 'waited'>;

/** How an attempt runs next to others. */
export interface Surroundings {
  /** False while other scenarios run; a target that does not answer then may only be busy. */
  readonly isAlone: boolean;
  /** Released once the attempt only waits. Default: it is never released. */
  readonly lane?: Lane;
  /** Whether it waits for the liveness probe without the lane; a death is then that of one of several. Default false. */
  readonly isProbedLater?: boolean;
}

/** What one attempt needs at every step. */
interface Play extends Surroundings {
  readonly scenario: Scenario;
  readonly ids: Ids;
  /** What attempts of this kind have awaited in vain, at the beginning of the attempt. */
  readonly inVain: ReadonlySet<Awaited>;
}

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
  readonly #vainWaits = new VainWaits();
  /** How often each scenario has got fresh task ids. */
  readonly #counts = new Map<string, number>();
  /**
   * By clause, for input to which silence is permitted: whether the target has closed the connection each time. If so, the
   * kit waits for the close.
   */
  readonly #closes = new Map<string, boolean>();

  constructor(options: AttemptOptions) {
    this.#options = options;
    const { seed } = options;
    const random = seed === undefined ? undefined : seeded(derivedSeed(seed, 'probes'));
    this.#probes = new Probes({ ...options, random });
  }

  /**
   * Never rejects: a fault of the kit becomes the verdict 'error'.
   */
  async attempt(scenario: Scenario, surroundings: Surroundings): Promise<Attempt> {
    const skipped = this.reasonToSkip(scenario);
    const began = performance.now();
    let judged = skipped ? unplayed(skipped) : await this.#attempt(scenario, surroundings);
    for (let round = 2; round <= (scenario.rounds ?? 1) && judged.verdict === 'pass'; round += 1)
      judged = await this.#attempt(scenario, surroundings);
    const attempt = { ...judged, durationMs: performance.now() - began };
    this.#verdicts.set(scenario.id, attempt);
    return attempt;
  }

  /** Whether a target that did not answer is alive. Meant for a time when no scenario runs. */
  async isAlive(): Promise<boolean> {
    return (await this.#probes.lastLiveness()) !== undefined;
  }

  /** Whether attempts of this kind have awaited something in vain, and none of them has passed since. */
  isKnownToWait(scenario: Scenario): boolean {
    return this.#vainWaits.of(scenario).size > 0;
  }

  /** To be called when a failed attempt passes as it is repeated: attempts of its kind get full deadlines again. */
  forgetWaits(scenario: Scenario): void {
    this.#vainWaits.forget(scenario);
  }

  get deadlines(): Deadlines {
    return this.#probes.deadlines;
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

  async #attempt(scenario: Scenario, surroundings: Surroundings): Promise<Judged> {
    try {
      const ids = this.#freshIds(scenario);
      const play: Play = { ...surroundings, scenario, ids, inVain: this.#vainWaits.of(scenario) };
      const { store, process, timeScale } = this.#options;
      const reason = store && (await this.#prepare(scenario, store, ids));
      if (reason) return unplayed({ verdict: 'skipped', lacks: 'acceptance', reason });
      const watched =
        scenario.store &&
        store &&
        (await watchStore(store, { ...scenario, ...accelerated(scenario, timeScale) }, ids));
      if (scenario.copies?.warmUp) (await this.#runCopies(play, this.#freshIds(scenario))).release();
      const player = this.#player(play);
      const isMeasured = scenario.maxGrowth && process;
      const growth = isMeasured && (await watchScenario(player, process));
      if (isMeasured && !growth)
        return unplayed({ verdict: 'inconclusive', reason: 'the process could not be measured' });
      const { decisive, grown } = await runWaves(player, growth);
      const isRestarted = await this.#killIfAsked(scenario, decisive.verdict);
      const access = scenario.access && (() => this.#access(scenario.access, ids.of));
      const isJudged = !scenario.storeIfAccepted || statusOf(decisive.observation) === 200;
      const missing =
        (isJudged && watched && (await this.#effects(play, watched, decisive.verdict, access))) || [];
      decisive.release();
      const { transcript, observation } = decisive;
      const alive = isRestarted ? await this.#liveness(play) : undefined;
      if (alive === undefined) return { ...judgeDeath(scenario, observation), transcript, targetDied: true };
      const undecided = missing.length > 0 && decisive.verdict.verdict === 'pass' && scenario.undecided;
      if (undecided && (await watched?.holds(undecided.store))) {
        const { reason } = undecided;
        return { verdict: 'skipped', lacks: 'timeouts', reason, transcript, targetDied: false };
      }
      const judged = judgeSideEffects(decisive.verdict, scenario, observation, [...missing, ...grown]);
      this.#learn(scenario, judged);
      const waited = this.#waitedInVain(play, decisive, missing);
      const verdict = await explain(this.#applyControl(scenario, judged), {
        scenario,
        alive,
        ...decisive,
        ...this.#options,
        probes: this.#probes,
      });
      return { ...verdict, transcript, targetDied: false, ...(waited && { waited }) };
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
  #player(play: Play): WavePlayer<CopyResult> {
    const { target, signal } = this.#options;
    return {
      scenario: play.scenario,
      open: (background) =>
        openBackground(target, background, this.#connectionOptions(this.#freshIds(play.scenario).of)),
      play: (isFirst) => this.#runCopies(play, isFirst ? play.ids : this.#freshIds(play.scenario)),
      // A successful probe shows that the target has accepted all earlier connections.
      settle: async () => void (await this.#liveness(play)),
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
  async #runCopies(play: Play, firstIds: Ids): Promise<CopyResult> {
    const { scenario } = play;
    const { steps } = accelerated(scenario, this.#options.timeScale);
    const { count, arrangement } = scenario.copies ?? { count: 1, arrangement: 'in-turn' };
    const { echoesTaskId } = this.#options.preflight.profile;
    const runCopy = async (copy: number): Promise<CopyResult> => {
      const ids = (copy === 0 ? firstIds : this.#freshIds(scenario)).of;
      const options = this.#playOptions(ids, play);
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
    const together = arrangement === 'at-once' ? count : this.#copiesInTurn(count);
    for (let begun = 1; begun < count && last.verdict.verdict === 'pass'; begun += together) {
      const copies = Array.from({ length: Math.min(together, count - begun) }, (_, at) =>
        runCopy(begun + at),
      );
      const played = await Promise.all(copies);
      last = played.find(({ verdict }) => verdict.verdict !== 'pass') ?? played.at(-1) ?? last;
    }
    return last;
  }

  /** How many of the copies that run in turn run at a time. One, unless the target is slow and serves several. */
  #copiesInTurn(count: number): number {
    const { isConcurrent, keepsOpen, latencyMs = 0 } = this.#options.preflight.profile;
    const eachMs = latencyMs + (keepsOpen ? this.#probes.deadlines.quietMs : 0);
    return isConcurrent ? Math.max(1, Math.ceil((count * eachMs) / IN_TURN_MS)) : 1;
  }

  #connectionOptions(idOf: Ids['of']): ConnectionOptions {
    const { deadlines } = this.#probes;
    return { ...connectionOptions(deadlines, deadlines.quietMs, idOf), signal: this.#options.signal };
  }

  /** For a connection with the steps of the scenario. */
  #playOptions(idOf: Ids['of'], { scenario, inVain, lane }: Play): ConnectionOptions {
    const { profile } = this.#options.preflight;
    const awaited = awaitedBy(scenario);
    const isShort = awaited !== undefined && inVain.has(awaited);
    const deadlines = forCopies(shortened(this.#probes.deadlines, isShort), scenario, profile);
    const quietMs = scenario.storeAt === 'answer' ? 0 : deadlines.quietMs;
    const options: ConnectionOptions = {
      ...connectionOptions(deadlines, quietMs, idOf),
      turn: lane && playsOnce(scenario) ? { settleMs: deadlines.settleMs, ...lane } : undefined,
      signal: this.#options.signal,
    };
    // A close that is never seen is not awaited for long.
    if (this.#probes.losesFin && awaited === 'close')
      return { ...options, firstByteTimeoutMs: UNSEEN_CLOSE * deadlines.quietMs };
    if (!scenario.accept.some(({ kind }) => kind === 'silent')) return options;
    return {
      ...options,
      firstByteTimeoutMs: this.#closes.get(scenario.clause) ? deadlines.repeatMs : deadlines.quietMs,
      firstByteTimeoutIs: 'quiet',
      // A target that serves one connection after another answers no other one meanwhile.
      ...(profile.answers && profile.isConcurrent && { barrier: () => this.#probes.liveness() }),
    };
  }

  #liveness({ isAlone, isProbedLater, lane }: Play): Promise<Observation | undefined> {
    if (isProbedLater) lane?.release();
    return isAlone ? this.#probes.patientLiveness() : this.#probes.liveness();
  }

  /** The conditions on the store that do not hold in time. */
  async #effects(
    { scenario, inVain, lane, isAlone }: Play,
    watched: StoreWatch,
    { verdict }: Verdict,
    access: (() => Promise<void>) | undefined,
  ): Promise<Mismatch[]> {
    // If the wire has decided, nothing is awaited, and only what the attempt left outside the store is removed.
    const isOpen = verdict === 'pass';
    const usual = shortened(this.#probes.deadlines, inVain.has('effect'));
    const isShort = isShared(scenario, isAlone);
    const deadlines = isOpen && !isShort ? usual : { ...usual, answerMs: isShort ? usual.quietMs : 0 };
    const settled = lane && playsOnce(scenario) ? setTimeout(lane.release, deadlines.settleMs) : undefined;
    const missing = await watched.mismatches({
      deadlines,
      signal: this.#options.signal,
      access: isOpen ? access : undefined,
    });
    clearTimeout(settled);
    return missing;
  }

  /**
   * Remembers what an attempt has awaited in vain. Whether it waited the full deadline or a shorter time; undefined if all came
   * that it awaited.
   */
  #waitedInVain(
    { scenario, inVain, isAlone }: Play,
    wire: CopyResult,
    missing: readonly Mismatch[],
  ): Attempt['waited'] {
    if (isShared(scenario, isAlone)) return undefined;
    const isWire = wire.verdict.verdict === 'fail' && wire.observation.ending.kind === 'deadline';
    const isEffect = missing.some(({ kind }) => !SEEN_AT_ONCE.has(kind));
    const awaited = isWire ? awaitedBy(scenario) : isEffect ? 'effect' : undefined;
    if (awaited === undefined) return undefined;
    if (inVain.has(awaited)) return 'short';
    this.#vainWaits.add(scenario, awaited);
    return 'full';
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

  /** With a seed, they do not depend on what other scenarios do meanwhile. */
  #freshIds({ id }: Scenario): Ids {
    const { seed } = this.#options;
    if (seed === undefined) return freshIds(undefined);
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    return freshIds(seeded(derivedSeed(seed, `${id} ${count}`)));
  }
}

/** Whether it sends everything on one connection, so that it only waits after the last step. */
function playsOnce({ copies, background, rounds, simultaneous, kill }: Scenario): boolean {
  return [copies, background, rounds, simultaneous, kill].every((several) => several === undefined);
}

/** Whether files without a task id, which a scenario that runs alone looks for, may be those of other attempts, and stay. */
function isShared({ alone = false, store }: Scenario, isAlone: boolean): boolean {
  return alone && store !== undefined && !isAlone;
}

function shortened(deadlines: Deadlines, isShort: boolean): Deadlines {
  return isShort ? { ...deadlines, answerMs: deadlines.repeatMs } : deadlines;
}

/** The deadlines of copies that run at once: a target may serve them one after another. */
function forCopies(deadlines: Deadlines, { copies }: Scenario, { latencyMs = 0 }: Profile): Deadlines {
  const { count, arrangement } = copies ?? { count: 1, arrangement: 'in-turn' };
  if (arrangement !== 'at-once') return deadlines;
  return { ...deadlines, answerMs: deadlines.answerMs + count * latencyMs };
}

/** An attempt without a transcript. */
function unplayed(verdict: Verdict): Judged {
  return { ...verdict, transcript: [], targetDied: false };
}
