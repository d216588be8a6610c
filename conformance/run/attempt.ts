/**
 * Plays one scenario against the target and judges what was seen: steps and company through the transport, store and
 * memory through the observers, then a liveness probe on a fresh connection.
 */

import { type Observation, observe } from '../judge/observe.ts';
import {
  contrast,
  judge,
  judgeBeside,
  judgeDeath,
  REJECTS_EVERYTHING,
  type Verdict,
} from '../judge/oracle.ts';
import type { ProcessObserver, StoreObserver } from '../observers/observer.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { newTaskId } from '../util/task-id.ts';
import type { Transcript } from '../wire/transcript.ts';
import { type Address, type Held, keepCompany, type PlayOptions, playAndStay } from '../wire/transport.ts';
import { watchGrowth } from './growth.ts';
import { type Deadlines, deadlinesFor, type Preflight, playOptions, probe } from './preflight.ts';
import type { StoreProfile } from './store-preflight.ts';
import { type IdOf, type Ids, watchStore } from './store-watch.ts';

export interface PlayerOptions {
  readonly target: Address;
  readonly look: Extract<Preflight, { reached: true }>;
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
const PATIENCE = 3;

/** One attempt of a scenario: the verdict and what it rests on. */
export type Attempt = Verdict & {
  /** Of the connection that decided; empty when the scenario was not played. */
  readonly transcript: Transcript;
  /** True if the target no longer answered on a fresh connection afterwards. */
  readonly targetDied: boolean;
};

/** What was seen on one of a scenario's connections. */
interface Seen extends Held {
  readonly transcript: Transcript;
  readonly verdict: Verdict;
  readonly observation: Observation;
}

export class Player {
  readonly #options: PlayerOptions;
  readonly #verdicts = new Map<string, Verdict>();
  /** A target that became slower is given more time than in the beginning. */
  #deadlines: Deadlines;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#deadlines = options.look.deadlines;
  }

  /** Never rejects: a fault of the kit is a verdict of its own. */
  async try(scenario: Scenario): Promise<Attempt> {
    const reason = this.reasonToSkip(scenario);
    const attempt: Attempt =
      reason === undefined ? await this.#try(scenario) : unplayed({ verdict: 'skipped', reason });
    this.#verdicts.set(scenario.id, attempt);
    return attempt;
  }

  /** Whether the last attempt of this scenario passed. */
  hasPassed(id: string | undefined): boolean {
    return id !== undefined && this.#verdicts.get(id)?.verdict === 'pass';
  }

  /** Why it will not be played, if it will not be. */
  reasonToSkip(scenario: Scenario): string | undefined {
    const { look, store, storeProfile, process, slow, heavy } = this.#options;
    if (scenario.needs && look.profile.policy === 'rejects') return REJECTS_EVERYTHING;
    if (scenario.slow && !slow) return 'it waits for a timeout of the protocol; --slow plays it';
    if (scenario.heavy && !heavy) return 'it floods the target; --i-own-this-target plays it';
    if ((scenario.store || scenario.planted) && !store) return 'it looks at the store; --tasks-dir shows it';
    if (scenario.needs === 'keeping' && storeProfile?.received === 'not seen')
      return 'an accepted task left no file in the store';
    if (scenario.planted && storeProfile?.planted !== 'noticed')
      return `a task that was put into the store was ${storeProfile?.planted}`;
    if (scenario.maxGrowth && !process) return 'it looks at the process; --pid or --exec shows it';
    return undefined;
  }

