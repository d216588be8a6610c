/**
 * Plays one scenario against the target and judges what was seen: steps and company through the transport, store and
 * memory through the observers, then a liveness probe on a fresh connection.
 */

import { type Observation, observe } from '../judge/observe.ts';
import {
  contrast,
  type Judgement,
  judge,
  judgeBeside,
  judgeDeath,
  REJECTS_EVERYTHING,
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

/** One play of a scenario and the liveness probe behind it. */
export interface Trial {
  readonly scenario: Scenario;
  readonly judgement: Judgement | { readonly verdict: 'error'; readonly reason: string };
  /** Of the connection that decided. */
  readonly transcript: Transcript;
  readonly alive: boolean;
}

/** What was seen on one of a scenario's connections. */
interface Seen extends Held {
  readonly transcript: Transcript;
  readonly judgement: Judgement;
  readonly observation: Observation;
}

export class Player {
  readonly #options: PlayerOptions;
  readonly #judgements = new Map<string, Trial['judgement']>();
  /** A target that became slower is given more time than in the beginning. */
  #deadlines: Deadlines;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#deadlines = options.look.deadlines;
  }

  /** Never rejects: a fault of the kit is a verdict of its own. */
  async try(scenario: Scenario): Promise<Trial> {
    const reason = this.reasonToSkip(scenario);
    const trial: Trial =
      reason === undefined
        ? await this.#try(scenario)
        : { scenario, judgement: { verdict: 'skipped', reason }, transcript: [], alive: true };
    this.#judgements.set(scenario.id, trial.judgement);
    return trial;
  }

  /** Whether the last trial of this scenario was a pass. */
  hasPassed(id: string | undefined): boolean {
    return id !== undefined && this.#judgements.get(id)?.verdict === 'pass';
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

  async #try(scenario: Scenario): Promise<Trial> {
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
      if (bounds && !growth) return unseen(scenario);
      const company = scenario.company && (await this.#keepCompany(scenario.company));
      const seen = await this.#playCopies(scenario, ids.of);
      const deadlines = this.#deadlines;
      // Whoever answers a peer that came later has met those that came before.
      if (growth) await this.#isAlive();
      const grown = (await growth?.mismatches(deadlines, signal)) ?? [];
      company?.leave();
      const mismatches = [...((await watched?.mismatches({ ids, deadlines, signal })) ?? []), ...grown];
      seen.leave();
      const alive = await this.#isAlive();
      const besideWire = judgeBeside(seen.judgement, scenario, seen.observation, mismatches);
      const judgement = alive
        ? this.#besideControl(scenario, besideWire)
        : judgeDeath(scenario, seen.observation);
      return { scenario, judgement, transcript: seen.transcript, alive };
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { scenario, judgement: { verdict: 'error', reason }, transcript: [], alive: true };
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
      return { transcript, leave, observation, judgement: judge(scenario, observation, ids) };
    };
    let last = await playOne(0);
    if (arrangement === 'at-once') {
      const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => playOne(index + 1)));
      return [last, ...others].find(({ judgement }) => judgement.verdict !== 'pass') ?? last;
    }
    for (let copy = 1; copy < count && last.judgement.verdict === 'pass'; copy += 1)
      last = await playOne(copy);
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

  #besideControl(scenario: Scenario, judgement: Judgement): Judgement {
    if (scenario.control === undefined) return judgement;
    const control = this.#judgements.get(scenario.control);
    return contrast(
      judgement,
      scenario.control,
      control === undefined || control.verdict === 'error'
        ? { verdict: 'inconclusive', reason: 'it was not judged' }
        : control,
    );
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

/** Of a process that the system does not tell of. */
function unseen(scenario: Scenario): Trial {
  const reason = 'the process could not be looked at';
  return { scenario, judgement: { verdict: 'inconclusive', reason }, transcript: [], alive: true };
}
