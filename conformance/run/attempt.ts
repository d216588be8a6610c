/**
 * One attempt of one scenario: runs its steps on real connections, watches the store and the process through the
 * observers, sends a liveness probe on a fresh connection, and judges the result.
 */

import { performance } from 'node:perf_hooks';
import type { Observation } from '../judge/observe.ts';
import {
  applyControl,
  judgeDeath,
  judgeSideEffects,
  needsControl,
  type Skipped,
  statusOf,
  type Verdict,
} from '../judge/oracle.ts';
import type { Ids } from '../judge/touched-files.ts';
import type { ProcessEnd, StoreObserver, WatchReports } from '../observers/observer.ts';
import { ObserverError, storeFaultOf } from '../observers/observer-error.ts';
import type { Addresses } from '../scenario/bytes.ts';
import type { PreloadedTask, Scenario } from '../scenario/scenario.ts';
import { accelerated } from '../scenario/time-scale.ts';
import { describeOwnLimit, isOwnLimit, OwnLimitError } from '../wire/own-limit.ts';
import type { Transcript } from '../wire/transcript.ts';
import { type Address, openBackground, runSteps } from '../wire/transport.ts';
import { type CopyResult, runCopies } from './copies.ts';
import { costOf } from './cost.ts';
import { runWaves, type WavePlayer, watchScenario } from './effects/growth.ts';
import { ReportWatch } from './effects/report-watch.ts';
import { watchStore } from './effects/store-watch.ts';
import { explain } from './explain.ts';
import { freshIds } from './preflight/ids.ts';
import { Probes } from './preflight/probes.ts';
import { type Means, reasonToSkip } from './preflight/skips.ts';
import { usesStore } from './schedule.ts';
import type { BeforeConnections } from './timing/connection-rate.ts';
import type { Deadlines } from './timing/deadlines.ts';
import { type AttemptContext, playsOnce, type Surroundings, Waits } from './waits.ts';

export interface AttemptOptions extends Means {
  readonly target: Address;
  /** How many times as fast as real time the target's clock runs. */
  readonly timeScale: number;
  /** Whether nothing, such as a proxy, stands between the kit and the target. */
  readonly isDirect: boolean;
  /** Of ordinary SUBMITs. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  /** Takes the latency of the answered liveness probe after each attempt, in milliseconds. */
  readonly onLatency?: ((latencyMs: number) => void) | undefined;
  /** Called with the system's code where this machine could not open a connection at once. */
  readonly onOwnLimit?: ((code: string) => void) | undefined;
  /** Default: what the process of the target writes is unknown. */
  readonly watchReports?: WatchReports | undefined;
  /** Awaited before the connections of an attempt. Default: nothing is awaited. */
  readonly beforeConnections?: BeforeConnections | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
  /**
   * What the process of the target said: of one that died, at its end; else the report that it wrote because of an attempt that
   * failed. Absent when the kit did not start it.
   */
  readonly said?: ProcessEnd;
};

/** An attempt before its wall time is known. */
type Judged = Verdict & Pick<Attempt, 'transcript' | 'targetDied' | 'waited' | 'said'>;

export class AttemptRunner {
  readonly #options: AttemptOptions;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #probes: Probes;
  readonly #waits: Waits;

  constructor(options: AttemptOptions) {
    this.#options = options;
    const { signal, onOwnLimit } = options;
    this.#probes = new Probes(options);
    this.#waits = new Waits(options.preflight.profile, this.#probes, { signal, onOwnLimit });
  }

  /** Never rejects: a fault of the kit becomes the verdict 'error'. */
  async attempt(scenario: Scenario, surroundings: Surroundings): Promise<Attempt> {
    const skipped = this.reasonToSkip(scenario);
    // Outside of the attempt, so that the wait changes no time that is measured.
    if (!skipped)
      await this.#options.beforeConnections?.(costOf([scenario]).connections, this.#options.signal);
    const began = performance.now();
    let judged = skipped ? unplayed(skipped) : await this.#attempt(scenario, surroundings);
    for (let round = 2; round <= (scenario.rounds ?? 1) && judged.verdict === 'pass'; round += 1)
      judged = await this.#attempt(scenario, surroundings);
    const attempt = { ...judged, durationMs: performance.now() - began };
    // Without the transcript, which may be large.
    const { transcript: _, ...verdict } = attempt;
    this.#verdicts.set(scenario.id, verdict);
    return attempt;
  }