  async #try(scenario: Scenario): Promise<Attempt> {
    try {
      const ids = this.#freshIds();
      const { store, process, timeScale, signal } = this.#options;
      for (const task of scenario.planted ?? []) await store?.plant(task, ({ slot }) => ids.of(slot));
      const watched =
        scenario.store &&
        store &&
        (await watchStore(store, scenario.store, hastened(scenario, timeScale).storeAt));
      if (scenario.copies?.warmUp) (await this.#playCopies(scenario, this.#freshIds().of)).leave();
      const bounds = process && scenario.maxGrowth;
      const growth = bounds && (await watchGrowth(process, bounds));
      if (bounds && !growth)
        return unplayed({ verdict: 'inconclusive', reason: 'the process could not be looked at' });
      const company = scenario.company && (await this.#keepCompany(scenario.company));
      const seen = await this.#playCopies(scenario, ids.of);
      const deadlines = this.#deadlines;
      // Whoever answers a peer that came later has met those that came before.
      if (growth) await this.#isAlive();
      const grown = (await growth?.mismatches(deadlines, signal)) ?? [];
      company?.leave();
      const mismatches = [...((await watched?.mismatches({ ids, deadlines, signal })) ?? []), ...grown];
      seen.leave();
      const targetDied = !(await this.#isAlive());
      const { transcript, observation } = seen;
      const verdict = targetDied
        ? judgeDeath(scenario, observation)
        : this.#besideControl(scenario, judgeBeside(seen.verdict, scenario, observation, mismatches));
      return { ...verdict, transcript, targetDied };
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return unplayed({ verdict: 'error', reason });
    }
  }

  /** Plays every copy; the first that does not pass decides, otherwise the last. */
  async #playCopies(scenario: Scenario, idOf: IdOf): Promise<Seen> {
    const { steps } = hastened(scenario, this.#options.timeScale);
    const { count, arrangement } = scenario.copies ?? { count: 1, arrangement: 'in-turn' };
    const playOne = async (copy: number): Promise<Seen> => {
      const ids = copy === 0 ? idOf : this.#freshIds().of;
      const options = this.#playOptions(ids, scenario);
      const { transcript, leave } = await playAndStay(this.#options.target, steps, options);
      if (scenario.store === undefined) leave();
      const observation = observe(transcript);
      return { transcript, leave, observation, verdict: judge(scenario, observation, ids) };
    };
    let last = await playOne(0);
    if (arrangement === 'at-once') {
      const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => playOne(index + 1)));
      return [last, ...others].find(({ verdict }) => verdict.verdict !== 'pass') ?? last;
    }
    for (let copy = 1; copy < count && last.verdict.verdict === 'pass'; copy += 1) last = await playOne(copy);
    return last;
  }

  #keepCompany({ count, steps }: NonNullable<Scenario['company']>): Promise<Held> {
    return keepCompany(this.#options.target, count, steps, this.#playOptions(this.#freshIds().of));
  }

  #playOptions(idOf: IdOf, scenario?: Scenario): PlayOptions {
    const deadlines = this.#deadlines;
    const quietMs = scenario?.storeAt === 'answer' ? 0 : deadlines.quietMs;
    const options = { ...playOptions(deadlines, quietMs, idOf), signal: this.#options.signal };
    const awaitsSilence = scenario?.accept.some(({ kind }) => kind === 'silent') ?? false;
    return awaitsSilence ? { ...options, patienceMs: deadlines.quietMs, patienceEndsAs: 'quiet' } : options;
  }

  #besideControl({ control }: Scenario, verdict: Verdict): Verdict {
    return control === undefined ? verdict : contrast(verdict, control, this.#verdicts.get(control));
  }

  /** Does the target still do on a fresh connection what it did in the preflight? A late answer is waited for once more. */
  async #isAlive(): Promise<boolean> {
    const { target, look, random, signal } = this.#options;
    const isAnswering = look.profile.answers;
    for (const answerMs of [this.#deadlines.answerMs, PATIENCE * this.#deadlines.answerMs]) {
      const deadlines = { ...this.#deadlines, answerMs: isAnswering ? answerMs : 0 };
      const seen = await probe(target, { deadlines, newTaskId: () => newTaskId(random), signal });
      if (seen.answeredAfterMs !== undefined) this.#allow(seen.answeredAfterMs);
      if (isAnswering ? seen.frames.length > 0 : seen.ending.kind !== 'connect-failed') return true;
    }
    return false;
  }

  #allow(latencyMs: number): void {
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
function hastened(scenario: Scenario, timeScale: number): Pick<Scenario, 'steps' | 'storeAt'> {
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
