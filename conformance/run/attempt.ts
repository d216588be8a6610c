/**
 * One attempt of one scenario: runs its steps on real connections, watches the store and the process through the
 * observers, sends a liveness probe on a fresh connection, and judges the result.
 */

import { type Observation, observe } from '../judge/observe.ts';
import {
  applyControl,
  judgeDeath,
  judgeObservation,
  judgeSideEffects,
  REJECTS_EVERYTHING,
  type Verdict,
} from '../judge/oracle.ts';
import type { ProcessObserver, StoreObserver } from '../observers/observer.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { newTaskId } from '../util/task-id.ts';
import type { Transcript } from '../wire/transcript.ts';
import {
  type Address,
  type ConnectionOptions,
  type Held,
  openBackground,
  runStepsAndHold,
} from '../wire/transport.ts';
import { watchGrowth } from './growth.ts';
import { connectionOptions, type Deadlines, deadlinesFor, type Preflight, probe } from './preflight.ts';
import type { StoreProfile } from './store-preflight.ts';
import { type IdOf, type Ids, watchStore } from './store-watch.ts';

export interface AttemptOptions {
  readonly target: Address;
  /** The result of the preflight. */
  readonly preflight: Extract<Preflight, { reached: true }>;
  readonly store?: StoreObserver | undefined;
  /** How the target uses that store. */
  readonly storeProfile?: StoreProfile | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Numbers from 0, inclusive, to 1, exclusive, for reproducible task ids. Default: ids that never repeat. */
  readonly random?: (() => number) | undefined;
  /** Run scenarios that wait for the protocol's timeouts. */
  readonly slow: boolean;
  /** Run scenarios that flood the target or exhaust its resources. */
  readonly heavy: boolean;
  /** How many times as fast as real time the target's clock runs. */
  readonly timeScale: number;
  readonly signal?: AbortSignal | undefined;
}

/** The second liveness probe waits this many times as long as the first. */
const SECOND_PROBE_FACTOR = 3;

/** One attempt of a scenario: its verdict and the evidence. */
export type Attempt = Verdict & {
  /** Of the connection that decided; empty when no step was run. */
  readonly transcript: Transcript;
  /** True if the target no longer answered the liveness probe after it. */
  readonly targetDied: boolean;
};

/** One copy of a scenario, whose connection stays open until it is released. */
interface CopyResult extends Held {
  readonly transcript: Transcript;
  readonly verdict: Verdict;
  readonly observation: Observation;
}