  /** Whether a target that did not answer is alive. Meant for a time when no scenario runs. */
  async isAlive(): Promise<boolean> {
    try {
      return (await this.#probes.lastLiveness()) !== undefined;
    } catch (error) {
      // This machine can open no connection, which says nothing about the target.
      if (error instanceof OwnLimitError) return true;
      throw error;
    }
  }

  /** Whether attempts of this kind have awaited something in vain, and none of them has passed since. */
  isKnownToWait(scenario: Scenario): boolean {
    return this.#waits.inVain(scenario).size > 0;
  }

  /** To be called when a failed attempt passes as it is repeated: attempts of its kind get full deadlines again. */
  forgetWaits(scenario: Scenario): void {
    this.#waits.forget(scenario);
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
      const ids = freshIds();
      const { store, storeFault, process, timeScale, watchReports } = this.#options;
      const reports = watchReports && playsOnce(scenario) ? new ReportWatch(watchReports) : undefined;
      const { lane } = surroundings;
      const context: AttemptContext = {
        ...surroundings,
        ...(lane && reports && { lane: reports.over(lane) }),
        reports,
        scenario,
        ids,
        inVain: this.#waits.inVain(scenario),
      };
      if (storeFault !== undefined && usesStore(scenario))
        return unplayed({ verdict: 'inconclusive', reason: storeFault });
      const reason = store && (await this.#prepare(scenario, store, ids));
      if (reason) return unplayed({ verdict: 'skipped', lacks: 'acceptance', reason });
      const watched =
        scenario.store &&
        store &&
        (await watchStore(store, { ...scenario, ...accelerated(scenario, timeScale) }, ids));
      if (scenario.copies?.warmUp) (await this.#runCopies(context, freshIds())).release();
      const player = this.#player(context);
      const isMeasured = scenario.maxGrowth && process;
      const growth = isMeasured && (await watchScenario(player, process));
      if (isMeasured && !growth)
        return unplayed({ verdict: 'inconclusive', reason: 'the process could not be measured' });
      const { decisive, grown } = await runWaves(player, growth);
      const isRestarted = await this.#killIfAsked(scenario, decisive.verdict);
      const access = scenario.access && (() => this.#access(scenario.access, ids.of));
      const isJudged = !scenario.storeIfAccepted || statusOf(decisive.observation) === 200;
      const effects =
        isJudged && watched
          ? await this.#waits.effects(context, watched, decisive.verdict, access).catch(storeFaultOf)
          : [];
      const missing = typeof effects === 'string' ? [] : effects;
      decisive.release();
      const { transcript, observation } = decisive;
      const alive = isRestarted ? await this.#liveness(context) : undefined;
      if (alive === undefined) return { ...judgeDeath(scenario, observation), transcript, targetDied: true };
      const undecided = missing.length > 0 && decisive.verdict.verdict === 'pass' && scenario.undecided;
      if (undecided && (await watched?.holds(undecided.store))) {
        const { reason } = undecided;
        return { verdict: 'skipped', lacks: 'timeouts', reason, transcript, targetDied: false };
      }
      const played: Verdict =
        typeof effects === 'string' && decisive.verdict.verdict === 'pass'
          ? { verdict: 'inconclusive', reason: effects }
          : decisive.verdict;
      const judged = judgeSideEffects(played, scenario, observation, [...missing, ...grown]);
      this.#waits.learn(scenario, judged);
      const waited = this.#waits.remember(context, decisive, missing);
      const verdict = await explain(this.#applyControl(scenario, judged), {
        scenario,
        alive,
        ...decisive,
        ...this.#options,
        probes: this.#probes,
      });
      const said = verdict.verdict === 'fail' ? reports?.said : undefined;
      return { ...verdict, transcript, targetDied: false, ...(waited && { waited }), ...(said && { said }) };
    } catch (error) {
      // What is in the store is the target's work.
      if (error instanceof ObserverError || error instanceof OwnLimitError)
        return unplayed({ verdict: 'inconclusive', reason: error.message });
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && isOwnLimit(code)) {
        this.#options.onOwnLimit?.(code);
        return unplayed({ verdict: 'inconclusive', reason: describeOwnLimit(code) });
      }
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
    await runSteps(this.#options.target, earlier, this.#waits.connection(ids.of));
    const missing = await created.mismatches(context);
    if (missing.length === 0) {
      await preload(replacing);
      missing.push(...(await effects.mismatches(context)));
    }
    return missing[0] && `the earlier message had no such effect: ${missing[0].text}`;
  }

  /** How `watchGrowth` and `runWaves` play the scenario. */
  #player(context: AttemptContext): WavePlayer<CopyResult> {
    const { target, signal } = this.#options;
    return {
      scenario: context.scenario,
      open: (background) => openBackground(target, background, this.#waits.connection(freshIds().of)),
      play: (isFirst) => this.#runCopies(context, isFirst ? context.ids : freshIds()),
      // A successful probe shows that the target has accepted all earlier connections.
      settle: async () => void (await this.#liveness(context)),
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
    await runSteps(this.#options.target, steps, this.#waits.connection(idOf));
  }

  #runCopies(context: AttemptContext, ids: Ids): Promise<CopyResult> {
    const { target, timeScale, preflight } = this.#options;
    return runCopies(context, ids, {
      target,
      steps: accelerated(context.scenario, timeScale).steps,
      waits: this.#waits,
      echoesTaskId: preflight.profile.echoesTaskId,
      freshIds,
    });
  }

  #liveness({ isAlone, beforeProbe }: AttemptContext): Promise<Observation | undefined> {
    beforeProbe?.();
    return isAlone ? this.#probes.patientLiveness() : this.#probes.liveness();
  }

  #applyControl(scenario: Scenario, verdict: Verdict): Verdict {
    const { control } = scenario;
    // What a target does although nothing was sent has no cause in the input, and needs no control.
    const isUnprompted = verdict.verdict === 'fail' && scenario.steps.every(({ do: act }) => act === 'pause');
    return control === undefined || isUnprompted
      ? verdict
      : applyControl(verdict, control, this.#verdicts.get(control), !scenario.accept.some(needsControl));
  }
}

/** An attempt without a transcript. */
function unplayed(verdict: Verdict): Judged {
  return { ...verdict, transcript: [], targetDied: false };
}
