/**
 * Plays one scenario against the target and judges what was seen: steps and company through the transport, store and
 * memory through the observers, then a liveness probe on a fresh connection.
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
  readonly preflight: Extract<Preflight, { reached: true }>;
  readonly store?: StoreObserver | undefined;
  /** What the target does with that store. */
  readonly storeProfile?: StoreProfile | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Fractions for task ids that can be repeated. */
  readonly random?: (() => number) | undefined;
  /** Play what waits for the protocol's timeouts. */
  readonly slow: boolean;
  /** Play what floods or exhausts. */
  readonly heavy: boolean;
  /** How many times as fast as ours the target's clock runs. */
  readonly timeScale: number;
  readonly signal?: AbortSignal | undefined;
}

/** How many times longer a liveness probe is waited for when the first stayed unanswered. */
const SECOND_PROBE_FACTOR = 3;

/** One attempt of a scenario: the verdict and what it rests on. */
export type Attempt = Verdict & {
  /** Of the connection that decided; empty when the scenario was not played. */
  readonly transcript: Transcript;
  /** True if the target no longer answered on a fresh connection afterwards. */
  readonly targetDied: boolean;
};

/** What was seen on one of a scenario's connections. */
interface CopyResult extends Held {
  readonly transcript: Transcript;
  readonly verdict: Verdict;
  readonly observation: Observation;
}

export class AttemptRunner {
  readonly #options: AttemptOptions;
  readonly #verdicts = new Map<string, Verdict>();
  /** A target that became slower is given more time than in the beginning. */
  #deadlines: Deadlines;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#deadlines = options.preflight.deadlines;
  }

  /** Never rejects: a fault of the kit is a verdict of its own. */
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

  /** Why it will not be played, if it will not be. */
  reasonToSkip(scenario: Scenario): string | undefined {
    const { preflight, store, storeProfile, process, slow, heavy } = this.#options;
    if (scenario.needs && preflight.profile.policy === 'rejects') return REJECTS_EVERYTHING;
    if (scenario.slow && !slow) return 'it waits for a timeout of the protocol; --slow plays it';
    if (scenario.heavy && !heavy) return 'it floods the target; --i-own-this-target plays it';
    if ((scenario.store || scenario.preloaded) && !store)
      return 'it looks at the store; --tasks-dir shows it';
    if (scenario.needs === 'keeping' && storeProfile?.received === 'not seen')
      return 'an accepted task left no file in the store';
    if (scenario.preloaded && storeProfile?.planted !== 'noticed')
      return `a task that was put into the store was ${storeProfile?.planted}`;
    if (scenario.maxGrowth && !process) return 'it looks at the process; --pid or --exec shows it';
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
        return unplayed({ verdict: 'inconclusive', reason: 'the process could not be looked at' });
      const company = scenario.background && (await this.#openBackground(scenario.background));
      const seen = await this.#runCopies(scenario, ids.of);
      const deadlines = this.#deadlines;
      // Whoever answers a peer that came later has met those that came before.
      if (growth) await this.#isAlive();
      const grown = (await growth?.mismatches(deadlines, signal)) ?? [];
      company?.release();
      const mismatches = [...((await watched?.mismatches({ ids, deadlines, signal })) ?? []), ...grown];
      seen.release();
      const targetDied = !(await this.#isAlive());
      const { transcript, observation } = seen;
      const verdict = targetDied
        ? judgeDeath(scenario, observation)
        : this.#applyControl(scenario, judgeSideEffects(seen.verdict, scenario, observation, mismatches));
      return { ...verdict, transcript, targetDied };
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return unplayed({ verdict: 'error', reason });
    }
  }

  /** Plays every copy; the first that does not pass decides, otherwise the last. */
  async #runCopies(scenario: Scenario, idOf: IdOf): Promise<CopyResult> {
    const { steps } = accelerated(scenario, this.#options.timeScale);
    const { count, arrangement } = scenario.copies ?? { count: 1, arrangement: 'in-turn' };
    const playOne = async (copy: number): Promise<CopyResult> => {
      const ids = copy === 0 ? idOf : this.#freshIds().of;
      const options = this.#connectionOptions(ids, scenario);
      const { transcript, release } = await runStepsAndHold(this.#options.target, steps, options);
      if (scenario.store === undefined) release();
      const observation = observe(transcript);
      return { transcript, release, observation, verdict: judgeObservation(scenario, observation, ids) };
    };
    let last = await playOne(0);
    if (arrangement === 'at-once') {
      const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => playOne(index + 1)));
      return [last, ...others].find(({ verdict }) => verdict.verdict !== 'pass') ?? last;
    }
    for (let copy = 1; copy < count && last.verdict.verdict === 'pass'; copy += 1) last = await playOne(copy);
    return last;
  }

  #openBackground({ count, steps }: NonNullable<Scenario['background']>): Promise<Held> {
    return openBackground(this.#options.target, count, steps, this.#connectionOptions(this.#freshIds().of));
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

  /** Does the target still do on a fresh connection what it did in the preflight? A late answer is waited for once more. */
  async #isAlive(): Promise<boolean> {
    const { target, preflight, random, signal } = this.#options;
    const isAnswering = preflight.profile.answers;
    for (const answerMs of [this.#deadlines.answerMs, SECOND_PROBE_FACTOR * this.#deadlines.answerMs]) {
      const deadlines = { ...this.#deadlines, answerMs: isAnswering ? answerMs : 0 };
      const seen = await probe(target, { deadlines, newTaskId: () => newTaskId(random), signal });
      if (seen.answeredAfterMs !== undefined) this.#extendDeadlines(seen.answeredAfterMs);
      if (isAnswering ? seen.frames.length > 0 : seen.ending.kind !== 'connect-failed') return true;
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

/** A scenario that waits for one of the protocol's timeouts, for a target whose clock runs so many times as fast. */
function accelerated(scenario: Scenario, timeScale: number): Pick<Scenario, 'steps' | 'storeAt'> {
  const { steps, storeAt, slow } = scenario;
  if (!slow) return scenario;
  return {
    steps: steps.map((step) => (step.do === 'pause' ? { ...step, ms: step.ms / timeScale } : step)),
    ...(storeAt && { storeAt: storeAt === 'answer' ? storeAt : { afterMs: storeAt.afterMs / timeScale } }),
  };
}

/** An attempt in which nothing was sent, or of which nothing is known. */
function unplayed(verdict: Verdict): Attempt {
  return { ...verdict, transcript: [], targetDied: false };
}