export class AttemptRunner {
  readonly #options: AttemptOptions;
  readonly #verdicts = new Map<string, Verdict>();
  /** Extended when the target becomes slower. */
  #deadlines: Deadlines;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#deadlines = options.preflight.deadlines;
  }

  /** Never rejects: a fault of the kit becomes the verdict 'error'. */
  async attempt(scenario: Scenario): Promise<Attempt> {
    const reason = this.reasonToSkip(scenario);
    const attempt: Attempt =
      reason === undefined ? await this.#attempt(scenario) : unplayed({ verdict: 'skipped', reason });
    this.#verdicts.set(scenario.id, attempt);
    return attempt;
  }

  /** Whether the last attempt of this scenario passed. */
  hasPassed(id: string | undefined): boolean {
    return id !== undefined && this.#verdicts.get(id)?.verdict === 'pass';
  }

  /** Why the scenario is skipped; undefined if it runs. */
  reasonToSkip(scenario: Scenario): string | undefined {
    const { preflight, store, storeProfile, process, slow, heavy } = this.#options;
    if (scenario.needs && preflight.profile.policy === 'rejects') return REJECTS_EVERYTHING;
    if (scenario.slow && !slow) return 'it waits for a timeout of the protocol; --slow runs it';
    if (scenario.heavy && !heavy) return 'it floods the target; --i-own-this-target runs it';
    if ((scenario.store || scenario.preloaded) && !store)
      return 'it reads the store; --tasks-dir names the directory';
    if (scenario.needs === 'keeping' && storeProfile?.received === 'not seen')
      return 'the target stored no file for an accepted task';
    if (scenario.preloaded && storeProfile?.planted !== 'noticed')
      return `a task that was put into the store was ${storeProfile?.planted}`;
    if (scenario.maxGrowth && !process) return 'it measures the process; --pid or --exec names the process';
    return undefined;
  }

  async #attempt(scenario: Scenario): Promise<Attempt> {
    try {
      const ids = this.#freshIds();
      const { store, process, timeScale, signal } = this.#options;
      for (const task of scenario.preloaded ?? []) await store?.preload(task, ({ slot }) => ids.of(slot));
      const watched =
        scenario.store &&
        store &&
        (await watchStore(store, scenario.store, accelerated(scenario, timeScale).storeAt));
      if (scenario.copies?.warmUp) (await this.#runCopies(scenario, this.#freshIds().of)).release();
      const bounds = process && scenario.maxGrowth;
      const growth = bounds && (await watchGrowth(process, bounds));
      if (bounds && !growth)
        return unplayed({ verdict: 'inconclusive', reason: 'the process could not be measured' });
      const background =
        scenario.background &&
        (await openBackground(
          this.#options.target,
          scenario.background,
          this.#connectionOptions(this.#freshIds().of),
        ));
      const decisive = await this.#runCopies(scenario, ids.of);
      const deadlines = this.#deadlines;
      // A successful probe shows that the target has accepted all earlier connections.
      if (growth) await this.#isAlive();
      const grown = (await growth?.mismatches(deadlines, signal)) ?? [];
      background?.release();
      const mismatches = [...((await watched?.mismatches({ ids, deadlines, signal })) ?? []), ...grown];
      decisive.release();
      const targetDied = !(await this.#isAlive());
      const { transcript, observation } = decisive;
      const verdict = targetDied
        ? judgeDeath(scenario, observation)
        : this.#applyControl(scenario, judgeSideEffects(decisive.verdict, scenario, observation, mismatches));
      return { ...verdict, transcript, targetDied };
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return unplayed({ verdict: 'error', reason });
    }
  }

  /** Runs every copy. The first that does not pass decides, otherwise the last. */
  async #runCopies(scenario: Scenario, idOf: IdOf): Promise<CopyResult> {
    const { steps } = accelerated(scenario, this.#options.timeScale);
    const { count, arrangement } = scenario.copies ?? { count: 1, arrangement: 'in-turn' };
    const runCopy = async (copy: number): Promise<CopyResult> => {
      const ids = copy === 0 ? idOf : this.#freshIds().of;
      const options = this.#connectionOptions(ids, scenario);
      const { transcript, release } = await runStepsAndHold(this.#options.target, steps, options);
      if (scenario.store === undefined) release();
      const observation = observe(transcript);
      return { transcript, release, observation, verdict: judgeObservation(scenario, observation, ids) };
    };
    let last = await runCopy(0);
    if (arrangement === 'at-once') {
      const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => runCopy(index + 1)));
      return [last, ...others].find(({ verdict }) => verdict.verdict !== 'pass') ?? last;
    }
    for (let copy = 1; copy < count && last.verdict.verdict === 'pass'; copy += 1) last = await runCopy(copy);
    return last;
  }

  #connectionOptions(idOf: IdOf, scenario?: Scenario): ConnectionOptions {
    const deadlines = this.#deadlines;
    const quietMs = scenario?.storeAt === 'answer' ? 0 : deadlines.quietMs;
    const options = { ...connectionOptions(deadlines, quietMs, idOf), signal: this.#options.signal };
    const awaitsSilence = scenario?.accept.some(({ kind }) => kind === 'silent') ?? false;
    return awaitsSilence
      ? { ...options, firstByteTimeoutMs: deadlines.quietMs, firstByteTimeoutIs: 'quiet' }
      : options;
  }

  #applyControl({ control }: Scenario, verdict: Verdict): Verdict {
    return control === undefined ? verdict : applyControl(verdict, control, this.#verdicts.get(control));
  }

  /** Whether the target behaves on a fresh connection as it did in the preflight. One late answer is tolerated. */
  async #isAlive(): Promise<boolean> {
    const { target, preflight, random, signal } = this.#options;
    const isAnswering = preflight.profile.answers;
    for (const answerMs of [this.#deadlines.answerMs, SECOND_PROBE_FACTOR * this.#deadlines.answerMs]) {
      const deadlines = { ...this.#deadlines, answerMs: isAnswering ? answerMs : 0 };
      const observation = await probe(target, { deadlines, newTaskId: () => newTaskId(random), signal });
      if (observation.answeredAfterMs !== undefined) this.#extendDeadlines(observation.answeredAfterMs);
      if (isAnswering ? observation.frames.length > 0 : observation.ending.kind !== 'connect-failed')
        return true;
    }
    return false;
  }

  #extendDeadlines(latencyMs: number): void {
    const { connectMs, answerMs } = deadlinesFor(latencyMs);
    if (answerMs > this.#deadlines.answerMs) this.#deadlines = { ...this.#deadlines, connectMs, answerMs };
  }

  #freshIds(): Ids {
    const bySlot = new Map<number, string>();
    const own = new Set<string>();
    const of = (slot: number): string => {
      const id = bySlot.get(slot) ?? newTaskId(this.#options.random);
      bySlot.set(slot, id);
      own.add(id);
      return id;
    };
    return { of, own };
  }
}

/** The waits of a slow scenario, shortened for a target whose clock runs `timeScale` times as fast as real time. */
function accelerated(scenario: Scenario, timeScale: number): Pick<Scenario, 'steps' | 'storeAt'> {
  const { steps, storeAt, slow } = scenario;
  if (!slow) return scenario;
  return {
    steps: steps.map((step) => (step.do === 'pause' ? { ...step, ms: step.ms / timeScale } : step)),
    ...(storeAt && { storeAt: storeAt === 'answer' ? storeAt : { afterMs: storeAt.afterMs / timeScale } }),
  };
}

/** An attempt without a transcript. */
function unplayed(verdict: Verdict): Attempt {
  return { ...verdict, transcript: [], targetDied: false };
}
